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
from bottin.config.commands.publish_run import Outcome
from bottin.config.commands.publish_run import Progress as Report
from bottin.config.commands.publish_state import AlreadyRunning
from bottin.config.commands.publish_words import gettext as _
from bottin.lib.errors import DomainError
from bottin.wording.refusals import METAINFO

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
    console.print(f"[bold]{escape(outcome.path.name)}[/]: {escape(state)}", soft_wrap=True)
    console.print(published.page, soft_wrap=True, markup=False, highlight=False)
    for caution in outcome.cautions:
        console.print(f"  {caution.code}: {caution.subject}", markup=False, soft_wrap=True)
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
    }


def refusal_as_json(path: Path, error: Exception) -> dict[str, object]:
    """Give a program what a person would read of a path that was not published."""
    fields = dict(error.fields) if isinstance(error, SiteRefused) else {}
    code = getattr(error, "code", "") or type(error).__name__
    return {"path": str(path), "code": code, "detail": sentence_of(error), "fields": fields}


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
