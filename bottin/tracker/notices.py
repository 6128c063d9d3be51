"""Why is my torrent not counted? What clients were refused or warned of, kept for pages."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Sum

from bottin.tracker import clients
from bottin.tracker.dataplane import Notice
from bottin.tracker.models import AnnounceNotice, NoticeTotal

KEEP: Final = timedelta(days=30)
MOST_OF_ONE: Final = 20
_MOST_TOTALS: Final = 1_000

_UPSERT: Final = """
INSERT INTO tracker_announcenotice AS n (
    user_id, code, subject, times, first_at, last_at, client, flags
)
SELECT user_id, code, subject, times, at, at, client, flags
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::int[], %s::timestamptz[], %s::text[],
            %s::int[]) AS told (user_id, code, subject, times, at, client, flags)
ON CONFLICT (user_id, code, subject) DO UPDATE SET
    times = least(n.times::bigint + excluded.times, 2147483647),
    last_at = excluded.last_at, client = excluded.client, flags = excluded.flags
"""
_FORGET_MORE: Final = f"""
DELETE FROM tracker_announcenotice n USING (
    SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY last_at DESC, id DESC) AS place
    FROM tracker_announcenotice WHERE user_id = ANY(%s)
) ranked
WHERE ranked.id = n.id AND ranked.place > {MOST_OF_ONE}
"""  # noqa: S608 - constants of this module
_TOTALS: Final = """
INSERT INTO tracker_noticetotal AS t (day, code, make, times)
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::bigint[])
ON CONFLICT (day, code, make) DO UPDATE SET times = t.times + excluded.times
"""


@transaction.atomic
def store_notices(told: Iterable[Notice], *, at: datetime) -> int:
    """Keep what members' clients were told, and count what anybody's were; how many kinds."""
    rows = _merged(told)
    own = sorted((n for n in rows if n.user_id), key=lambda n: (n.user_id, n.code, n.subject))
    totals: Counter[tuple[str, str]] = Counter()
    for notice in rows:
        totals[notice.code, clients.make_of(_head(notice))] += notice.times
    with connection.cursor() as cursor:
        if own:
            cursor.execute(_UPSERT, _columns(own))
            cursor.execute(_FORGET_MORE, [list({notice.user_id for notice in own})])
        if totals:
            codes, makes, times = zip(*((*k, v) for k, v in sorted(totals.items())), strict=True)
            cursor.execute(_TOTALS, [at.date(), list(codes), list(makes), list(times)])
    return len(rows)


def forget_notices(*, before: datetime) -> int:
    """Delete what was last told before, and the totals of days before; how many notices."""
    NoticeTotal.objects.filter(day__lt=before.date()).delete()
    return AnnounceNotice.objects.filter(last_at__lt=before).delete()[0]


@dataclass(frozen=True, slots=True)
class MemberNotice:
    """What a member's client was told: `release_id` None where the torrent is not listed here."""

    code: str
    release_id: int | None
    times: int
    first_at: datetime
    last_at: datetime
    client: str
    protocol: str
    family: str
    head: str = ""  # of the peer id, "-qB4650-"; "" when it names no client


def notices_of(user_id: int) -> list[MemberNotice]:
    """List what a member's clients were refused or warned of, the latest first. One query."""
    rows = AnnounceNotice.objects.filter(user_id=user_id).order_by("-last_at", "-pk")
    return [
        MemberNotice(
            row.code,
            row.subject if row.subject > 0 else None,
            row.times,
            row.first_at,
            row.last_at,
            clients.shown(row.client),
            *clients.way_of(row.flags),
            head=row.client,
        )
        for row in rows[:MOST_OF_ONE]
    ]


@dataclass(frozen=True, slots=True)
class Total:
    """How often clients of a make were told something; `make` "" for unreadable peer ids."""

    code: str
    make: str
    times: int


def totals(*, since: date) -> list[Total]:
    """Add up what clients were told since a day, the most frequent first. One query, for staff.

    Strangers choose what make they claim: the rarest beyond a thousand lines are left out.
    """
    rows = (
        NoticeTotal.objects.filter(day__gte=since)
        .values_list("code", "make")
        .annotate(sum=Sum("times"))
        .order_by("-sum", "code", "make")[:_MOST_TOTALS]
    )
    return [Total(code, clients.MAKES.get(make, make), times) for code, make, times in rows]


def times_by_make(code: str, *, since: date) -> dict[str, int]:
    """Add up how often clients of each make were told this since a day. One query, for staff.

    A make is two letters, "" for peer ids without; the rarest beyond a thousand are left out.
    """
    rows = NoticeTotal.objects.filter(day__gte=since, code=code).values_list("make")
    summed = rows.annotate(sum=Sum("times")).order_by("-sum", "make")[:_MOST_TOTALS]
    return {make: int(times) for make, times in summed}


@dataclass(frozen=True, slots=True)
class DayOfNotices:
    """How often clients were told something on a day of UTC."""

    day: date
    times: int


def by_day(days: int, *, today: date) -> list[DayOfNotices]:
    """Add up each of the last `days` days, oldest first; quiet ones are zeros. One query."""
    first = today - timedelta(days=days - 1)
    rows = NoticeTotal.objects.filter(day__gte=first).values_list("day").annotate(sum=Sum("times"))
    found = {day: int(times) for day, times in rows}
    spans = (first + timedelta(days=passed) for passed in range(days))
    return [DayOfNotices(day, found.get(day, 0)) for day in spans]


def _merged(told: Iterable[Notice]) -> list[Notice]:
    found: dict[tuple[int, str, int, bytes], Notice] = {}
    for notice in told:
        # Strangers' are told apart by client, members' by torrent.
        apart = b"" if notice.user_id else notice.client
        key = (notice.user_id, notice.code, notice.subject if notice.user_id else 0, apart)
        times = notice.times + (found[key].times if key in found else 0)
        found[key] = notice._replace(times=times)
    return list(found.values())


def _head(notice: Notice) -> str:
    return notice.client.decode("ascii", "replace") if notice.client.isascii() else ""


def _columns(own: Sequence[Notice]) -> list[list[object]]:
    return [
        [notice.user_id for notice in own],
        [notice.code for notice in own],
        [notice.subject for notice in own],
        [min(notice.times, 2**31 - 1) for notice in own],
        [datetime.fromtimestamp(notice.time_ms / 1000, UTC) for notice in own],
        [clients.shown(_head(notice)) and _head(notice) for notice in own],
        [notice.flags for notice in own],
    ]
