"""Our tracker and others under one load: `python benches/tracker_load.py [WORD …]`.

A word is a protocol (`udp`, `http`, `ws`), the whole name of a subject, or `two-threads`
for the servers with two threads over UDP, which are measured only when asked for: with
the generator they want three cores. Without a word all others are measured.

Every server runs in a process of its own with one thread for the protocol, is filled
with the same population (Zipf's law over the torrents), then measured in turns, so
that what disturbs the machine disturbs all of them. What counts is the processor time
of the server for an answer, user and system, beside that of a bare echo of the same
sizes; medians of ROUNDS with their spread. All load comes from this machine: our
limits of requests per address are lifted for loopback, nothing else is.

Over WebSocket an answer is an offer that was passed on to another browser.

Anchors are taken from the PATH or from $BOTTIN_ANCHORS; one that is absent is a line.
"""

import dataclasses
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS: Final = float(os.environ.get("BENCH_SECONDS", "2"))
UDP_PEERS: Final = int(os.environ.get("BENCH_PEERS", "1000000"))
HTTP_PEERS: Final = UDP_PEERS // 10
TORRENTS: Final = 100_000
ANCHORS: Final = os.environ.get("BOTTIN_ANCHORS", "")
Figures = dict[str, float]


@dataclasses.dataclass(frozen=True)
class Subject:
    """A server: how it starts, how it is asked, where it is from when absent."""

    name: str
    program: str
    start: Callable[["Place"], list[str]]
    options: tuple[str, ...] = ()
    protocol: str = "udp"
    install: str = ""
    is_filled: bool = True
    threads: int = 1

    @property
    def path(self) -> str | None:
        """Where its program is."""
        if self.program == "bottin-load":
            return str(load_program())
        if self.program == "bittorrent-tracker":  # a package, which node runs
            is_there = (ROOT / "tests/programs/node_modules" / self.program).is_dir()
            return shutil.which("node") if is_there else None
        return shutil.which(self.program, path=f"{ANCHORS}:{os.environ['PATH']}")


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a server listens, and the folder of its settings."""

    port: int
    folder: Path


@dataclasses.dataclass
class Running:
    """A server that runs, and what it showed."""

    subject: Subject
    process: subprocess.Popen[bytes]
    port: int
    empty_kib: float = 0.0
    full_kib: float = 0.0
    rounds: list[Figures] = dataclasses.field(default_factory=list)

    def ask(self, *options: str) -> Figures:
        """Run the generator against it."""
        population = UDP_PEERS if self.subject.protocol == "udp" else HTTP_PEERS
        words = [f"pid={self.process.pid}", f"torrents={TORRENTS}", f"peers={population}"]
        command = [str(load_program()), self.subject.protocol, f"127.0.0.1:{self.port}"]
        done = subprocess.run(
            [*command, *words, *self.subject.options, *options],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        figures = {key: float(text) for key, text in re.findall(r"(\w+)=([\d.]+)", done.stdout)}
        return {**figures, "cpu_us": figures["user_us"] + figures["system_us"]}

    def of(self, key: str) -> list[float]:
        """Give one figure of every round."""
        return [figures[key] for figures in self.rounds]

    def median(self, key: str) -> float:
        """Give the median of one figure."""
        return statistics.median(self.of(key))


def load_program() -> Path:
    """Give the generator that `cargo build --release -p bottin-load` makes."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "release/bottin-load"


def _ours(kind: str, threads: int = 1) -> Callable[[Place], list[str]]:
    words = [f"torrents={TORRENTS}", f"threads={threads}"]
    return lambda place: ["serve", kind, f"port={place.port}", *words]


def _aquatic(place: Place, threads: int = 1) -> list[str]:
    network = f'[network]\naddress = "127.0.0.1:{place.port}"\n'
    access = f'[access_list]\nmode = "allow"\npath = "{place.folder}/hashes.txt"\n'
    settings = f"socket_workers = {threads}\n{network}{access}"
    (place.folder / "aquatic.toml").write_text(settings, encoding="utf-8")
    return ["-c", f"{place.folder}/aquatic.toml"]


def _opentracker(place: Place, threads: int = 1) -> list[str]:
    lines = [
        f"listen.udp.workers {threads}",
        f"listen.tcp_udp 127.0.0.1:{place.port}",
        "access.whitelist hashes.txt",
        f"tracker.rootdir {place.folder}",
    ]
    (place.folder / "opentracker.conf").write_text("\n".join(lines), encoding="utf-8")
    return ["-f", f"{place.folder}/opentracker.conf"]


def _npm(protocol: str) -> Callable[[Place], list[str]]:
    program = str(ROOT / "tests/programs/server.mjs")
    return lambda place: [program, str(place.port), protocol]


CARGO: Final = "cargo install --version 0.9.0"
KEYED: Final = ("keyed=true",)
BROWSERS: Final = ("sockets=512",)
SUBJECTS: Final = (
    Subject("bare echo", "bottin-load", _ours("echo"), is_filled=False),
    Subject("bare echo, in batches", "bottin-load", _ours("echo-batched"), is_filled=False),
    Subject("Bottin, open", "bottin-load", _ours("open")),
    Subject("Bottin, keyed and journalled", "bottin-load", _ours("keyed"), KEYED),
    Subject("aquatic_udp", "aquatic_udp", _aquatic, install=f"{CARGO} aquatic_udp"),
    Subject(
        "aquatic_udp, io_uring",
        "aquatic_udp_uring",
        _aquatic,
        install=f"{CARGO} --features io-uring aquatic_udp, renamed aquatic_udp_uring",
    ),
    Subject("opentracker", "opentracker", _opentracker, install="apt install opentracker"),
    Subject("bittorrent-tracker", "bittorrent-tracker", _npm("udp"), install="npm install"),
    Subject("HTTP Bottin, keyed, kept", "bottin-load", _ours("keyed"), KEYED, "http"),
    Subject(
        "HTTP aquatic, kept",
        "aquatic_http",
        _aquatic,
        protocol="http",
        install=f"{CARGO} aquatic_http",
    ),
    Subject("HTTP Bottin, open, one each", "bottin-load", _ours("open"), ("keep=false",), "http"),
    Subject("WS Bottin, open", "bottin-load", _ours("open"), BROWSERS, "ws", is_filled=False),
    Subject(
        "WS bittorrent-tracker",
        "bittorrent-tracker",
        _npm("ws"),
        BROWSERS,
        "ws",
        "npm install",
        is_filled=False,
    ),
    Subject(
        "HTTP opentracker, one each",
        "opentracker",
        _opentracker,
        ("keep=false",),
        "http",
        "apt install opentracker",
    ),
    Subject("two threads, Bottin, open", "bottin-load", _ours("open", 2), threads=2),
    Subject("two threads, Bottin, keyed", "bottin-load", _ours("keyed", 2), KEYED, threads=2),
    Subject("two threads, aquatic_udp", "aquatic_udp", partial(_aquatic, threads=2), threads=2),
    Subject(
        "two threads, aquatic_udp, io_uring",
        "aquatic_udp_uring",
        partial(_aquatic, threads=2),
        threads=2,
    ),
    Subject("two threads, opentracker", "opentracker", partial(_opentracker, threads=2), threads=2),
)
PROTOCOLS: Final = ("udp", "http", "ws")
TWO_THREADS: Final = "two-threads"


def choose(words: Sequence[str]) -> list[Subject]:
    """Give the subjects that words name; all with one thread without any.

    Raises SystemExit for a word that names nothing.
    """
    known = {*PROTOCOLS, TWO_THREADS, *(one.name for one in SUBJECTS)}
    if unknown := set(words) - known:
        raise SystemExit(f"{', '.join(sorted(unknown))}: say one of {'; '.join(sorted(known))}")
    return [one for one in SUBJECTS if _is_chosen(one, words)]


def _is_chosen(one: Subject, words: Sequence[str]) -> bool:
    if one.threads > 1:
        return TWO_THREADS in words or one.name in words
    return not words or one.protocol in words or one.name in words


def main() -> None:
    """Measure the subjects that the command line names."""
    chosen = choose(sys.argv[1:])
    subprocess.run(["cargo", "build", "--release", "-q", "-p", "bottin-load"], check=True, cwd=ROOT)
    load, *_ = os.getloadavg()
    print(f"{UDP_PEERS} peers (HTTP: {HTTP_PEERS}), {TORRENTS} torrents, load {load:.1f} at start")
    with ExitStack() as stack:
        running = [stack.enter_context(run(one)) for one in chosen if is_there(one)]
        for one in running:
            fill(one)
        for at in range(1, ROUNDS + 1):
            for one in running:
                one.rounds.append(one.ask(f"seconds={SECONDS}", f"round={at}"))
        table(running)
        # An echo returns no transaction to time.
        timed = [one for one in running if one.subject.is_filled]
        latencies([one for one in timed if one.subject.protocol == "udp"])


def is_there(subject: Subject) -> bool:
    """Say how to install what is absent."""
    if subject.path is None:
        print(f"{subject.name}: absent; to compare with it: {subject.install}")
    return subject.path is not None


@contextmanager
def run(subject: Subject) -> Iterator[Running]:
    """Run one server on a free port, until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="bottin-bench-") as name:
        place = Place(port, Path(name))
        place.folder.chmod(0o755)
        hashes = [str(load_program()), "hashes", f"torrents={TORRENTS}"]
        (place.folder / "hashes.txt").write_bytes(subprocess.check_output(hashes))
        command = [str(subject.path), *subject.start(place)]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, stdout=quiet, stderr=quiet, cwd=place.folder)
        try:
            one = Running(subject, process, port)
            wait_for(one)
            yield one
        finally:
            process.kill()
            process.wait()


def wait_for(one: Running) -> None:
    """Ask until it answers."""
    for _ in range(200):
        try:
            one.empty_kib = one.ask("seconds=0.01", "sockets=1", "burst=1")["rss_kib"]
        except subprocess.CalledProcessError:
            time.sleep(0.1)
        else:
            return
    message = f"{one.subject.name} does not answer"
    raise TimeoutError(message)


def fill(one: Running) -> None:
    """Announce every peer once, or let all browsers in."""
    if one.subject.is_filled:
        one.full_kib = one.ask("fill", "round=0")["rss_kib"]
    elif one.subject.protocol == "ws":
        # A program that is compiled as it runs is slow at first.
        one.full_kib = one.ask("seconds=10")["rss_kib"]


def table(running: list[Running]) -> None:
    """Print what a subject costs for an answer, and the ratio to the first."""
    floor = running[0].median("cpu_us")
    print("| server | CPU µs/answer | user | system | ratio | answers/s | peers | lost | MiB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for one in running:
        cpu = one.of("cpu_us")
        print(
            f"| {one.subject.name} | {one.median('cpu_us'):.2f} ({min(cpu):.2f}–{max(cpu):.2f})"
            f" | {one.median('user_us'):.2f} | {one.median('system_us'):.2f}"
            f" | {one.median('cpu_us') / floor:.2f} | {one.median('rate'):,.0f}"
            f" | {one.median('peers'):.1f} | {sum(one.of('lost')) / sum(one.of('answers')):.3%}"
            f" | {one.empty_kib / 1024:.0f} → {one.full_kib / 1024:.0f} |"
        )
    print(f"Ratio: to {running[0].subject.name}. Medians of {ROUNDS}, least and most in brackets.")


def latencies(running: list[Running]) -> None:
    """Print how long answers take at half and at nine tenths of the rate reached."""
    print("| server | offered/s | p50 µs | p99 µs | p99.9 µs | lost |")
    print("|---|---|---|---|---|---|")
    for one in running:
        for share in (0.5, 0.9):
            rate = one.median("rate") * share
            found = one.ask(f"rate={rate:.0f}", f"seconds={SECONDS}", "round=99")
            print(
                f"| {one.subject.name} | {rate:,.0f} | {found['p50_us']:.0f} |"
                f" {found['p99_us']:.0f} | {found['p999_us']:.0f} |"
                f" {found['lost'] / (found['answers'] + found['lost'] + 1):.3%} |"
            )


if __name__ == "__main__":
    main()
