"""`bottin migrate`: the schema, the cache table and the collected static files."""

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def migrate(
    *,
    wait: Annotated[
        bool, typer.Option("--wait", hidden=True, help="For a PostgreSQL being started.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing.")] = False,
) -> None:
    """Bring the database up to date; with several machines, run it once before the parts."""
    from bottin.config import env
    from bottin.config.database import running
    from bottin.config.site import load_django
    from bottin.config.upgrade import await_database, bring_up_to_date

    options = env.load()
    if wait:  # `bottin serve` starts PostgreSQL meanwhile
        load_django()
        await_database(options)
        bring_up_to_date(options, say=None if quiet else typer.echo)
        return
    with running(options):
        load_django()
        bring_up_to_date(options, say=None if quiet else typer.echo)
