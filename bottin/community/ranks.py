"""Works out ranks, needs and tallies from the facts: one statement each, in the worker."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from bottin.community.models import Chart, Need, Rank, Span, Tally
from bottin.community.rules import FRESH, SCORE_SQL, SEEDERS_ENOUGH, UNIQUE_POINTS

NEEDS_KEPT: Final = 10_000
PLACES: Final = 100
RISING_D: Final = 2
# A promise that no client has kept for so long counts as one still to be kept.
PROMISE_IDLE: Final = timedelta(days=1)

DAYS: Final[dict[Span, int]] = {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 30, Span.YEAR: 365}
SHORT: Final = (Span.DAY, Span.WEEK, Span.MONTH)
LONG: Final = (Span.YEAR, Span.ALL)

_NEEDS: Final = f"""
WITH scored AS (
    SELECT r.id, r.size_bytes, r.content_digest, coalesce(c.seeders, 0) AS seeders,
        coalesce(c.leechers, 0) AS leechers, coalesce(c.completed, 0) AS completed,
        coalesce(p.promised, 0) AS promised, {SCORE_SQL} AS score
    FROM catalog_release r
    LEFT JOIN tracker_swarmcount c ON c.release_id = r.id
    LEFT JOIN (
        SELECT release_id, count(*) AS promised FROM community_pledge
        WHERE ended_at IS NULL AND (kept_at IS NULL OR kept_at < %(idle)s) GROUP BY release_id
    ) p ON p.release_id = r.id
    WHERE r.state = 'published' AND r.published_at < %(ripe)s
        AND coalesce(c.seeders, 0) < %(enough)s
    ORDER BY score DESC LIMIT %(kept)s
), alone AS (
    SELECT scored.*, NOT EXISTS (
        SELECT 1 FROM catalog_release o WHERE o.content_digest = scored.content_digest
            AND o.id <> scored.id AND o.state = 'published'
    ) AS is_unique FROM scored
)
INSERT INTO community_need (
    release_id, score, seeders, leechers, completed, promised, size_bytes, is_unique, at
)
SELECT id, score + CASE WHEN is_unique THEN %(unique)s ELSE 0 END, seeders, leechers, completed,
    promised, size_bytes, is_unique, %(at)s FROM alone
"""  # noqa: S608 - our own constant

# What a release had before a day; one that is older than its history had what the first row says.
_BEFORE: Final = """
LEFT JOIN LATERAL (
    SELECT d.seeders + d.leechers AS peers, d.completed FROM tracker_swarmday d
    WHERE d.release_id = c.release_id AND d.day < %(start)s ORDER BY d.day DESC LIMIT 1
) before ON true
LEFT JOIN LATERAL (
    SELECT d.completed FROM tracker_swarmday d
    WHERE d.release_id = c.release_id AND d.day >= %(start)s ORDER BY d.day LIMIT 1
) first ON before.completed IS NULL AND r.published_at < %(start)s
"""
_FROM: Final = "FROM tracker_swarmcount c JOIN catalog_release r ON r.id = c.release_id"
_FINISHED: Final = "c.completed - coalesce(before.completed, first.completed, 0)"

# Over long times only the 2,000 largest swarms of today are looked at: the history is long too.
_VALUES: Final[dict[tuple[Chart, bool], str]] = {
    (Chart.RISING, False): f"""
        SELECT c.release_id, c.seeders + c.leechers - coalesce(before.peers, 0)
            + 2 * ({_FINISHED}) AS value {_FROM} {_BEFORE}
        WHERE r.state = 'published' AND (c.seeders > 0 OR c.leechers > 0 OR c.completed > 0)
    """,
    (Chart.COMPLETED, False): f"""
        SELECT c.release_id, {_FINISHED} AS value {_FROM} {_BEFORE}
        WHERE r.state = 'published' AND c.completed > 0
    """,
    (Chart.COMPLETED, True): f"""
        SELECT c.release_id, c.completed AS value {_FROM}
        WHERE r.state = 'published' AND c.completed > 0
    """,
    # The largest of both lists hold the largest of all, with room for what is not published.
    (Chart.SEEDERS, False): """
        SELECT s.release_id, max(s.value) AS value FROM (
            (SELECT release_id, seeders AS value FROM tracker_swarmcount WHERE seeders > 0
                ORDER BY seeders DESC, release_id DESC LIMIT 500)
            UNION ALL
            (SELECT release_id, max(seeders) FROM tracker_swarmday WHERE day >= %(start)s
                GROUP BY release_id ORDER BY max(seeders) DESC, release_id DESC LIMIT 500)
        ) s JOIN catalog_release r ON r.id = s.release_id
        WHERE r.state = 'published' GROUP BY s.release_id
    """,
    (Chart.SEEDERS, True): """
        SELECT c.release_id, greatest(c.seeders, max(d.seeders)) AS value
        FROM (SELECT * FROM tracker_swarmcount WHERE seeders > 0
            ORDER BY seeders DESC, release_id DESC LIMIT 2000) c
        JOIN catalog_release r ON r.id = c.release_id
        LEFT JOIN tracker_swarmday d ON d.release_id = c.release_id AND d.day >= %(start)s
        WHERE r.state = 'published' GROUP BY c.release_id, c.seeders
    """,
    (Chart.NEW, False): """
        SELECT r.id AS release_id, coalesce(c.completed, 0) + coalesce(c.seeders, 0) AS value
        FROM catalog_release r LEFT JOIN tracker_swarmcount c ON c.release_id = r.id
        WHERE r.state = 'published' AND r.published_at >= %(start)s
    """,
}

_TALLIES: Final = """
INSERT INTO community_tally (kind, key, listed)
SELECT 'licence', licence_id, count(*) FROM catalog_release
    WHERE state = 'published' AND licence_id IS NOT NULL GROUP BY licence_id
UNION ALL
SELECT 'language', language, count(*) FROM catalog_release
    WHERE state = 'published' AND language <> '' GROUP BY language
UNION ALL
(SELECT 'publisher', a.name, count(*) FROM catalog_release r
    JOIN accounts_account a ON a.id = r.publisher_id
    WHERE r.state = 'published' GROUP BY a.name ORDER BY count(*) DESC, a.name LIMIT 500)
"""


def refresh_needs(*, at: datetime) -> int:
    """Score every published release, keep the neediest; how many. Readers never see it empty."""
    given: dict[str, datetime | int] = {
        "at": at,
        "idle": at - PROMISE_IDLE,
        "ripe": at - FRESH,
        "enough": SEEDERS_ENOUGH,
        "kept": NEEDS_KEPT,
        "unique": UNIQUE_POINTS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        Need.objects.all().delete()
        cursor.execute(_NEEDS, given)
        return int(cursor.rowcount)


def refresh_charts(spans: tuple[Span, ...], *, at: datetime) -> None:
    """Work the lists of the best out anew; `RISING` belongs to the day."""
    for span in spans:
        for chart in Chart:
            if chart is not Chart.RISING or span is Span.DAY:
                _refresh(chart, span, at)


def refresh_tallies() -> None:
    """Count the published releases by licence, language and publisher."""
    with transaction.atomic(), connection.cursor() as cursor:
        Tally.objects.all().delete()
        cursor.execute(_TALLIES)


def _refresh(chart: Chart, span: Span, at: datetime) -> None:
    values = _values(chart, span)
    days = RISING_D if chart is Chart.RISING else DAYS.get(span, 36_500)
    start = timezone.localdate(at) - timedelta(days=days - 1)
    begin = at - timedelta(days=days) if chart is Chart.NEW else start
    with transaction.atomic(), connection.cursor() as cursor:
        Rank.objects.filter(chart=chart, span=span).delete()
        cursor.execute(
            "INSERT INTO community_rank (chart, span, place, release_id, value)"  # noqa: S608
            " SELECT %(chart)s, %(span)s, row_number() OVER (ORDER BY value DESC, release_id DESC),"
            f" release_id, value FROM ({values}) v WHERE value > 0"
            " ORDER BY value DESC, release_id DESC LIMIT %(places)s",
            {"chart": chart, "span": span, "start": begin, "places": PLACES},
        )


def _values(chart: Chart, span: Span) -> str:
    is_long = span is Span.ALL if chart is Chart.COMPLETED else span in LONG
    return _VALUES.get((chart, is_long)) or _VALUES[chart, False]
