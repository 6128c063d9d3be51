"""Conservation (BYTE-12): together, members cannot have sent more than they received.

What they claim beyond that in a window, on a release that only members may
announce, is taken out of their credit and held until a person decides. Raw
values are weighed, so that free downloads weigh too; the rows stay as they are,
and a row of its own says what was held, or given back.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import F

from bottin.ledger.actions import take_lock, wait_for_lock
from bottin.ledger.errors import FlagUnknown, HoldDecided, HoldUnknown
from bottin.ledger.models import Balance, EntryKind, Flag, Hold, LedgerEntry, Transfer

TOLERANCE: Final = 1.05
SLACK_BYTES: Final = 64 * 2**20
AROUND: Final = timedelta(hours=1)

_HOLD: Final = f"""
WITH sent AS (
    SELECT user_id, release_id, sum(raw_up) AS up, sum(credited_up) AS credited
    FROM ledger_ledgerentry
    WHERE at >= %(begins)s AND at < %(ends)s AND kind = 'transfer' AND raw_up > 0
    GROUP BY user_id, release_id
), got AS (
    SELECT release_id, sum(raw_down) AS down FROM ledger_ledgerentry
    WHERE at >= %(earliest)s AND at < %(latest)s AND kind = 'transfer' AND raw_down > 0
    GROUP BY release_id
), weighed AS (
    SELECT release_id, sum(up) AS up, coalesce(max(down), 0) AS down,
           sum(up) - coalesce(max(down), 0) * {TOLERANCE} - {SLACK_BYTES} AS excess
    FROM sent LEFT JOIN got USING (release_id)
    GROUP BY release_id
)
INSERT INTO ledger_hold (
    user_id, release_id, begins_at, ends_at, raw_up, credited_up, detail, at, remark
)
SELECT s.user_id, release_id, %(begins)s, %(ends)s,
       floor(w.excess * s.up / w.up), floor(s.credited * w.excess / w.up),
       jsonb_build_object('sent_by_all', w.up::text, 'received_by_all', w.down::text,
                          'excess', floor(w.excess)::text, 'sent', s.up::text), now(), ''
FROM weighed w JOIN sent s USING (release_id)
LEFT JOIN tracker_listing l USING (release_id)
WHERE w.excess > 0 AND NOT coalesce(l.is_open, false)
ON CONFLICT (user_id, release_id, begins_at) DO NOTHING
RETURNING id
"""  # noqa: S608 - constants of this module


@transaction.atomic
def hold_excess(begins: datetime, ends: datetime) -> int:
    """Hold what members claim too much in a window; how many holds. Again, it changes nothing.

    A release that anyone may announce is left out: who downloads there without a
    key is not in the ledger. Raises LedgerRunsElsewhere.
    """
    with connection.cursor() as cursor:
        take_lock(cursor)
        around = {"earliest": begins - AROUND, "latest": ends + AROUND}
        cursor.execute(_HOLD, {"begins": begins, "ends": ends, **around})
        made = [row[0] for row in cursor.fetchall()]
    for hold in Hold.objects.filter(pk__in=made).order_by("user_id", "release_id"):
        _move(hold, EntryKind.HELD, -hold.credited_up)
    return len(made)


@transaction.atomic
def decide_hold(
    hold_id: int, *, by: int | None, at: datetime, gives_back: bool, remark: str
) -> Hold:
    """Give held credit back, or leave it held for good; by an account (None: an operator).

    Raises HoldUnknown, HoldDecided when somebody was first, LedgerRunsElsewhere
    when a batch is applied for longer than a person waits.
    """
    with connection.cursor() as cursor:
        wait_for_lock(cursor)
    hold = Hold.objects.select_for_update().filter(pk=hold_id).first()
    if hold is None:
        raise HoldUnknown(hold_id=hold_id)
    if hold.decided_at is not None:
        raise HoldDecided(hold_id=hold_id)
    hold.decided_at, hold.decided_by = at, by
    hold.is_given_back, hold.remark = gives_back, remark
    hold.save()
    if gives_back:
        _move(hold, EntryKind.GIVEN, hold.credited_up)
    return hold


@transaction.atomic
def resolve_flag(
    flag_id: int, *, by: int | None, at: datetime, is_fault: bool, remark: str
) -> Flag:
    """Close a flag that a person looked at; seen again, it is raised anew.

    `is_fault` is what that person found, for whoever looks at the next one: no
    credit moves. Raises FlagUnknown, also when somebody closed it first.
    """
    flag = Flag.objects.select_for_update().filter(pk=flag_id, resolved_at=None).first()
    if flag is None:
        raise FlagUnknown(flag_id=flag_id)
    flag.resolved_at, flag.resolved_by = at, by
    flag.is_fault, flag.remark = is_fault, remark
    flag.save()
    return flag


def _move(hold: Hold, kind: EntryKind, credited_up: int) -> None:
    who = {"user_id": hold.user_id, "release_id": hold.release_id}
    LedgerEntry.objects.create(kind=kind, credited_up=credited_up, **who)
    moved = F("credited_up") + credited_up
    Transfer.objects.filter(**who).update(credited_up=moved)
    Balance.objects.filter(user_id=hold.user_id).update(credited_up=moved)
