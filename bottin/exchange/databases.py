"""Databases of former sites as one thing to ask: an SQLite file, or the text of a dump put in one.

Dumps of MySQL (`mysqldump`, phpMyAdmin) and PostgreSQL (`pg_dump`, plain) are read line by
line; only the tables that are asked for are kept, in a temporary file. Values that are text
stay text, others bytes.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

from bottin.exchange.errors import ImportRefused

Value = str | bytes | int | float | None
Row = tuple[Value, ...]

_NAME: Final = rb"[`\"\[]?(?:\w+[`\"]?\.[`\"]?)?(\w+)[`\"\]]?"
_CREATE: Final = re.compile(rb"CREATE TABLE (?:IF NOT EXISTS )?" + _NAME + rb"\s*\(", re.IGNORECASE)
_COLUMN: Final = re.compile(rb"\s*[`\"](\w+)[`\"]\s+\w")
_INSERT: Final = re.compile(
    rb"INSERT (?:IGNORE )?INTO " + _NAME + rb"\s*(\([^()]*\))?\s*VALUES\s*", re.IGNORECASE
)
_COPY: Final = re.compile(rb"COPY " + _NAME + rb"\s*\(([^)]*)\) FROM stdin;", re.IGNORECASE)
_VALUE: Final = re.compile(
    rb"\s*(?:(NULL)|0x([0-9A-Fa-f]*)|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
    rb"|(_binary\s*)?(?:_utf8(?:mb[34])?\s*)?'([^'\\]*(?:(?:\\.|'')[^'\\]*)*)')\s*",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(rb"\\(.)|''", re.DOTALL)
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"0": b"\0", b"Z": b"\x1a", b"b": b"\b"}
_COPY_ESCAPE: Final = re.compile(rb"\\(.)", re.DOTALL)
_STATEMENT_MAX: Final = 256 << 20
_INT_MAX: Final = 2**63 - 1


@contextmanager
def opened(path: Path, tables: Sequence[str]) -> Iterator[sqlite3.Connection]:
    """Open a database for reading, with these tables of it; those that it lacks are empty.

    Raises ImportRefused for what is neither, or has none of the tables.
    """
    with path.open("rb") as file:
        is_sqlite = file.read(16) == b"SQLite format 3\0"
    with TemporaryDirectory(prefix="bottin-import-") as folder:
        target = f"file:{Path(folder) / 'copy.sqlite3'}"
        connection = sqlite3.connect(target, isolation_level=None, uri=True)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA journal_mode=OFF")
            connection.execute("PRAGMA synchronous=OFF")
            (_copy_tables if is_sqlite else _fill)(connection, path, frozenset(tables))
            _index(connection, tables)
            if not columns_of(connection, tables[0]):
                raise ImportRefused(reason="not_such_a_dump", table=tables[0])
            yield connection
        finally:
            connection.close()


def columns_of(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """Return the columns of a table, in lower case; none when there is no such table."""
    rows = connection.execute("SELECT name FROM pragma_table_info(?)", [table]).fetchall()
    return tuple(str(row[0]).lower() for row in rows)


def _copy_tables(connection: sqlite3.Connection, path: Path, tables: frozenset[str]) -> None:
    try:
        connection.execute("ATTACH ? AS former", [f"file:{quote(str(path))}?mode=ro&immutable=1"])
        named = connection.execute("SELECT name FROM former.sqlite_master WHERE type = 'table'")
        for name in [str(row[0]) for row in named if row[0] in tables]:
            statement = f'CREATE TABLE "{name}" AS SELECT * FROM former."{name}"'  # noqa: S608 - asked for by name
            connection.execute(statement)
        connection.execute("DETACH former")
    except sqlite3.DatabaseError:
        raise ImportRefused(reason="damaged_database") from None


def _index(connection: sqlite3.Connection, tables: Sequence[str]) -> None:
    """Index what is looked up row by row: the torrent that a row belongs to."""
    for table in tables:
        held = columns_of(connection, table)
        for column in {"torrentid", "torrent_id"}.intersection(held):
            connection.execute(f'CREATE INDEX "by_{table}" ON "{table}" ("{column}")')


def _fill(connection: sqlite3.Connection, path: Path, tables: frozenset[str]) -> None:
    held: dict[str, tuple[str, ...]] = {}
    with path.open("rb") as file:
        lines = iter(file)
        for line in lines:
            if (found := _CREATE.match(line)) and _is_wanted(found[1], tables):
                held[found[1].decode()] = _created(lines)
            elif (found := _INSERT.match(line)) and _is_wanted(found[1], tables):
                columns = _names(found[2]) if found[2] else held.get(found[1].decode(), ())
                statement = _statement(line[found.end() :], lines)
                _insert(connection, found[1].decode(), columns, _tuples(statement))
            elif (found := _COPY.match(line)) and _is_wanted(found[1], tables):
                _insert(connection, found[1].decode(), _names(found[2]), _copied(lines))


def _is_wanted(name: bytes, tables: frozenset[str]) -> bool:
    return name.decode() in tables


def _created(lines: Iterator[bytes]) -> tuple[str, ...]:
    found = []
    for line in lines:
        if line.lstrip().startswith(b")"):
            break
        if match := _COLUMN.match(line):
            found.append(match[1].decode())
    return tuple(found)


def _names(listed: bytes) -> tuple[str, ...]:
    return tuple(name.decode() for name in re.findall(rb"\w+", listed))


def _statement(begun: bytes, lines: Iterator[bytes]) -> bytes:
    """Return a statement to its end: a dump ends each with `;` and a line end."""
    parts, size = [begun], len(begun)
    while not parts[-1].rstrip().endswith(b";"):
        following = next(lines, None)
        if following is None or size > _STATEMENT_MAX:
            break
        parts.append(following)
        size += len(following)
    return b"".join(parts)


def _tuples(statement: bytes) -> Iterator[Row]:
    """Yield the rows of `(1,'a'),(2,'b');`. A torn statement ends at the last whole row."""
    at = 0
    while True:
        at = statement.find(b"(", at)
        if at < 0:
            return
        row: list[Value] = []
        at += 1
        while match := _VALUE.match(statement, at):
            row.append(_value(match))
            at = match.end() + 1
            if statement[match.end() : at] != b",":
                break
        if statement[at - 1 : at] != b")":
            return
        yield tuple(row)


def _value(match: re.Match[bytes]) -> Value:
    null, hexadecimal, number, binary, text = match.groups()
    if null is not None:
        return None
    if hexadecimal is not None:
        return bytes.fromhex(hexadecimal.decode()) if len(hexadecimal) % 2 == 0 else None
    if number is not None:
        return _number(number)
    plain = _ESCAPE.sub(_unescaped, text)
    return plain if binary else _text(plain)


def _unescaped(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    return b"'" if escaped is None else _ESCAPES.get(escaped, escaped)


def _number(text: bytes) -> Value:
    if text.lstrip(b"-").isdigit() and abs(int(text)) <= _INT_MAX:
        return int(text)
    return float(text)


def _text(plain: bytes) -> Value:
    try:
        return plain.decode()
    except UnicodeDecodeError:
        return plain


def _copied(lines: Iterator[bytes]) -> Iterator[Row]:
    for line in lines:
        if line.rstrip(b"\r\n") == b"\\.":
            return
        yield tuple(_copy_value(cell) for cell in line.rstrip(b"\r\n").split(b"\t"))


def _copy_value(cell: bytes) -> Value:
    if cell == b"\\N":
        return None
    if cell.startswith(b"\\\\x"):
        try:
            return bytes.fromhex(cell[3:].decode())
        except ValueError:
            return None
    return _text(_COPY_ESCAPE.sub(lambda m: _ESCAPES.get(m[1], m[1]), cell))


def _insert(
    connection: sqlite3.Connection, table: str, columns: tuple[str, ...], rows: Iterable[Row]
) -> None:
    """Put rows into a table made for them; a row of another length is dropped."""
    if not columns:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    connection.execute(f'CREATE TABLE IF NOT EXISTS "{table}" ({names})')
    marks = ", ".join("?" * len(columns))
    statement = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608 - names are words of \w
    connection.execute("BEGIN")
    connection.executemany(statement, (row for row in rows if len(row) == len(columns)))
    connection.execute("COMMIT")
