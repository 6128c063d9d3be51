"""`bottin check`: what is derived, compared with its source; nothing is changed."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Annotated, Final

import typer

from bottin.audit import log
from bottin.catalog import checks as catalog
from bottin.catalog.checks import Difference
from bottin.config.cli import FAILED, write_json
from bottin.config.site import with_database
from bottin.ledger import checks as ledger
from bottin.search import checks as search

app = typer.Typer()

SHOWN: Final = 100


def ledger_sums() -> Iterable[Difference]:
    """Sums of ledger rows against balances and transfers."""
    for found in ledger.differences():
        release = "" if found.release_id is None else f" release:{found.release_id}"
        subject = f"account:{found.user_id}{release} {found.column}"
        yield Difference(subject, str(found.rows_say), str(found.total_says))


def audit_chain() -> Iterable[Difference]:
    """Each audit line against the one before it."""
    found = log.verify()
    if found.broken_at is not None:
        yield Difference(f"line:{found.broken_at}", "sealed with the one before", "does not follow")


# What is compared, by the name that people read. A new derived thing enters here.
CHECKS: Final[dict[str, Callable[[], Iterable[Difference]]]] = {
    "ledger": ledger_sums,
    "listings": catalog.listings,
    "denied hashes": catalog.denied_hashes,
    "shelf counts": catalog.shelf_counts,
    "search index": search.indexed_releases,
    "audit": audit_chain,
}


@app.command()
@with_database
def check(
    *, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Compare the derived with its source and say the differences. Exit code 1 when there are."""
    found = {name: list(islice(compare(), SHOWN + 1)) for name, compare in CHECKS.items()}
    if as_json:
        write_json({name: [_facts(one) for one in rows[:SHOWN]] for name, rows in found.items()})
    else:
        for name, rows in found.items():
            _show(name, rows)
    if any(found.values()):
        raise typer.Exit(FAILED)


def _facts(difference: Difference) -> dict[str, str]:
    return {
        "subject": difference.subject,
        "source": difference.source,
        "derived": difference.derived,
    }


def _show(name: str, rows: list[Difference]) -> None:
    if not rows:
        typer.echo(f"{typer.style('OK  ', fg='green')}  {name}")
        return
    typer.echo(f"{typer.style('FAIL', fg='red')}  {name}")
    for row in rows[:SHOWN]:
        typer.echo(f"      {row.subject}: {row.derived}, where the source says {row.source}")
    if len(rows) > SHOWN:
        typer.echo(f"      … and more: the first {SHOWN} are shown")
