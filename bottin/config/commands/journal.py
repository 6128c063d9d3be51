"""`bottin journal`: what peers reported, as the tracker wrote it down."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from bottin.config.cli import FAILED
from bottin.tracker import site
from bottin.tracker.dataplane import Fact, Journal

app = typer.Typer(no_args_is_help=True)

EVENTS: Final = ("", "completed", "started", "stopped")
_FIRST, _FELL = 1, 2
_BATCH: Final = 5_000
_HEADER: Final = 64
_RECORD: Final = 64
_COLUMNS: Final = "{:>10}  {:<24}  {:>8}  {:>8}  {:<16}  {:<9}  {:>15}  {:>15}  {:>15}  {}"
_HEADINGS: Final = (
    "POSITION", "TIME", "RELEASE", "ACCOUNT", "SESSION", "EVENT",
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
        fact.release_id,
        fact.user_id,
        f"{fact.session:016x}",
        EVENTS[fact.event],
        f"{fact.uploaded:,}",
        f"{fact.downloaded:,}",
        f"{fact.left:,}",
        _notes(fact),
    ).rstrip()


def _notes(fact: Fact) -> str:
    notes = []
    if fact.flags & _FIRST:
        notes.append("first")
    if fact.flags & _FELL:
        notes.append("counters fell")
    if (fact.up_quarters, fact.down_quarters) != (4, 4):
        notes.append(f"counts ×{fact.up_quarters / 4:g} up, ×{fact.down_quarters / 4:g} down")
    return ", ".join(notes)


def _json(fact: Fact) -> str:
    facts = fact._asdict() | {
        "session": f"{fact.session:016x}",  # 64 bits are more than a number of JSON holds
        "event": EVENTS[fact.event] or None,
        "is_first": bool(fact.flags & _FIRST),
        "is_lower": bool(fact.flags & _FELL),
        "time": _time(fact),
    }
    del facts["flags"], facts["time_ms"]
    return json.dumps(facts)


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
