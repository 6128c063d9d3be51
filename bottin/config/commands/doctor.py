"""`bottin doctor`: each check on a line, what to do under it."""

from typing import Annotated

import typer

app = typer.Typer()

_COLOURS = {"OK": "green", "WARN": "yellow", "FAIL": "red"}


@app.command()
def doctor(
    *, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Say what is wrong, and what to do. Exit code 1 when something fails."""
    from bottin.config import env
    from bottin.config.cli import write_json
    from bottin.config.doctor import Status, examine
    from bottin.config.site import load_django

    options = env.load()
    load_django()
    findings = examine(options)
    if as_json:
        write_json(
            [
                {"check": name, "status": one.status, "says": one.says, "remedy": one.remedy}
                for name, one in findings
            ]
        )
    else:
        for name, one in findings:
            status = typer.style(f"{one.status:<4}", fg=_COLOURS[one.status])
            typer.echo(f"{status}  {name:<12} {one.says}")
            if one.remedy:
                typer.echo(f"{'':<19}→ {one.remedy}")
    if any(one.status is Status.FAIL for _, one in findings):
        raise typer.Exit(1)
