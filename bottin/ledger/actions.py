"""The one writer of credit: a batch of journal facts is applied whole, and once."""

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from bottin.ledger import statements
from bottin.ledger.errors import JournalGap, LedgerRunsElsewhere
from bottin.ledger.models import JournalPosition
from bottin.tracker import site
from bottin.tracker.actions import count_finished
from bottin.tracker.dataplane import LATE, Fact
from bottin.tracker.queries import releases_named

# One ledger at a time: the key of the advisory lock, "ledger" in ASCII.
LOCK_KEY: Final = 0x6C65_6467_6572
WAIT_S: Final = 5  # for a batch to end, when a person has decided
GRACE_S: Final = 300  # a gap in seeding counts up to the announce interval and this (C1)
LINE_RATE_MS: Final = 1_250_000  # bytes in a millisecond: 10 Gbit/s (BYTE-8)
_ELAPSED_MAX_MS: Final = 30 * 86_400_000
_INT64_MAX: Final = 2**63 - 1
_COPY_HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_END: Final = b"\xff\xff"
_TIME_MAX_MS: Final = 253_402_300_799_000  # the end of year 9999
_NAMELESS: Final = b" " * 8
_ROW: Final = struct.Struct(">h iq iq iq iq ih ih ih iq iq iq iq ih i8s")
WORTH_A_LOOK: Final = 16 * 2**20  # bytes sent to nobody before a person is asked to look


@transaction.atomic
def apply_batch(facts: Sequence[Fact], *, stream: str) -> int:
    """Apply consecutive facts of a journal stream, in one transaction; how many were new.

    Facts before the stream's position were applied already and are left out, so a
    batch may be handed in again, whole or in part. The first batch of a new stream
    says where it begins. Bytes are credited with the factors of each fact; a first
    fact of a session is its baseline and credits nothing (BYTE-1). A difference
    above the line rate is cut and flagged for a person, nothing else (BYTE-8, 11).

    Raises JournalGap when facts are missing, LedgerRunsElsewhere when another
    process is applying.
    """
    if not facts:
        return 0
    with connection.cursor() as cursor:
        take_lock(cursor)
        position = _position_of(stream, begins_at=facts[0].position)
        fresh = [fact for fact in facts if fact.position >= position]
        if not fresh:
            return 0
        _refuse_gap(fresh, position)
        _copy(cursor, _named(fresh))
        late = [fact.position for fact in fresh if fact.flags & LATE]
        if late:
            cursor.execute(statements.DROP_STRAY_LAST_WORDS, [late])
        _add_up(cursor, {"stream": stream, "end": fresh[-1].position + 1})
    return len(fresh)


@transaction.atomic
def accept_gap(stream: str, *, to: int) -> None:
    """Go on at position `to` although the facts before it are lost; for an operator's decision.

    What clients still running sent meanwhile comes back with their next counters;
    the last bytes of those that stopped do not. Raises LedgerRunsElsewhere.
    """
    with connection.cursor() as cursor:
        take_lock(cursor)
    JournalPosition.objects.update_or_create(stream=stream, defaults={"position": to})


def take_lock(cursor: CursorWrapper) -> None:
    """Be the one writer of credit until the transaction ends. Raises LedgerRunsElsewhere."""
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK_KEY])
    if cursor.fetchone() != (True,):
        raise LedgerRunsElsewhere


def wait_for_lock(cursor: CursorWrapper) -> None:
    """Be the one writer of credit once the batch at work has ended, for what a person decided.

    Raises LedgerRunsElsewhere after `WAIT_S`, and the transaction is of no more use.
    """
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{WAIT_S}s"])
    try:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
    except OperationalError as error:
        raise LedgerRunsElsewhere from error
    cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def _position_of(stream: str, *, begins_at: int) -> int:
    row, _ = JournalPosition.objects.select_for_update().get_or_create(
        stream=stream, defaults={"position": begins_at}
    )
    return row.position


def _refuse_gap(facts: Sequence[Fact], position: int) -> None:
    length = facts[-1].position - facts[0].position + 1
    if facts[0].position != position or length != len(facts):
        raise JournalGap(expected=position, found=facts[0].position)


def _named(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Find the releases of facts that name a hash only; what is not listed counts for nothing."""
    names = {fact.release_id for fact in facts if fact.release_id < 0}
    if not names:
        return facts
    found = releases_named(names)
    known = (f._replace(release_id=found.get(f.release_id, f.release_id)) for f in facts)
    return [fact for fact in known if fact.release_id >= 0]


@lru_cache(maxsize=4096)
def client_name(head: bytes) -> bytes:
    """Give the 8 bytes at the head of a peer id when they can be read, else spaces."""
    is_plain = len(head) == len(_NAMELESS) and all(0x21 <= byte < 0x7F for byte in head)  # noqa: PLR2004 - printable ASCII
    return head if is_plain else _NAMELESS


def _copy(cursor: CursorWrapper, facts: Sequence[Fact]) -> None:
    cursor.execute(statements.MAKE_TABLES)
    cursor.execute(statements.EMPTY_TABLES)
    pack = _ROW.pack
    rows = b"".join(
        [
            pack(
                13,
                *(8, f.position, 8, f.release_id, 8, f.user_id),
                *(8, f.session - 2**64 if f.session > _INT64_MAX else f.session),
                *(2, f.event, 2, f.up_quarters, 2, f.down_quarters),
                *(8, min(f.uploaded, _INT64_MAX), 8, min(f.downloaded, _INT64_MAX)),
                *(8, min(f.left, _INT64_MAX), 8, min(f.time_ms, _TIME_MAX_MS)),
                *(2, f.flags, 8, client_name(f.client)),
            )
            for f in facts
        ]
    )
    with cursor.copy(statements.COPY_FACTS) as copy:
        copy.write(_COPY_HEADER + rows + _COPY_END)


def _add_up(cursor: CursorWrapper, batch: dict[str, str | int]) -> None:
    limits = {
        "elapsed_max_ms": _ELAPSED_MAX_MS,
        "line_rate_ms": LINE_RATE_MS,
        "gap_max_s": site.longest_interval_s() + GRACE_S,
    }
    looks = {"worth_a_look": WORTH_A_LOOK}
    cursor.execute(statements.STEP, limits)
    cursor.execute(statements.RAISE_SESSIONS)
    cursor.execute(statements.FINISHED)
    finished: dict[int, int] = dict(cursor.fetchall())
    cursor.execute(statements.ADD_TRANSFERS)
    cursor.execute(statements.ADD_BALANCES)
    cursor.execute(statements.APPEND_ENTRIES, batch)
    cursor.execute(statements.RAISE_FLAGS, looks)
    count_finished(finished)
    cursor.execute(statements.ADVANCE, batch)
