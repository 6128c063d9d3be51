"""`bottin tracker`: the data plane, for this site or standing alone."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()

_ALONE = "With --standalone: "


@app.command()
def tracker(  # noqa: PLR0913 - one parameter for each option
    *,
    standalone: Annotated[
        bool, typer.Option("--standalone", help="Without database or accounts.")
    ] = False,
    allow: Annotated[
        Path | None, typer.Option(help=f"{_ALONE}info-hashes to serve, one a line.")
    ] = None,
    is_open: Annotated[
        bool, typer.Option("--open", help=f"{_ALONE}serve every info-hash that is not denied.")
    ] = False,
    deny: Annotated[
        Path | None, typer.Option(help=f"{_ALONE}info-hashes to refuse, one a line.")
    ] = None,
    listen: Annotated[
        list[str] | None,
        typer.Option(help=f"{_ALONE}ADDRESS:PORT or unix:PATH, again for more."),
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help=f"{_ALONE}a folder for what outlives a restart.")
    ] = None,
    figures: Annotated[
        str | None,
        typer.Option(help=f"{_ALONE}ADDRESS:PORT of /stats, /stats.json and /metrics, or 'off'."),
    ] = None,
    replaces: Annotated[
        int | None,
        typer.Option(
            metavar="<pid>",
            help="The process of a running tracker: it ends once this one has loaded everything.",
        ),
    ] = None,
) -> None:
    """Run the tracker part alone."""
    given = (allow, is_open, deny, listen, state, figures)
    if not standalone:
        if any(given):
            raise typer.BadParameter("this option goes with --standalone")
        from bottin.config.part import run_tracker

        run_tracker(replaces=replaces)
        return
    if is_open == (allow is not None):
        raise typer.BadParameter("--standalone needs either --allow FILE or --open")
    from bottin.config.standalone import Asked, serve

    serve(Asked(allow, deny, tuple(listen or ()), state, figures, replaces))
