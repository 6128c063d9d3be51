"""`bottin demo`: fill an empty site; `bottin demo swarm`: real clients share it."""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bottin.config import env
from bottin.config.errors import ConfigError
from bottin.config.site import with_database
from bottin.lib.clock import now
from bottin.lib.sizes import format_bytes

if TYPE_CHECKING:
    from bottin.config.demo.swarm import Line

app = typer.Typer(invoke_without_command=True)
console = Console()


@app.callback()
def demo(context: typer.Context) -> None:
    """Fill the site with demonstration content, once; say the demo logins."""
    if context.invoked_subcommand is None:
        _require_demo()
        _fill()


@app.command()
def swarm(
    count: Annotated[int, typer.Argument(min=2, max=8, help="How many clients.")] = 4,
) -> None:
    """Run real clients that share demo releases, and show the credit arrive."""
    _require_demo()
    _swarm(count)


def _require_demo() -> None:
    if not env.load().demo:
        raise ConfigError("This site is not in demo mode. Set BOTTIN_DEMO=true, or run `make run`.")


@with_database
def _fill() -> None:
    from bottin.config.demo import people, seed

    if not seed.is_filled():
        columns = (TextColumn("Demo content"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
            task = bar.add_task("fill")
            seed.fill(now(), lambda done, total: bar.update(task, completed=done, total=total))
    logins = ", ".join(people.SHOWN)
    sys.stdout.write(f"Demo logins: {logins} (password: {people.PASSWORD})\n")


@with_database
def _swarm(count: int) -> None:
    from bottin.config.demo import clients
    from bottin.config.demo import swarm as swarms

    if not clients.is_installed():
        raise ConfigError("The demo swarm needs libtorrent: pip install libtorrent.")
    with tempfile.TemporaryDirectory(prefix="bottin-swarm-") as folder:
        console.print("Preparing the clients …")
        running = swarms.gather(count, Path(folder))
        with Live(console=console, refresh_per_second=8) as live:
            is_done = swarms.share(running, lambda lines: live.update(_table(lines)))
            lines = swarms.settle(running, lambda lines: live.update(_table(lines)))
    _conclude(lines, is_done=is_done)


def _table(lines: "list[Line]") -> Table:
    table = Table(title="Bottin demo swarm", title_justify="left", expand=False)
    for title in ("member", "role", "progress", "complete", "peers"):
        table.add_column(title)
    for title in ("sent", "received", "rate", "credited ↑", "credited ↓"):
        table.add_column(title, justify="right")
    for line in lines:
        now_ = line.progress
        table.add_row(
            line.member,
            "seeds" if line.seeds else "fetches",
            _bar(now_.fraction),
            f"{now_.complete}/{now_.releases}",
            str(now_.peers),
            format_bytes(now_.sent, "en"),
            format_bytes(now_.received, "en"),
            f"{format_bytes(now_.send_rate + now_.receive_rate, 'en')}/s",
            _credited(line.credited.sent, now_.sent),
            _credited(line.credited.received, now_.received),
        )
    return table


def _bar(fraction: float) -> str:
    full = round(fraction * 20)
    return f"[yellow]{'█' * full}[/yellow][dim]{'·' * (20 - full)}[/dim]"


def _credited(credited: int, said: int) -> str:
    mark = "[green]✓[/green]" if credited == said else "…"
    return f"{format_bytes(credited, 'en')} {mark}"


def _conclude(lines: "list[Line]", *, is_done: bool) -> None:
    for line in lines:
        if line.progress.trouble:
            console.print(f"{line.member}: the tracker said: {line.progress.trouble}")
    exact = sum(line.is_exact for line in lines)
    origin = env.load().origin
    console.print(
        f"{exact} of {len(lines)} members are credited to the byte with what their client moved. "
        f"See {origin}/me (sign in as {lines[0].member})."
    )
    if not is_done or exact != len(lines):
        raise typer.Exit(1)
