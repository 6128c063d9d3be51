"""Keeps the data plane's policy equal to the database: a snapshot, then each change as it commits.

What was read before is remembered as what PostgreSQL's snapshot saw, so the next
reading takes exactly the rows that became visible since, in whatever order
their transactions ended. Rows name subjects; their state of the moment is sent.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog
from django.db import connection, transaction

from bottin.tracker import snapshot
from bottin.tracker.dataplane import PolicyChange
from bottin.tracker.models import OutboxKind
from bottin.tracker.outbox import CHANNEL
from bottin.tracker.second_gate import SecondGate
from bottin.tracker.snapshot import Visible

if TYPE_CHECKING:
    from psycopg import Cursor

POLL_S: Final = 1.0
# After that long apart, rows of the outbox may be gone (see tasks.KEEP): begin anew.
STALE_S: Final = 3600.0
_SUBJECTS: Final = 20_000

_NEWS: Final = """
SELECT id, kind, subject_id, info_hash FROM tracker_outbox
WHERE transaction_id >= %s OR transaction_id = ANY(%s)
ORDER BY id
"""

log = structlog.get_logger(__name__)


class Policy(Protocol):
    """What the follower needs of the data plane; a fake in tests keeps to it."""

    def begin(self) -> None:
        """Begin a snapshot, and forget one that was not committed."""

    def load(self, part: PolicyChange) -> None:
        """Add to the snapshot being built."""

    def commit(self, sequence: int) -> None:
        """Put the snapshot in force."""

    def apply(self, sequence: int, change: PolicyChange) -> None:
        """Put changes in force before returning."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far the policy follows: the highest outbox row, and the database's time of reading."""

    sequence: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _News:
    releases: list[int]
    accounts: list[int]
    hashes: list[bytes]
    has_clients: bool

    @classmethod
    def of(cls, rows: Sequence[tuple[Any, ...]]) -> "_News":
        named = {kind: dict.fromkeys(_subjects(rows, kind)) for kind in OutboxKind}
        hashes = [*named[OutboxKind.DENIED], *named[OutboxKind.PERMITTED]]
        return cls(
            list(named[OutboxKind.LISTING]),
            list(named[OutboxKind.ACCOUNT]),
            list(dict.fromkeys(hashes)),
            bool(named[OutboxKind.CLIENTS]),
        )


class Follower:
    """Follows the outbox on the calling thread's database connection."""

    def __init__(self, policy: Policy, gate: SecondGate) -> None:
        self._policy = policy
        self._gate = gate
        self._seen: Visible | None = None
        self._position: Position | None = None
        self._synced_at = 0.0

    @property
    def position(self) -> Position | None:
        """How far the policy follows; None before the first `follow`."""
        return self._position

    def follow(self) -> bool:
        """Bring the policy up to date; whether anything changed.

        The first call, and one after a long time apart or on another database,
        loads everything anew. Raises DatabaseError while there is no database,
        OSError when the denied list cannot be written: nothing is forgotten, the
        next call goes on.
        """
        if self._is_apart_for_long():
            self._seen = None
        has_news = self._load() if self._seen is None else self._apply_news(self._seen)
        self._gate.save()
        self._synced_at = time.monotonic()
        return has_news

    def wait(self, timeout_s: float = POLL_S) -> None:
        """Wait for a notification, `timeout_s` at most. Raises DatabaseError."""
        connection.ensure_connection()
        with connection.wrap_database_errors:
            for _ in connection.connection.notifies(timeout=timeout_s, stop_after=1):
                return

    def listen(self) -> None:
        """Ask for notifications on this connection; again after each reconnection."""
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")

    @property
    def _sequence(self) -> int:
        return self._position.sequence if self._position else 0

    def _is_apart_for_long(self) -> bool:
        return self._seen is not None and time.monotonic() - self._synced_at > STALE_S

    def _load(self) -> bool:
        began = time.monotonic()
        self._policy.begin()
        with _one_view() as cursor:
            at, seen, sequence = _time(cursor), Visible.now(cursor), _top(cursor)
            denied = snapshot.read_denied(cursor)
            self._policy.load(PolicyChange(clients=snapshot.read_clients(cursor)))
            for block in snapshot.read_all(cursor):
                self._policy.load(block)
        # A hash that only the file knows stays denied: the database may be older than the file.
        self._gate.change(deny=denied.denied, permit=denied.lifted)
        self._policy.load(PolicyChange(denied=b"".join(self._gate.denied)))
        self._policy.commit(sequence)
        self._seen, self._position = seen, Position(sequence, at)
        took_s = round(time.monotonic() - began, 3)
        log.info("policy.loaded", sequence=sequence, took_s=took_s)
        return True

    def _apply_news(self, seen: Visible) -> bool:
        with _one_view() as cursor:
            at, now_seen = _time(cursor), Visible.now(cursor)
            rows = cursor.execute(_NEWS, [seen.top, list(seen.running)]).fetchall()
            parts = [self._read(cursor, part) for part in _parts(rows)]
        if now_seen.top < seen.top:  # another database, or one restored from a backup
            return self._load()
        sequence = max([self._sequence, *(row[0] for row in rows)])
        for part, denied in parts:
            self._policy.apply(sequence, part)
            self._gate.change(deny=denied.denied, permit=denied.lifted)
        self._seen, self._position = now_seen, Position(sequence, at)
        return bool(rows)

    def _read(
        self, cursor: "Cursor[tuple[Any, ...]]", news: _News
    ) -> tuple[PolicyChange, snapshot.Denied]:
        named = snapshot.read_denied(cursor, news.hashes)
        # A row that is gone altogether: nothing denies that hash any more.
        gone = set(news.hashes) - named.denied - named.lifted
        denied = snapshot.Denied(named.denied, named.lifted | gone)
        change = PolicyChange(
            releases=snapshot.read_releases(cursor, news.releases),
            accounts=snapshot.read_accounts(cursor, news.accounts),
            denied=b"".join(denied.denied),
            permitted=b"".join(denied.lifted),
            clients=snapshot.read_clients(cursor) if news.has_clients else None,
        )
        return change, denied


@contextmanager
def _one_view() -> Iterator["Cursor[tuple[Any, ...]]"]:
    """Open a transaction whose statements all see the same, and a cursor for binary rows."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with connection.wrap_database_errors, snapshot.binary_cursor(connection.connection) as raw:
            yield raw


def _time(cursor: "Cursor[tuple[Any, ...]]") -> datetime:
    """Read the database's clock as the view opens: what had committed by then is in it."""
    # The first statement: PostgreSQL notes when it arrived, then takes the snapshot.
    row = cursor.execute("SELECT statement_timestamp()").fetchone()
    if row is None:
        raise RuntimeError("PostgreSQL gave no row")
    at: datetime = row[0]
    return at


def _top(cursor: "Cursor[tuple[Any, ...]]") -> int:
    row = cursor.execute("SELECT max(id) FROM tracker_outbox").fetchone()
    return (row[0] or 0) if row else 0


def _parts(rows: Sequence[tuple[Any, ...]]) -> Iterable[_News]:
    return (_News.of(rows[i : i + _SUBJECTS]) for i in range(0, len(rows), _SUBJECTS))


def _subjects(rows: Sequence[tuple[Any, ...]], kind: OutboxKind) -> Iterator[Any]:
    for _, row_kind, subject_id, info_hash in rows:
        if row_kind == kind:
            yield subject_id if info_hash is None else bytes(info_hash)
