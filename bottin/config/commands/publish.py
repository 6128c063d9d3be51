"""`bottin publish`: from files on a disk to a release, and a torrent ready to seed."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn

import typer
from rich.console import Console

from bottin.config.commands import publish_options as opt
from bottin.config.commands import publish_show as show
from bottin.config.commands.publish_client import Patience, Site, SiteRefused, SiteUnreachable
from bottin.config.commands.publish_exits import USAGE, exit_code
from bottin.config.commands.publish_run import Desk, Job, Outcome, publish
from bottin.config.commands.publish_settings import Account, WrongUsage, account_of, template_of
from bottin.config.commands.publish_state import AlreadyRunning, state_home
from bottin.config.commands.publish_words import gettext as _
from bottin.config.commands.publish_words import language as terminal_language
from bottin.config.publishing import gather, preview
from bottin.config.publishing.gather import Asked
from bottin.config.publishing.said import BadMetadata, form_of
from bottin.config.publishing.tables import Table
from bottin.lib.errors import DomainError

app = typer.Typer()
_REFUSALS: Final = (
    *(SiteRefused, SiteUnreachable, AlreadyRunning, BadMetadata),
    *(DomainError, OSError),
)


@app.command(name="publish")
def publish_paths(  # noqa: PLR0913 - the options of a command are its arguments
    paths: opt.Paths,
    *,
    each: opt.Each = False,
    dry_run: opt.DryRun = False,
    json: opt.Json = False,
    sidecar: opt.Sidecar = None,
    template: opt.Template = "",
    found: opt.ReadsFound = True,
    category: opt.Category = "",
    licence: opt.Licence = "",
    source: opt.Source = "",
    statement: opt.Statement = "",
    title: opt.Title = "",
    original_title: opt.OriginalTitle = "",
    description: opt.DescriptionText = "",
    language: opt.Language = "",
    tag: opt.Tags = None,
    author: opt.Authors = None,
    year: opt.Year = None,
    identifier: opt.Identifiers = None,
    fact: opt.Facts = None,
    is_open: opt.Open = None,
    version: opt.Version = None,
    piece_length: opt.PieceLength = None,
    is_private: opt.Private = None,
    exclude: opt.Exclude = None,
    announce: opt.Announce = None,
    site: opt.Site = "",
    token: opt.Token = "",
    output: opt.Output = None,
    tries: opt.Tries = 6,
) -> None:
    """Make a torrent of each PATH, publish it, fetch the file to seed; run again to go on.

    What is said of a release comes from options, a file bottin.toml, or what the folder holds.
    """
    given = opt.Given(**locals())
    try:
        asked = _asked(given)
        account = None if given.dry_run else account_of(given.site, given.token)
    except WrongUsage as error:
        _stop(str(error))
    raise typer.Exit(_run(given, asked, account))


@dataclass(slots=True)
class _Tally:
    """What became of each path."""

    done: list[Outcome] = field(default_factory=list)
    refused: list[tuple[Path, Exception]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _asked(given: opt.Given) -> Asked:
    """Read what the command line points to. Raises WrongUsage."""
    is_several = len(given.paths) > 1 or given.each
    for name, value in (("--title", given.title), ("--sidecar", given.sidecar)):
        if value and is_several:
            raise WrongUsage(_("%s is for one release: give one path, or leave it out.") % name)
    return Asked(
        given=given.table(_text_of(given.description)),
        template=template_of(given.template) or Table(),
        sidecar=given.sidecar,
        is_each=given.each,
        is_found_read=given.found,
    )


def _run(given: opt.Given, asked: Asked, account: Account | None) -> int:
    """Do one release after another; a refused one does not stop the next. Return the exit code."""
    console = Console(stderr=True)
    tally = _Tally()
    for path in given.paths:
        whole = Path(os.path.normpath(path.absolute()))
        tally.notes += gather.left_out(whole, asked)
    for note in tally.notes:
        console.print(note, markup=False, soft_wrap=True)
    if account is None:
        return _preview(given, asked, tally, console)
    out = console if given.json else Console()
    patience = Patience(given.tries, told=lambda words: console.print(words, markup=False))
    with Site(account.site, account.token, terminal_language(), patience) as site:
        for path in _releases(given, asked, tally, console):
            try:
                job = _job(path, asked)
                with show.hashing(console, path) as progress:
                    desk = Desk(account.site, site, state_home(), given.output, progress)
                    outcome = publish(job, desk)
            except _REFUSALS as error:
                _refuse(path, error, tally, console)
            else:
                tally.done.append(outcome)
                show.tell(out, outcome)
    code = exit_code([error for _path, error in tally.refused], tally.done)
    if given.json:
        _write_json(tally, code)
    return code


def _releases(given: opt.Given, asked: Asked, tally: _Tally, console: Console) -> Iterator[Path]:
    """Yield the path of each release; a path that has none is refused."""
    for path in given.paths:
        whole = Path(os.path.normpath(path.absolute()))
        try:
            yield from list(gather.releases_of(whole, asked))
        except _REFUSALS as error:
            _refuse(whole, error, tally, console)


def _job(path: Path, asked: Asked) -> Job:
    plan = gather.plan_of(path, asked)
    plan.check_complete()
    return Job(path, plan.options, form_of(plan.described), plan.notes)


def _preview(given: opt.Given, asked: Asked, tally: _Tally, console: Console) -> int:
    """Show what would be sent. Return the exit code that the fields alone lead to."""
    out, shown = Console(), []
    for path in _releases(given, asked, tally, console):
        try:
            seen = preview.preview_of(gather.plan_of(path, asked))
        except _REFUSALS as error:
            _refuse(path, error, tally, console)
            continue
        shown.append(show.preview_as_json(seen))
        if not given.json:
            show.tell_preview(out, seen)
        if seen.missing:
            tally.refused.append((path, gather.incomplete(path, seen.missing)))
    code = exit_code([error for _path, error in tally.refused], [])
    if given.json:
        _write_json(tally, code, would_publish=shown)
    return code


def _refuse(path: Path, error: Exception, tally: _Tally, console: Console) -> None:
    tally.refused.append((path, error))
    show.tell_refusal(console, path, error)


def _write_json(tally: _Tally, code: int, **more: object) -> None:
    from bottin.config.cli import write_json

    published = {} if more else {"published": [show.as_json(outcome) for outcome in tally.done]}
    write_json(
        {
            **published,
            **more,
            "refused": [show.refusal_as_json(path, error) for path, error in tally.refused],
            "notes": tally.notes,
            "exit_code": code,
        }
    )


def _text_of(description: str) -> str:
    """Return a description, read from a file when it is `@FILE`. Raises WrongUsage."""
    if not description.startswith("@"):
        return description
    try:
        return Path(description[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise WrongUsage(_("%s cannot be read.") % description[1:]) from None


def _stop(sentence: str) -> NoReturn:
    Console(stderr=True).print(f"bottin publish: {sentence}", markup=False, soft_wrap=True)
    raise typer.Exit(USAGE)
