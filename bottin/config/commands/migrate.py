"""`bottin migrate`: the schema, the cache table and the collected static files."""

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def migrate(
    *,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing.")] = False,
) -> None:
    """Bring the database up to date; with several machines, run it once before the parts."""
    from bottin.config import env
    from bottin.config.database import running
    from bottin.config.site import load_django

    options = env.load()
    with running(options):
        load_django()
        from bottin.config.upgrade import bring_up_to_date  # its models need the line above

        bring_up_to_date(options, say=None if quiet else typer.echo)
