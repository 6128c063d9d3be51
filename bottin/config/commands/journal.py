"""`bottin journal`: what peers reported, as the tracker wrote it down."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from bottin.config.cli import FAILED
from bottin.tracker import dataplane, site
from bottin.tracker.dataplane import Fact, Journal

app = typer.Typer(no_args_is_help=True)

EVENTS: Final = ("", "completed", "started", "stopped")
PROTOCOLS: Final = {0: "UDP", 16: "HTTP", 32: "WebSocket"}
# The words of each flag, for people.
NOTES: Final = {
    dataplane.FIRST: "first",
    dataplane.FELL: "counters fell",
    dataplane.LATE: "last word of a client refused",
    dataplane.LONELY: "nobody lacked anything",
    dataplane.ALONE: "alone",
}
_BATCH: Final = 5_000
_HEADER: Final = 64
_RECORD: Final = 64
_COLUMNS: Final = (
    "{:>10}  {:<24}  {:>8}  {:>8}  {:<16}  {:<8}  {:<14}  {:<9}  {:>15}  {:>15}  {:>15}  {}"
)
_HEADINGS: Final = (
    "POSITION", "TIME", "RELEASE", "ACCOUNT", "SESSION", "CLIENT", "OVER", "EVENT",
    "UPLOADED", "DOWNLOADED", "LEFT", "NOTES",
)  # fmt: skip


@app.callback()
def journal() -> None:
    """Read what peers reported, as the tracker wrote it down."""


@app.command()
def show(
    folder: Annotated[
        Path | None, typer.Argument(help="Its folder; else that of the data directory.")
    ] = None,
    *,
    start: Annotated[int | None, typer.Option("--from", min=0, help="First position.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many facts.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON object a line.")] = False,
) -> None:
    """Print facts, the newest ones unless --from says where to begin.

    Exit code 1 when the journal is damaged; a torn tail, which a crash leaves
    and the tracker cuts at its next start, is told on stderr.
    """
    where = folder or site.journal_folder()
    reader = Journal(where)
    first, end = _bounds(reader, where)
    position = max(end - limit, first) if start is None else start
    if not as_json:
        typer.echo(f"{where}: facts {first} to {end}, {end - first} in all")
        typer.echo(_COLUMNS.format(*_HEADINGS))
    for fact in _facts(reader, position, limit):
        typer.echo(_json(fact) if as_json else _row(fact))
    _tell_torn(where, end)


def _bounds(reader: Journal, where: Path) -> tuple[int, int]:
    if not where.is_dir():
        _refuse(f"{where} is not there: the tracker has never run here.")
    try:
        return reader.first(), reader.end()
    except OSError as error:
        _refuse(f"{where} cannot be read: {error}")


def _facts(reader: Journal, position: int, limit: int) -> Iterator[Fact]:
    while limit > 0:
        try:
            facts = reader.read(position, min(limit, _BATCH))
        except LookupError:
            _refuse(f"Position {position} was removed: the journal begins at {reader.first()}.")
        except OSError as error:
            _refuse(str(error))
        if not facts:
            return
        yield from facts
        position = facts[-1].position + 1
        limit -= len(facts)


def _row(fact: Fact) -> str:
    return _COLUMNS.format(
        fact.position,
        _time(fact),
        _release(fact),
        fact.user_id,
        f"{fact.session:016x}",
        _client(fact),
        f"{_protocol(fact)}, {_family(fact)}",
        EVENTS[fact.event],
        f"{fact.uploaded:,}",
        f"{fact.downloaded:,}",
        f"{fact.left:,}",
        _notes(fact),
    ).rstrip()


def _notes(fact: Fact) -> str:
    notes = [words for flag, words in NOTES.items() if fact.flags & flag]
    if (fact.up_quarters, fact.down_quarters) != (4, 4):
        notes.append(f"counts ×{fact.up_quarters / 4:g} up, ×{fact.down_quarters / 4:g} down")
    return ", ".join(notes)


def _json(fact: Fact) -> str:
    facts = fact._asdict() | {
        "release_id": fact.release_id if fact.release_id >= 0 else None,
        "hash_head": _hash_head(fact) or None,
        "session": f"{fact.session:016x}",  # 64 bits are more than a number of JSON holds
        "event": EVENTS[fact.event] or None,
        "client": _client(fact),
        "protocol": _protocol(fact),
        "family": _family(fact),
        "is_first": bool(fact.flags & dataplane.FIRST),
        "is_lower": bool(fact.flags & dataplane.FELL),
        "time": _time(fact),
    }
    del facts["time_ms"]
    return json.dumps(facts)


def _release(fact: Fact) -> str:
    return str(fact.release_id) if fact.release_id >= 0 else f"{_hash_head(fact)}…"


def _hash_head(fact: Fact) -> str:
    """Give the 7 bytes of an info-hash whose release the tracker did not know yet."""
    return "" if fact.release_id >= 0 else (-1 - fact.release_id).to_bytes(7, "big").hex()


def _client(fact: Fact) -> str:
    return "".join(chr(byte) if 32 < byte < 127 else "." for byte in fact.client)  # noqa: PLR2004


def _protocol(fact: Fact) -> str:
    return PROTOCOLS.get(fact.flags & dataplane.PROTOCOL, "?")


def _family(fact: Fact) -> str:
    return "IPv6" if fact.flags & dataplane.IPV6 else "IPv4"


def _time(fact: Fact) -> str:
    at = datetime.fromtimestamp(fact.time_ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _tell_torn(where: Path, end: int) -> None:
    newest = max(where.glob("*.journal"), default=None)
    if newest is None:
        return
    whole = _HEADER + _RECORD * (end - int(newest.stem))
    torn = newest.stat().st_size - whole
    if torn > 0:
        typer.echo(
            f"{newest.name} ends with {torn} bytes that are no whole fact: a write cut short,"
            " or one being made. The tracker cuts them when it starts.",
            err=True,
        )


def _refuse(sentence: str) -> NoReturn:
    typer.echo(f"bottin: {sentence}", err=True)
    raise typer.Exit(FAILED)
