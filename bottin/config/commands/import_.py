"""`bottin import`: a folder of `.torrent` files, a file of records, a former site's database."""

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bottin.config.cli import FAILED, write_json
from bottin.config.site import with_database

if TYPE_CHECKING:
    from bottin.exchange.imports import Plan, Totals
    from bottin.exchange.sources import Told

app = typer.Typer()

Option = typer.Option


@app.command(name="import")
@with_database
def import_(  # noqa: PLR0913 - each is an option of the command
    path: Annotated[
        Path, typer.Argument(exists=True, help="FOLDER, FILE.ndjson (.gz, .zst), or a dump.")
    ],
    *,
    publisher: Annotated[str, Option(help="The account that publishes what no other does.")],
    kind: Annotated[
        str, Option("--from", help="Former site of a dump: unit3d, gazelle, nyaa, torrust.")
    ] = "",
    source: Annotated[str, Option(help="A name for where this comes from.")] = "",
    torrents: Annotated[Path | None, Option(help="The former site's .torrent files.")] = None,
    mapping: Annotated[Path | None, Option(help="TOML: former category = category here.")] = None,
    licence: Annotated[str, Option(help="What you vouch for where a record says none.")] = "",
    provenance: Annotated[str, Option(help="The same for the source address.")] = "",
    report: Annotated[Path, Option(help="Each refusal, as NDJSON.")] = Path("import-report.ndjson"),
    dry_run: Annotated[bool, Option("--dry-run", help="Write nothing; say what would.")] = False,
    workers: Annotated[int | None, Option(min=0, help="Processes; one a core by itself.")] = None,
    as_json: Annotated[bool, Option("--json", help="For programs.")] = False,
) -> None:
    """Take a catalogue in: nothing is published, what lacks a licence is a draft."""
    from bottin.accounts.errors import AccountNotFound
    from bottin.accounts.queries import account_named
    from bottin.exchange.errors import ImportRefused
    from bottin.exchange.imports import Plan
    from bottin.lib import clock
    from bottin.uploads.fields import ReleaseFields

    try:
        plan = Plan(
            source=source or kind or path.stem[:64],
            at=clock.now(),
            fallback=account_named(publisher),
            folder=torrents or (path if path.is_dir() else path.parent),
            mapping=_mapping(mapping),
            said=ReleaseFields(licence_code=licence, provenance_url=provenance),
            is_dry=dry_run,
            workers=workers,
        )
        totals = _run(path, kind, plan, report, is_quiet=as_json)
    except AccountNotFound:
        _fail(f"No account is called {publisher}: name one with --publisher.")
    except ImportRefused as refusal:
        _fail(f"The import did not run: {refusal.context.get('reason')}.")
    except (OSError, ValueError) as error:
        _fail(f"Cannot read it: {error}.")
    _show(totals, report, as_json=as_json, is_dry=dry_run)


def _run(path: Path, kind: str, plan: "Plan", report: Path, *, is_quiet: bool) -> "Totals":
    from bottin.exchange import converting, imports, sources

    total = None if kind else sources.size_of(path)
    with _bar(total, is_quiet=is_quiet) as told, report.open("w", encoding="utf-8") as file:
        if kind:
            records = converting.records_of(kind, path, plan.folder)
            return imports.run(sources.lines_of_records(records, told), plan, report=file)
        return imports.run(sources.lines_of(path, told), plan, report=file)


@contextmanager
def _bar(total: int | None, *, is_quiet: bool) -> Iterator["Told"]:
    columns = (TextColumn("{task.description}"), BarColumn(), "{task.percentage:>3.0f} %")
    console = Console(stderr=True, quiet=is_quiet)
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("Import", total=total)

        def told(done: int) -> None:
            progress.update(task, completed=done)

        yield told


def _mapping(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    if not all(isinstance(value, str | int) for value in found.values()):
        raise ValueError(f'{path}: each line is "former category" = "category here"')
    return {str(key): str(value) for key, value in found.items()}


def _show(totals: "Totals", report: Path, *, as_json: bool, is_dry: bool) -> None:
    from dataclasses import asdict

    if as_json:
        write_json(asdict(totals) | {"report": str(report), "dry_run": is_dry})
        return
    typer.echo("Would take in:" if is_dry else "Taken in:")
    typer.echo(f"  {totals.accounts} accounts")
    typer.echo(f"  {totals.pending} releases that wait for the team")
    typer.echo(f"  {totals.drafts} drafts that wait for a licence, a provenance or a category")
    typer.echo(f"  {totals.already} were here already")
    if totals.refused:
        typer.echo(f"Refused: {totals.refused}, each with its reason in {report}")
        for reason, count in sorted(totals.reasons.items(), key=lambda pair: -pair[1])[:10]:
            typer.echo(f"  {count} {json.dumps(reason)}")


def _fail(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(FAILED)
