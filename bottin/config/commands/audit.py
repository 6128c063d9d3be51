"""`bottin audit`: whether the log of who did what is whole."""

from pathlib import Path
from typing import Annotated

import typer

from bottin.audit import heads, log
from bottin.config.cli import FAILED, write_json
from bottin.config.site import with_database

app = typer.Typer(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Where = Annotated[
    Path | None,
    typer.Option(
        "--heads",
        exists=True,
        file_okay=False,
        help="A folder of signed heads kept elsewhere; else that of the data directory.",
    ),
]


@app.command()
@with_database
def verify(*, where: Where = None, as_json: Json = False) -> None:
    """Read the whole chain, and every signed head. Exit code 1 when something was changed."""
    chain = log.verify()
    kept = list(heads.examine(where or heads.folder()))
    wrong = [head for head in kept if head.trouble]
    if as_json:
        write_json(
            {
                "is_whole": chain.is_whole and not wrong,
                "lines": chain.lines,
                "head": chain.head.hex(),
                "broken_at": chain.broken_at,
                "heads": len(kept),
                "wrong_heads": [{"head": head.name, "says": head.trouble} for head in wrong],
            }
        )
    elif chain.broken_at is not None:
        typer.echo(
            f"The audit chain breaks at line {chain.broken_at}: it, or one before it, was changed,"
            f" removed or moved. The {chain.lines} lines before it are sound."
        )
    else:
        typer.echo(f"The audit chain is whole: {chain.lines} lines, head {chain.head.hex()[:16]}….")
    if not as_json:
        _show_heads(kept, wrong)
    if wrong or not chain.is_whole:
        raise typer.Exit(FAILED)


@app.command()
@with_database
def head() -> None:
    """Print the signed head of now as JSON, to keep on another machine."""
    signed = heads.sign()
    if signed is None:
        typer.echo("The audit log is empty: nothing to sign.", err=True)
        raise typer.Exit(FAILED)
    typer.echo(signed.text(), nl=False)


def _show_heads(kept: list[heads.Seen], wrong: list[heads.Seen]) -> None:
    for one in wrong:
        typer.echo(f"Head of {one.name}: {one.trouble}.")
    if not kept:
        typer.echo("No signed head is kept yet: the worker keeps one a day.")
    elif wrong:
        typer.echo("A database restored from a backup lacks what was written after it, too.")
    else:
        typer.echo(f"Each of the {len(kept)} signed heads is a line of it, {kept[-1].name} last.")
