"""`bottin worker`: queued tasks and periodic work."""

import typer

app = typer.Typer()


@app.command()
def worker() -> None:
    """Run the worker part alone."""
    from bottin.config.alone import start_part, stop_on_signals
    from bottin.config.site import load_django

    start_part("worker")
    load_django()
    from bottin.config.worker import run

    run(stop_on_signals())
