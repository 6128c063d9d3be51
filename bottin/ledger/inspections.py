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

_AGAIN: Final = """
DO UPDATE SET at = excluded.at, detail = excluded.detail
    || jsonb_build_object('times', coalesce((f.detail->>'times')::int, 1) + 1)
"""
_INTO: Final = "INSERT INTO ledger_flag AS f (user_id, release_id, kind, detail, at)"
_ONCE: Final = "ON CONFLICT (user_id, release_id, kind) WHERE resolved_at IS NULL"

_SAME_AGAIN: Final = f"""
{_INTO}
SELECT user_id, release_id, '{FlagKind.SAME_AGAIN}',
       jsonb_build_object('uploaded_each_time', max(raw_up)::text, 'rows', max(rows), 'times', 1),
       %(now)s
FROM (
    SELECT user_id, release_id, raw_up, count(*) AS rows FROM ledger_ledgerentry
    WHERE at > %(since)s AND at <= %(now)s AND kind = 'transfer' AND raw_up >= {SAME_AGAIN_BYTES}
    GROUP BY user_id, release_id, raw_up HAVING count(*) >= {SAME_AGAIN}
) same
GROUP BY user_id, release_id
{_ONCE} {_AGAIN}
"""  # noqa: S608 - constants of this module
_TOO_MUCH_DOWN: Final = f"""
{_INTO}
SELECT t.user_id, t.release_id, '{FlagKind.TOO_MUCH_DOWN}',
       jsonb_build_object('downloaded', t.raw_down::text, 'size', l.size_bytes::text, 'times', 1),
       %(now)s
FROM ledger_transfer t JOIN tracker_listing l USING (release_id)
WHERE t.last_at > %(since)s AND l.size_bytes > 0 AND t.raw_down > {TIMES_THE_SIZE} * l.size_bytes
{_ONCE} {_AGAIN}
"""  # noqa: S608 - constants of this module
_GHOSTS: Final = f"""
{_INTO}
SELECT user_id, release_id, '{FlagKind.GHOST_LEECHER}',
       jsonb_build_object('since', min(first_at)::text, 'left', max("left")::text,
                          'client', max(client), 'times', 1), %(now)s
FROM ledger_peersession
WHERE is_running AND "left" > 0 AND uploaded = 0 AND downloaded = 0
    AND last_at > %(heard_since)s AND first_at < %(ghost_since)s
GROUP BY user_id, release_id
{_ONCE} {_AGAIN}
"""  # noqa: S608 - constants of this module

log = structlog.get_logger(__name__)


def inspect(now: datetime) -> int:
    """Look over what came since the last time; how many flags were raised or raised again.

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
