"""`bottin demo`: fill an empty site; `bottin demo swarm`: real clients share it."""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich import box
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
# What the table needs with all its columns.
_WIDE: Final = 100
_WIDE_ONLY: Final = ("complete", "peers", "rate")


@app.callback()
def demo(
    context: typer.Context,
    *,
    share: Annotated[
        bool, typer.Option("--share", help="Then share part of it until SIGTERM or Ctrl-C.")
    ] = False,
) -> None:
    """Fill the site with demonstration content, once; say the demo logins."""
    if context.invoked_subcommand is None:
        _require_demo()
        _fill()
        if share:
            _share()


@app.command()
def swarm(
    count: Annotated[int, typer.Argument(min=2, max=8, help="How many clients.")] = 4,
    picture: Annotated[
        Path | None, typer.Option(help="Write the last frame to this file, as an SVG.")
    ] = None,
) -> None:
    """Run real clients that share demo releases, and show the credit arrive."""
    _require_demo()
    _swarm(count, picture)


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
def _share() -> None:
    from bottin.config.demo import clients, sharing
    from bottin.config.part import stop_on_signals

    count = env.load().demo_clients
    if count and clients.is_installed():
        sharing.keep(count, stop_on_signals())


@with_database
def _swarm(count: int, picture: Path | None) -> None:
    from bottin.config.demo import clients, pictures
    from bottin.config.demo import swarm as swarms

    if not clients.is_installed():
        raise ConfigError("The demo swarm needs libtorrent: pip install libtorrent.")
    with tempfile.TemporaryDirectory(prefix="bottin-swarm-") as folder:
        console.print("Preparing the clients …")
        running = swarms.gather(count, Path(folder))
        with Live(console=console, refresh_per_second=8) as live:
            is_done = swarms.share(running, lambda lines: live.update(_table(lines)))
            lines = swarms.settle(running, lambda lines: live.update(_table(lines)))
    if picture is not None:
        pictures.write(picture, _table(lines, is_wide=True), f" {_sentence(lines)}")
    _conclude(lines, is_done=is_done)


def _table(lines: "list[Line]", *, is_wide: bool | None = None) -> Table:
    """Show one line a client; a narrow terminal goes without rates and shorter bars."""
    is_wide = console.width >= _WIDE if is_wide is None else is_wide
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    left = ("member", "role", "progress", "complete", "peers")
    right = ("sent", "received", "rate", "credited ↑", "credited ↓")
    for title in (*left, *right):
        if is_wide or title not in _WIDE_ONLY:
            table.add_column(title, justify="right" if title in right else "left", no_wrap=True)
    for line in lines:
        cells = _cells(line, bar_length=20 if is_wide else 10)
        table.add_row(*(cells[str(column.header)] for column in table.columns))
    return table


def _cells(line: "Line", bar_length: int) -> dict[str, str]:
    now_ = line.progress
    return {
        "member": line.member,
        "role": "seeds" if line.seeds else "fetches",
        "progress": _bar(now_.fraction, bar_length),
        "complete": f"{now_.complete}/{now_.releases}",
        "peers": str(now_.peers),
        "sent": format_bytes(now_.sent, "en"),
        "received": format_bytes(now_.received, "en"),
        "rate": f"{format_bytes(now_.send_rate + now_.receive_rate, 'en')}/s",
        "credited ↑": _credited(line.credited.sent, is_exact=line.is_sent_exact),
        "credited ↓": _credited(line.credited.received, is_exact=line.is_received_exact),
    }


def _bar(fraction: float, length: int) -> str:
    full = round(fraction * length)
    return f"[yellow]{'━' * full}[/yellow][dim]{'─' * (length - full)}[/dim]"


def _credited(credited: int, *, is_exact: bool) -> str:
    mark = "[green]✓[/green]" if is_exact else "…"
    return f"{format_bytes(credited, 'en')} {mark}"


def _conclude(lines: "list[Line]", *, is_done: bool) -> None:
    for line in lines:
        if line.progress.trouble:
            console.print(f"{line.member}: the tracker said: {line.progress.trouble}")
        if not line.is_exact:
            said, credited = line.progress, line.credited
            console.print(
                f"{line.member}: the client says ↑ {said.sent} ↓ {said.received} bytes,"
                f" the site ↑ {credited.sent} ↓ {credited.received}."
            )
    origin = env.load().origin
    console.print(f"{_sentence(lines)} See {origin}/me (sign in as {lines[0].member}).")
    if not is_done or not all(line.is_exact for line in lines):
        raise typer.Exit(1)


def _sentence(lines: "list[Line]") -> str:
    exact = sum(line.is_exact for line in lines)
    return f"{exact} of {len(lines)} members are credited to the byte with what their client moved."
