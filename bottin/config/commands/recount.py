"""`bottin recount`: counters and listings made again from their source."""

from collections.abc import Callable
from typing import Annotated, Final

import typer

from bottin.catalog import actions, checks
from bottin.config.cli import write_json
from bottin.config.site import with_database

app = typer.Typer()

BATCH: Final = 5_000


def shelf_counts() -> int:
    """Count the published releases of each shelf."""
    return len(actions.recount_listed())


def listings() -> int:
    """Write again what the tracker is told of releases, where it is wrong."""
    wrong = list(checks.wrong_listings())
    for start in range(0, len(wrong), BATCH):
        actions.mend_listings(wrong[start : start + BATCH])
    return len(wrong)


# What is made again, and how many were wrong. A new counter enters here.
RECOUNTS: Final[dict[str, Callable[[], int]]] = {
    "shelf counts": shelf_counts,
    "listings": listings,
}


@app.command()
@with_database
def recount(
    *, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Rebuild the counters from their source; say how many were wrong."""
    mended = {name: run() for name, run in RECOUNTS.items()}
    if as_json:
        write_json(mended)
        return
    for name, count in mended.items():
        typer.echo(f"{name}: {f'{count} mended' if count else 'all right'}")
