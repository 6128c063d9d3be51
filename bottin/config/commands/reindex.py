"""`bottin reindex`: a new search index beside the old one, then in its place."""

from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from bottin.config.cli import FAILED, write_json
from bottin.config.site import with_database
from bottin.search.errors import IndexBusy
from bottin.search.following import rebuild

app = typer.Typer()


@app.command()
@with_database
def reindex(
    *, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Rebuild the search index. The site goes on searching the old one meanwhile."""
    start = perf_counter()
    try:
        count = _with_bar()
    except IndexBusy:
        typer.echo("Another process is rebuilding the index: wait for it.", err=True)
        raise typer.Exit(FAILED) from None
    took_s = round(perf_counter() - start, 1)
    if as_json:
        write_json({"releases": count, "seconds": str(took_s)})
    else:
        typer.echo(f"{count} releases indexed in {took_s} s.")


def _with_bar() -> int:
    columns = ("Indexing", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("releases", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return rebuild(show)
