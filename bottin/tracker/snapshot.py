"""Packs policy records: PostgreSQL writes the bytes, so that Python only moves blocks."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from psycopg import Cursor
from psycopg.pq import Format

from bottin.tracker import site
from bottin.tracker.dataplane import (
    FORGOTTEN,
    MAY_ANNOUNCE,
    MAY_LEECH,
    AccountRecord,
    AccountState,
    ClientRecord,
    PolicyChange,
    ReleaseRecord,
    packed,
)

if TYPE_CHECKING:
    from psycopg import Connection

CHUNK: Final = 50_000
_RIGHTS: Final = MAY_ANNOUNCE | MAY_LEECH

# The layout is that of ReleaseRecord and AccountRecord; a test holds both to it. Small
# fields are joined as one integer first: each `||` copies all that is on its left. Every
# shift is in parentheses: `<<` and `|` bind alike in PostgreSQL.
_RELEASE: Final = r"""
    int4send(l.release_id::int)
    || coalesce(l.info_hash_v1, '\x0000000000000000000000000000000000000000'::bytea)
    || coalesce(l.info_hash_v2,
        '\x0000000000000000000000000000000000000000000000000000000000000000'::bytea)
    || int8send(
        (((l.state::bigint << 24) | (l.is_open::int << 16)
        | (least(l.up_quarters, 15)::int << 8) | least(l.down_quarters, 15)::int) << 32)
        | coalesce(c.completed_open, 0))
    || int4send(coalesce(c.completed - c.completed_open, 0))
"""
_ACCOUNT: Final = f"""
    int8send(a.id)
    || int8send((a.key_version::bigint << 48) | (a.previous_key_version::bigint << 32))
    || int8send(
        CASE WHEN a.key_grace_until IS NULL THEN 0
             ELSE (extract(epoch FROM a.key_grace_until)::bigint << 32) END
        | CASE WHEN a.state = 'active' AND a.is_active THEN {_RIGHTS << 16}
               WHEN a.state = 'closed' THEN {AccountState.GONE << 24}
               ELSE {AccountState.SUSPENDED << 24} END
        | CASE WHEN a.language LIKE 'en%%' THEN 256 ELSE 0 END | {site.MAX_LOCATIONS})
"""
# Both sides in the order of their keys and from the same place: a merge that ends with the
# block. Joined to the whole table, each block would read all counts there are.
_RELEASES_FROM: Final = f"""
WITH place AS (SELECT %s::bigint AS last)
SELECT string_agg({_RELEASE}, ''), max(l.release_id)
FROM (SELECT * FROM tracker_listing WHERE release_id > (SELECT last FROM place)
      ORDER BY release_id LIMIT {CHUNK}) l
LEFT JOIN (SELECT * FROM tracker_swarmcount WHERE release_id > (SELECT last FROM place)
           ORDER BY release_id) c USING (release_id)
"""  # noqa: S608 - constants of this module
_ACCOUNTS_FROM: Final = f"""
SELECT string_agg({_ACCOUNT}, ''), max(a.id)
FROM (SELECT * FROM accounts_account WHERE id > %s ORDER BY id LIMIT {CHUNK}) a
"""  # noqa: S608 - constants of this module
_RELEASES_NAMED: Final = f"""
SELECT string_agg({_RELEASE}, ''), array_agg(release_id)
FROM tracker_listing l LEFT JOIN tracker_swarmcount c USING (release_id)
WHERE release_id = ANY(%s)
"""  # noqa: S608 - constants of this module
_ACCOUNTS_NAMED: Final = f"""
SELECT string_agg({_ACCOUNT}, ''), array_agg(a.id) FROM accounts_account a WHERE a.id = ANY(%s)
"""  # noqa: S608 - constants of this module
_CLIENTS: Final = "SELECT head, welcome::int, reason FROM tracker_clientrule ORDER BY head"
_DENIED: Final = "SELECT info_hash, lifted_at IS NULL FROM tracker_deniedhash"
_DENIED_NAMED: Final = f"{_DENIED} WHERE info_hash = ANY(%s)"

_Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Visible:
    """What a snapshot of PostgreSQL sees: all transactions below `top` but those `running`.

    Rows of transactions at or above `top`, or of those `running`, are news for
    whoever saw this; that is exact, however long a transaction lasts.
    """

    top: int
    running: tuple[int, ...]

    @classmethod
    def now(cls, cursor: Cursor[_Row]) -> Self:
        """Read it from the running transaction, which must be REPEATABLE READ."""
        cursor.execute(
            "SELECT pg_snapshot_xmax(s)::text::bigint,"
            " ARRAY(SELECT pg_snapshot_xip(s)::text::bigint) FROM pg_current_snapshot() s"
        )
        row = cursor.fetchone()
        if row is None:
            raise RuntimeError("pg_current_snapshot() gave no row")
        return cls(row[0], tuple(row[1]))


@dataclass(frozen=True, slots=True)
class Denied:
    """Info-hashes (20 bytes) that are denied, and those that were and are no longer."""

    denied: frozenset[bytes]
    lifted: frozenset[bytes]


def binary_cursor(connection: "Connection[Any]") -> Cursor[_Row]:
    """Open a cursor whose rows arrive as they are: bytes as bytes, not as hexadecimal text."""
    # Not the connection's own kind: Django's binds on this side and knows text only.
    cursor: Cursor[_Row] = Cursor(connection)
    cursor.format = Format.BINARY
    return cursor


def read_all(cursor: Cursor[_Row]) -> Iterator[PolicyChange]:
    """Read every listing and account in blocks of `CHUNK` records.

    The next block is read while the caller works on the one it has.
    """
    for block in _ahead(_blocks(cursor, _RELEASES_FROM)):
        yield PolicyChange(releases=block)
    for block in _ahead(_blocks(cursor, _ACCOUNTS_FROM)):
        yield PolicyChange(accounts=block)


def read_denied(cursor: Cursor[_Row], named: Sequence[bytes] | None = None) -> Denied:
    """Read the denied list, or the rows of the hashes named."""
    if named is None:
        rows = cursor.execute(_DENIED).fetchall()
    else:
        rows = cursor.execute(_DENIED_NAMED, [list(named)]).fetchall()
    denied = frozenset(bytes(digest) for digest, is_denied in rows if is_denied)
    return Denied(denied, frozenset(bytes(digest) for digest, _ in rows) - denied)


def read_clients(cursor: Cursor[_Row]) -> bytes:
    """Pack the team's rules about clients, all of them."""
    return packed(ClientRecord(*row) for row in cursor.execute(_CLIENTS).fetchall())


def read_releases(cursor: Cursor[_Row], ids: Sequence[int]) -> bytes:
    """Pack these listings as they are now; one that is gone is to be forgotten."""
    block, found = _named(cursor, _RELEASES_NAMED, ids)
    gone = set(ids) - set(found)
    return block + packed(ReleaseRecord(i, None, None, FORGOTTEN) for i in sorted(gone))


def read_accounts(cursor: Cursor[_Row], ids: Sequence[int]) -> bytes:
    """Pack these accounts as they are now; one that is gone may nothing."""
    block, found = _named(cursor, _ACCOUNTS_NAMED, ids)
    gone = set(ids) - set(found)
    return block + packed(AccountRecord(i, 0, state=AccountState.GONE, rights=0) for i in gone)


def _ahead(blocks: Iterator[bytes]) -> Iterator[bytes]:
    with ThreadPoolExecutor(1) as reader:
        pending = reader.submit(next, blocks, b"")
        while block := pending.result():
            pending = reader.submit(next, blocks, b"")
            yield block


def _blocks(cursor: Cursor[_Row], statement: str) -> Iterator[bytes]:
    last = 0
    while True:
        row = cursor.execute(statement, [last]).fetchone()
        if row is None or row[0] is None:
            return
        yield row[0]
        last = row[1]


def _named(cursor: Cursor[_Row], statement: str, ids: Sequence[int]) -> tuple[bytes, list[int]]:
    if not ids:
        return b"", []
    row = cursor.execute(statement, [list(ids)]).fetchone()
    return (row[0] or b"", row[1] or []) if row else (b"", [])
