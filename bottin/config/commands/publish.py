"""`bottin publish`: from files on a disk to a release, and a torrent ready to seed."""

import os
from pathlib import Path
from typing import Final, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from bottin.config.commands import publish_options as given
from bottin.config.commands import publish_show as show
from bottin.config.commands.publish_client import Patience, Site, SiteRefused, SiteUnreachable
from bottin.config.commands.publish_run import Desk, Job, Outcome, publish
from bottin.config.commands.publish_settings import Account, WrongUsage, account_of
from bottin.config.commands.publish_state import AlreadyRunning, state_home
from bottin.config.commands.publish_words import gettext as _
from bottin.config.commands.publish_words import language as terminal_language
from bottin.lib.errors import DomainError
from bottin.metainfo.build import BuildOptions
from bottin.metainfo.model import Outside

app = typer.Typer()
USAGE: Final = 2
_REFUSALS: Final = (SiteRefused, SiteUnreachable, AlreadyRunning, DomainError, OSError)


@app.command(name="publish")
def publish_paths(  # noqa: PLR0913 - the options of a command are its arguments
    paths: given.Paths,
    *,
    category: given.Category,
    licence: given.Licence,
    source: given.Source = "",
    statement: given.Statement = "",
    title: given.Title = "",
    description: given.Description = "",
    language: given.Language = "",
    tag: given.Tags = None,
    is_open: given.Open = False,
    is_private: given.Private = False,
    version: given.Version = "hybrid",
    piece_length: given.PieceLength = 0,
    exclude: given.Exclude = None,
    announce: given.Announce = None,
    site: given.Site = "",
    token: given.Token = "",
    output: given.Output = None,
    tries: given.Tries = 6,
    json: given.Json = False,
) -> None:
    """Make a torrent of each PATH, publish it, fetch the file to seed; run again to go on."""
    if title and len(paths) > 1:
        _stop(_("--title names one release: give one path, or leave it out."))
    if not source and not statement:
        _stop(_("Say where it comes from: --source URL or --statement TEXT."))
    options = BuildOptions(
        version=version,
        piece_length=piece_length,
        is_private=is_private,
        exclude=tuple(exclude or ()),
        outside=Outside(trackers=tuple((address,) for address in announce or ())),
    )
    fields = _filled(
        ("category", category),
        ("licence", licence),
        ("provenance_url", source),
        ("provenance_statement", statement),
        ("description", _text_of(description)),
        ("language", language),
        ("is_open", "true" if is_open else ""),
        *(("tags", label) for label in tag or ()),
    )
    wholes = [Path(os.path.normpath(path.absolute())) for path in paths]
    jobs = [Job(path, options, (("title", title or _title(path)), *fields)) for path in wholes]
    failures = _run(jobs, _account(site, token), output, tries=tries, is_json=json)
    raise typer.Exit(1 if failures else 0)


def _run(
    jobs: list[Job], account: Account, output: Path | None, *, tries: int, is_json: bool
) -> int:
    """Do the jobs one after another; a refused one does not stop the next. Count the refused."""
    console = Console(stderr=True)
    out = console if is_json else Console()
    patience = Patience(tries, told=lambda words: console.print(words, markup=False))
    done: list[Outcome] = []
    refused: list[tuple[Path, Exception]] = []
    with Site(account.site, account.token, terminal_language(), patience) as site:
        for job in jobs:
            try:
                with show.hashing(console, job.path) as progress:
                    desk = Desk(account.site, site, state_home(), output, progress)
                    outcome = publish(job, desk)
            except _REFUSALS as error:
                refused.append((job.path, error))
                words = f"[bold]{escape(job.path.name)}[/]: {escape(show.sentence_of(error))}"
                console.print(words, soft_wrap=True)
            else:
                done.append(outcome)
                show.tell(out, outcome)
    if is_json:
        _write_json(done, refused)
    return len(refused)


def _write_json(done: list[Outcome], refused: list[tuple[Path, Exception]]) -> None:
    from bottin.config.cli import write_json

    write_json(
        {
            "published": [show.as_json(outcome) for outcome in done],
            "refused": [show.refusal_as_json(path, error) for path, error in refused],
        }
    )


def _account(site: str, token: str) -> Account:
    try:
        return account_of(site, token)
    except WrongUsage as error:
        _stop(str(error))


def _filled(*fields: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in fields if value)


def _text_of(description: str) -> str:
    """Return a description, read from a file when it is `@FILE`."""
    if not description.startswith("@"):
        return description
    try:
        return Path(description[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        _stop(_("%s cannot be read.") % description[1:])


def _title(path: Path) -> str:
    return path.name if path.is_dir() else path.stem


def _stop(sentence: str) -> NoReturn:
    Console(stderr=True).print(f"bottin publish: {sentence}", markup=False, soft_wrap=True)
    raise typer.Exit(USAGE)
