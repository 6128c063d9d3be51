"""`bottin serve`: the whole site under one supervisor."""

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def serve(
    data: Annotated[
        Path | None, typer.Option("--data", help="The data directory (BOTTIN_DATA_DIR).")
    ] = None,
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="With demonstration content (BOTTIN_DEMO).")
    ] = False,
) -> None:
    """Run the whole site: PostgreSQL, web, tracker, worker. Ctrl-C or SIGTERM stops it."""
    # Through the environment, so that the parts see the same settings.
    if data is not None:
        os.environ["BOTTIN_DATA_DIR"] = str(data.absolute())
    if demo:
        os.environ["BOTTIN_DEMO"] = "true"

    from bottin.config import env, keys, logs
    from bottin.config.greeting import announce
    from bottin.config.supervisor import Supervisor

    options = env.load()
    os.environ["BOTTIN_DATA_DIR"] = str(options.data_dir)
    logs.configure(options, "serve")
    keys.site_secret(options)
    raise typer.Exit(Supervisor(options, lambda: announce(options)).run())
