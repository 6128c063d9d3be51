"""`bottin web`: the pages, the API and the feeds."""

import typer

app = typer.Typer()


@app.command()
def web() -> None:
    """Run the web part alone; the database must be there."""
    from bottin.config.alone import start_part
    from bottin.config.web_server import serve_pages

    serve_pages(start_part("web"))
