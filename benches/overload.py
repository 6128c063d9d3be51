"""Five times more than our tracker can answer: `python benches/overload.py` (as root).

Two cores cannot offer a tracker five times what one of them answers, so the tracker
is given a tenth of a core by a control group of its own, and its capacity is what it
answers in that; then five times as many announces are sent, whatever comes back, and
at last a tenth. Its capacity is measured with whole answers: under the flood they are
shorter where it puts work off (`sheds_load`), and as long where it is told not to.
"""

import os
import re
import select
import socket
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "5"))
PERIOD_US: Final = 20_000
QUOTA_US: Final = 2_000
POPULATION: Final = ("torrents=10000", "peers=100000", "users=10000", "keyed=true")
GROUPS: Final = Path("/sys/fs/cgroup")
Figures = dict[str, float]


@contextmanager
def small_group() -> Iterator[Path]:
    """Make a control group with so much of a core; OSError where that is not allowed."""
    name = f"bottin-bench-{os.getpid()}"
    is_unified = (GROUPS / "cgroup.controllers").exists()
    group = GROUPS / name if is_unified else GROUPS / "cpu" / name
    group.mkdir()
    try:
        if is_unified:
            (group / "cpu.max").write_text(f"{QUOTA_US} {PERIOD_US}", encoding="ascii")
        else:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_US), encoding="ascii")
            (group / "cpu.cfs_quota_us").write_text(str(QUOTA_US), encoding="ascii")
        yield group
    finally:
        await_leaving(group)
        group.rmdir()


def await_leaving(group: Path) -> None:
    """Wait until every process of the group has ended."""
    while pids := (group / "cgroup.procs").read_text(encoding="ascii").split():
        for pid in map(int, pids):
            try:
                handle = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            try:
                select.select([handle], [], [])
            finally:
                os.close(handle)


def one_round(group: Path, *, sheds: bool) -> Figures:
    """Start a tracker in the group, overload it, end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    program = str(target / "release/bottin-load")
    serve = [program, "serve", "keyed", f"port={port}", f"sheds={str(sheds).lower()}", *POPULATION]
    server = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    try:
        if server.stdout:
            server.stdout.readline()  # it listens
        (group / "cgroup.procs").write_text(str(server.pid), encoding="ascii")
        load = [program, "overload", f"127.0.0.1:{port}", f"pid={server.pid}", *POPULATION]
        options = ["burst=128", "times=5.5", "seconds=4"]
        said = subprocess.run([*load, *options], check=True, stdout=subprocess.PIPE, text=True)
    finally:
        server.kill()
        server.wait()
    flood, _, after = said.stdout.partition("| after:")
    pairs = re.findall(r"(\w+)=([\d.]+)", flood)
    pairs += [(f"after_{name}", text) for name, text in re.findall(r"(\w+)=([\d.]+)", after)]
    return {name: float(text) for name, text in pairs}


def main() -> None:
    """Measure with and without putting work off, in turns."""
    subprocess.run(["cargo", "build", "--release", "-q", "-p", "bottin-load"], check=True, cwd=ROOT)
    print(f"A tenth of a core, {ROUNDS} rounds, load {os.getloadavg()[0]:.1f} at start")
    rounds: dict[bool, list[Figures]] = {True: [], False: []}
    try:
        with small_group() as group:
            for _ in range(ROUNDS):
                for sheds, found in rounds.items():
                    found.append(one_round(group, sheds=sheds))
                    await_leaving(group)
    except PermissionError as error:
        print(f"Not measured, for a control group needs root: {error}")
        return
    print("| puts work off | capacity/s | offered × | goodput × | peers | grown KiB"
          " | after: lost | p99 ms |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    for sheds, found in rounds.items():

        def shown(name: str, form: str, found: list[Figures] = found) -> str:
            values = [figures[name] for figures in found]
            middle = statistics.median(values)
            return f"{middle:{form}} ({min(values):{form}}–{max(values):{form}})"

        late_ms = statistics.median(figures["after_p99_us"] for figures in found) / 1000
        print(
            f"| {'yes' if sheds else 'no'} | {shown('capacity', ',.0f')}"
            f" | {shown('offered', '.1f')} | {shown('goodput', '.2f')}"
            f" | {shown('peers', '.1f')} | {shown('grown_kib', '.0f')}"
            f" | {sum(figures['after_lost'] for figures in found):.0f} | {late_ms:.0f} |"
        )


if __name__ == "__main__":
    main()
