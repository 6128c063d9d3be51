"""`bottin tracker`: the data plane, for this site or standing alone."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def tracker(
    *,
    standalone: Annotated[
        bool, typer.Option("--standalone", help="Without database or accounts.")
    ] = False,
    allow: Annotated[
        Path | None, typer.Option(help="With --standalone: info-hashes to serve, one a line.")
    ] = None,
    deny: Annotated[
        Path | None, typer.Option(help="With --standalone: info-hashes to refuse, one a line.")
    ] = None,
    listen: Annotated[
        list[str] | None, typer.Option(help="With --standalone: ADDRESS:PORT, again for more.")
    ] = None,
) -> None:
    """Run the tracker part alone."""
    if not standalone and (allow or deny or listen):
        raise typer.BadParameter("--allow, --deny and --listen go with --standalone")
    from bottin.config.part import run_tracker, stop_on_signals

    if not standalone:
        run_tracker()
        return
    from bottin.tracker.standalone import run

    run(stop_on_signals(), allow=allow, deny=deny, listen=tuple(listen or ()))
