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
    if not standalone:
        if allow or deny or listen:
            raise typer.BadParameter("--allow, --deny and --listen go with --standalone")
        _run_for_the_site()
        return

    from bottin.config.alone import stop_on_signals
    from bottin.tracker.standalone import run

    run(stop_on_signals(), allow=allow, deny=deny, listen=tuple(listen or ()))


def _run_for_the_site() -> None:
    from bottin.config.alone import start_part, stop_on_signals
    from bottin.config.site import load_django

    start_part("tracker")
    load_django()
    from bottin.tracker.service import run

    run(stop_on_signals())
