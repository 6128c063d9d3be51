"""Ours and aquatic under aquatic's own generator: `python benches/foreign_load.py [SECONDS]`.

`aquatic_udp_load_test` knows nothing of us and makes up its torrents: it shows whether the
figures of `tracker_load.py` come from a generator that suits us. Both servers take any
torrent here (opentracker of Debian serves listed ones only, and these cannot be listed).
In turns, ROUNDS times, after one run that fills them; one thread each.
"""

import dataclasses
import os
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benches.tracker_load import CARGO, ROUNDS, Place, Running, Subject, is_there, run
from benches.tracker_load import SUBJECTS as LISTED

SECONDS: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 10
TORRENTS: Final = 100_000
PEERS: Final = 1_000_000
TICKS: Final = os.sysconf("SC_CLK_TCK")
GENERATOR: Final = Subject(
    "aquatic_udp_load_test",
    "aquatic_udp_load_test",
    lambda _place: [],
    install=f"{CARGO} aquatic_udp_load_test",
)


def _ours(place: Place) -> list[str]:
    return ["serve", "any", f"port={place.port}", "users=0"]


def _aquatic(place: Place) -> list[str]:
    settings = f'[network]\naddress = "127.0.0.1:{place.port}"\n'
    (place.folder / "aquatic.toml").write_text(settings, encoding="utf-8")
    return ["-c", f"{place.folder}/aquatic.toml"]


OTHERS: Final = ("aquatic_udp", "aquatic_udp, io_uring")
SUBJECTS: Final = (
    Subject("Bottin, any torrent", "bottin-load", _ours),
    *(dataclasses.replace(one, start=_aquatic) for one in LISTED if one.name in OTHERS),
)


@dataclasses.dataclass(frozen=True)
class Spent:
    """Processor seconds of a process: its own and the kernel's for it."""

    user_s: float
    system_s: float

    @classmethod
    def by(cls, pid: int) -> "Spent":
        """Read what a process has spent so far."""
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return cls(int(stat[11]) / TICKS, int(stat[12]) / TICKS)


def main() -> None:
    """Measure and print a table."""
    if not is_there(GENERATOR):
        return
    print(f"{PEERS} peers, {TORRENTS} torrents, load {os.getloadavg()[0]:.1f} at start")
    with ExitStack() as stack:
        running = [stack.enter_context(run(one)) for one in SUBJECTS if is_there(one)]
        for _ in range(ROUNDS + 1):
            for one in running:
                one.rounds.append(ask(one))
    print("| server | CPU µs/answer | user | system | answers/s | peers/answer |")
    print("|---|---|---|---|---|---|")
    for one in running:
        del one.rounds[0]
        cpu = one.of("cpu_us")
        print(
            f"| {one.subject.name} | {one.median('cpu_us'):.2f} ({min(cpu):.2f}–{max(cpu):.2f})"
            f" | {one.median('user_us'):.2f} | {one.median('system_us'):.2f}"
            f" | {one.median('rate'):,.0f} | {one.median('peers'):.1f} |"
        )
    print(f"Medians of {ROUNDS}, least and most in brackets; connects and scrapes are answers too.")


def ask(one: Running) -> dict[str, float]:
    """Have the generator ask a server for SECONDS; give what it says and what the server spent."""
    settings = (
        f'server_address = "127.0.0.1:{one.port}"\nduration = {SECONDS}\n'
        f"extra_statistics = true\n[requests]\nnumber_of_torrents = {TORRENTS}\n"
        f"number_of_peers = {PEERS}\nweight_connect = 1\nweight_announce = 99\n"
    )
    with NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
        file.write(settings)
        file.flush()
        before = Spent.by(one.process.pid)
        said = subprocess.check_output([str(GENERATOR.path), "-c", file.name], text=True)
    after = Spent.by(one.process.pid)
    rate = _said(said, "Average responses per second")
    answers = rate * _said(said, "Test ran for")  # it counts in steps of five seconds
    user, system = after.user_s - before.user_s, after.system_s - before.system_s
    if (refused := _said(said, "Error responses")) > rate / 1000:
        raise SystemExit(f"{one.subject.name} refuses {refused:.0f} requests a second")
    return {
        "rate": rate,
        "peers": _said(said, "Peers per announce response"),
        "user_us": user / answers * 1e6,
        "system_us": system / answers * 1e6,
        "cpu_us": (user + system) / answers * 1e6,
    }


def _said(report: str, what: str) -> float:
    found = re.findall(re.escape(what) + r"\D*([\d.]+)", report)
    if not found:
        raise SystemExit(f"no “{what}” in:\n{report}")
    return float(found[-1])


if __name__ == "__main__":
    main()
