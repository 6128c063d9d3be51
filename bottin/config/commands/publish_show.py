"""What `bottin publish` shows: a bar while hashing, sentences for people, JSON for programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from bottin.config.commands.publish_client import SiteRefused, SiteUnreachable
from bottin.config.commands.publish_exits import code_of
from bottin.config.commands.publish_run import Outcome
from bottin.config.commands.publish_run import Progress as Report
from bottin.config.commands.publish_state import AlreadyRunning
from bottin.config.commands.publish_words import gettext as _
from bottin.config.commands.publish_words import language
from bottin.config.publishing import gather
from bottin.config.publishing.preview import Preview
from bottin.config.publishing.said import Value
from bottin.lib.errors import DomainError
from bottin.lib.sizes import format_bytes, format_number
from bottin.wording.refusals import METAINFO

_SHOWN: Final = 100
_ORIGINS: Final = {gather.NAME: _("the name"), gather.DEFAULT: _("by default")}
_STATES: Final = {
    "published": _("published"),
    "pending": _("awaiting review"),
    "draft": _("kept as a draft"),
}


@contextmanager
def hashing(console: Console, path: Path) -> Iterator[Report]:
    """Show a bar with bytes, rate and time left; nothing where there is no terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=False),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(escape(path.name), total=None, start=False)

        def report(done: int, total: int) -> None:
            bar.start_task(task)
            bar.update(task, completed=done, total=total)

        yield report


def tell(console: Console, outcome: Outcome) -> None:
    """Tell a person what became of a path; the address of its page is on a line of its own."""
    published = outcome.published
    state = _STATES.get(published.state, published.state)
    console.print(f"[bold]{escape(plain(outcome.path.name))}[/]: {escape(state)}", soft_wrap=True)
    console.print(published.page, soft_wrap=True, markup=False, highlight=False)
    for caution in outcome.cautions:
        console.print(f"  {caution.code}: {caution.subject}", markup=False, soft_wrap=True)
    for note in outcome.notes:
        console.print(f"  {plain(note)}", markup=False, soft_wrap=True)
    for warning in published.warnings:
        console.print(f"  {warning}", markup=False, soft_wrap=True)
    words = (
        _("Open this file in your client to share it: %s") % outcome.torrent
        if outcome.torrent
        else _("Run the same command again once it is published, to get your torrent file.")
    )
    console.print(f"  {words}", markup=False, soft_wrap=True)


def as_json(outcome: Outcome) -> dict[str, object]:
    """Give what became of a path to a program."""
    return {
        "path": str(outcome.path),
        "id": outcome.published.release_id,
        "state": outcome.published.state,
        "page": outcome.published.page,
        "torrent": str(outcome.torrent) if outcome.torrent else None,
        "info_hash": outcome.info_hash,
        "size_bytes": outcome.size_bytes,
        "warnings": [*outcome.published.warnings, *(c.code for c in outcome.cautions)],
        "notes": list(outcome.notes),
    }


def tell_refusal(console: Console, path: Path, error: Exception) -> None:
    """Tell a person why a path was not published."""
    words = f"[bold]{escape(plain(path.name))}[/]: {escape(plain(sentence_of(error)))}"
    console.print(words, soft_wrap=True)


def tell_preview(console: Console, seen: Preview) -> None:
    """Show a person every field that would be sent, and where it is from."""
    console.print(f"[bold]{escape(plain(seen.path.name))}[/]", soft_wrap=True)
    rows = [
        *((name, said.value, said.origin) for name, said in seen.plan.described.items()),
        *(_torrent_row(seen, name) for name in seen.plan.torrent),
    ]
    for name, value, origin in rows:
        line = f"  {name:<21}{_short(value)}  ({_ORIGINS.get(origin, origin)})"
        console.print(plain(line), markup=False, highlight=False, soft_wrap=True)
    console.print(f"  {_content(seen)}", markup=False, highlight=False, soft_wrap=True)
    for note in (*seen.plan.notes, *(f"{c.code}: {c.subject}" for c in seen.content.warnings)):
        console.print(f"  {plain(note)}", markup=False, soft_wrap=True)
    if seen.missing:
        console.print("  " + _("nothing says: %s") % ", ".join(seen.missing), style="bold")


def preview_as_json(seen: Preview) -> dict[str, object]:
    """Give a program what would be sent, and where each field is from."""
    return {
        "path": str(seen.path),
        "fields": {
            name: {"value": said.value, "from": said.origin}
            for name, said in seen.plan.described.items()
        },
        "torrent": {
            name: {"value": wish.value, "from": wish.origin}
            for name, wish in seen.plan.torrent.items()
        },
        "content": {
            "size_bytes": seen.content.size_bytes,
            "files": seen.content.file_count,
            "piece_length": seen.content.piece_length,
            "pieces": seen.content.piece_count,
        },
        "missing": list(seen.missing),
        "notes": list(seen.plan.notes),
        "warnings": [f"{c.code}: {c.subject}" for c in seen.content.warnings],
    }


def plain(text: str) -> str:
    """Return a text that cannot command a terminal: what is not printable shows as `\ufffd`."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def _torrent_row(seen: Preview, name: str) -> tuple[str, Value, str]:
    wish = seen.plan.torrent[name]
    if name == "piece_length" and wish.value == 0:
        return f"torrent.{name}", str(seen.content.piece_length), _("by the size")
    value = wish.value if isinstance(wish.value, tuple) else str(wish.value)
    return f"torrent.{name}", value, wish.origin


def _short(value: Value) -> str:
    """Return a value in one line of a terminal."""
    text = value if isinstance(value, str) else ", ".join(value)
    first, _newline, rest = text.partition("\n")
    return f"{first[:_SHOWN]}…" if rest or len(first) > _SHOWN else first


def _content(seen: Preview) -> str:
    spoken = language()
    return _("%(size)s in %(files)s files, %(pieces)s pieces of %(length)s KiB") % {
        "size": format_bytes(seen.content.size_bytes, spoken),
        "files": format_number(seen.content.file_count, spoken),
        "pieces": format_number(seen.content.piece_count, spoken),
        "length": format_number(seen.content.piece_length // 1024, spoken),
    }


def refusal_as_json(path: Path, error: Exception) -> dict[str, object]:
    """Give a program what a person would read of a path that was not published."""
    fields = dict(error.fields) if isinstance(error, SiteRefused) else {}
    code = getattr(error, "code", "") or type(error).__name__
    return {
        "path": str(path),
        "code": code,
        "detail": sentence_of(error),
        "fields": fields,
        "page": getattr(error, "page", ""),
        "exit_code": code_of(error),
    }


def sentence_of(error: Exception) -> str:
    """Say why a path was not published."""
    match error:
        case SiteRefused() | SiteUnreachable():
            return str(error)
        case AlreadyRunning():
            return _("Another run is publishing this.")
        case DomainError():
            words = METAINFO.get(error.code, METAINFO["metainfo.refused"])
            return _(words) % error.context
        case OSError():
            return f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
    return str(error)
