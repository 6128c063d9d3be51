"""`bottin worker`: queued tasks and periodic work."""

import typer

app = typer.Typer()


@app.command()
def worker() -> None:
    """Run the worker part alone; the database must be there."""
    from bottin.config.part import run_worker

    run_worker()
