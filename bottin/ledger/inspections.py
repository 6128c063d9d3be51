"""Looks over the ledger's rows for what a single batch cannot show (BYTE-11 to 13)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import connection, transaction

from bottin.ledger import holds, speeds
from bottin.ledger.models import FlagKind, Inspection

WINDOW: Final = timedelta(hours=6)
# A leecher reports when it has finished, its seeders up to an interval later: what was received
# in this time around a window stands against what was sent in it.
AROUND: Final = timedelta(hours=1)
SAME_AGAIN: Final = 5  # the same difference so many times in a day
SAME_AGAIN_BYTES: Final = 2**20
TIMES_THE_SIZE: Final = 1.5
GHOST_AFTER: Final = timedelta(days=1)
HEARD_WITHIN: Final = timedelta(hours=2)

# Seen again is what is new: an open flag with the same figures stays as it is.
_AGAIN: Final = """
ON CONFLICT (user_id, release_id, kind) WHERE resolved_at IS NULL
DO UPDATE SET at = excluded.at, detail = excluded.detail
    || jsonb_build_object('times', coalesce((f.detail->>'times')::int, 1) + 1)
WHERE excluded.at > f.at AND excluded.detail - 'times' IS DISTINCT FROM f.detail - 'times'
"""
_INTO: Final = "INSERT INTO ledger_flag AS f (user_id, release_id, kind, detail, at)"
# What a person judged is not raised again: the last flag of this kind that was closed.
_JUDGED: Final = """
LEFT JOIN LATERAL (
    SELECT resolved_at, detail FROM ledger_flag
    WHERE user_id = t.user_id AND release_id = t.release_id AND kind = '{}'
        AND resolved_at IS NOT NULL
    ORDER BY resolved_at DESC LIMIT 1
) judged ON true
"""

_SAME_AGAIN: Final = f"""
{_INTO}
SELECT user_id, release_id, '{FlagKind.SAME_AGAIN}',
       jsonb_build_object('uploaded_each_time', max(raw_up)::text, 'rows', max(rows), 'times', 1),
       max(at)
FROM (
    SELECT t.user_id, t.release_id, t.raw_up, count(*) AS rows, max(t.at) AS at
    FROM ledger_ledgerentry t {_JUDGED.format(FlagKind.SAME_AGAIN)}
    WHERE t.at > %(since)s AND t.at <= %(now)s AND t.kind = 'transfer'
        AND t.raw_up >= {SAME_AGAIN_BYTES}
        AND t.at > coalesce(judged.resolved_at, '-infinity')
    GROUP BY t.user_id, t.release_id, t.raw_up HAVING count(*) >= {SAME_AGAIN}
) same
GROUP BY user_id, release_id
{_AGAIN}
"""  # noqa: S608 - constants of this module
_TOO_MUCH_DOWN: Final = f"""
{_INTO}
SELECT t.user_id, t.release_id, '{FlagKind.TOO_MUCH_DOWN}',
       jsonb_build_object('downloaded', t.raw_down::text, 'size', l.size_bytes::text, 'times', 1),
       t.last_at
FROM ledger_transfer t JOIN tracker_listing l USING (release_id)
{_JUDGED.format(FlagKind.TOO_MUCH_DOWN)}
WHERE t.last_at > %(since)s AND l.size_bytes > 0
    AND t.raw_down - coalesce((judged.detail->>'downloaded')::numeric, 0)
        > {TIMES_THE_SIZE} * l.size_bytes
{_AGAIN}
"""  # noqa: S608 - constants of this module
_GHOSTS: Final = f"""
{_INTO}
SELECT t.user_id, t.release_id, '{FlagKind.GHOST_LEECHER}',
       jsonb_build_object('since', min(first_at)::text, 'left', max("left")::text,
                          'client', max(client), 'times', 1), %(now)s
FROM ledger_peersession t {_JUDGED.format(FlagKind.GHOST_LEECHER)}
WHERE is_running AND "left" > 0 AND uploaded = 0 AND downloaded = 0
    AND last_at > %(heard_since)s AND first_at < %(ghost_since)s
    AND first_at > coalesce(judged.resolved_at, '-infinity')
GROUP BY t.user_id, t.release_id
{_AGAIN}
"""  # noqa: S608 - constants of this module

log = structlog.get_logger(__name__)


def inspect(now: datetime) -> int:
    """Look over what came within a day; how many flags were raised, or raised again by more.

    Same differences again and again, more received than a release holds, clients
    that take peers for a day and move nothing. Nobody is punished: a flag is for a
    person to look at.
    """
    since = now - timedelta(days=1)
    values = {"now": now, "since": since}
    values |= {"heard_since": now - HEARD_WITHIN, "ghost_since": now - GHOST_AFTER}
    raised = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (_SAME_AGAIN, _TOO_MUCH_DOWN, _GHOSTS):
            cursor.execute(statement, values)
            raised += cursor.rowcount
    return raised


def weigh(now: datetime) -> int:
    """Weigh each window that has closed since the last time; how many holds were made.

    The first call begins with the window that closed last. Raises
    LedgerRunsElsewhere while a batch is applied.
    """
    return _each_closed("windows", now, holds.hold_excess)


def compare(now: datetime) -> int:
    """Compare who sent how much in each window that has closed since; how many flags."""
    return _each_closed("speeds", now, speeds.flag_unusual)


def _each_closed(name: str, now: datetime, look: Callable[[datetime, datetime], int]) -> int:
    closed = window_before(now - AROUND)
    row, _ = Inspection.objects.get_or_create(name=name, defaults={"until": closed - WINDOW})
    found = 0
    while row.until < closed:
        with transaction.atomic():
            found += look(row.until, row.until + WINDOW)
            row.until += WINDOW
            row.save()
    return found


def window_before(at: datetime) -> datetime:
    """Give the end of the last window that had closed by then; windows begin at midnight UTC."""
    seconds = int(WINDOW.total_seconds())
    return at - timedelta(seconds=at.timestamp() % seconds)
