"""`bottin web`: the pages, the API and the feeds."""

import typer

app = typer.Typer()


@app.command()
def web() -> None:
    """Run the web part alone; the database must be there."""
    from bottin.config.part import run_web

    run_web()
