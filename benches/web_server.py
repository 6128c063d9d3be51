"""Which HTTP server makes pages, granian or gunicorn: `python benches/web_server.py [REQUESTS]`.

The same site, one process with four threads, on a PostgreSQL of its own. Clients
keep eight connections and ask one after the other. What is compared is the
processor time of the server for one answer; it depends least on what else runs.
"""

import http.client
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REQUESTS: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
CLIENTS: Final = 8
HOME: Final = Path(tempfile.mkdtemp(prefix="bottin-bench-"))
PATHS: Final = {"/healthz": "no database", "/readyz": "one query"}
_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Find a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def commands(port: int) -> dict[str, list[str]]:
    """Write how each server is started."""
    gunicorn = ["gunicorn", "bottin.config.wsgi", "-k", "gthread", "--threads", "4", "-w", "1"]
    return {
        "granian": [sys.executable, "-m", "bottin.config.part", "web"],
        "gunicorn": [sys.executable, "-m", *gunicorn, "-b", f"127.0.0.1:{port}", "--preload"],
    }


def family(pid: int) -> list[int]:
    """List a process and its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(found for child in children for found in family(int(child)))]


def processor_s(pid: int) -> float:
    """Add up the processor time of a process and its descendants."""
    total = 0
    for member in family(pid):
        fields = Path(f"/proc/{member}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total * _TICK_S


def memory_mib(pid: int) -> float:
    """Add up the memory that only these processes have, and their share of the rest."""
    total = 0
    for member in family(pid):
        for line in Path(f"/proc/{member}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


@contextmanager
def server(name: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run one server until the end of the block; it answers when the block begins."""
    environ = {
        **os.environ,
        "BOTTIN_DATA_DIR": str(HOME),
        "BOTTIN_WEB_LISTEN": f"127.0.0.1:{port}",
        "BOTTIN_METRICS_LISTEN": f"127.0.0.1:{free_port()}",
        "BOTTIN_WEB_WORKERS": "1",
        "BOTTIN_PART": "web",
        "BOTTIN_LOG_LEVEL": "error",
    }
    process = subprocess.Popen(commands(port)[name], env=environ, stderr=subprocess.DEVNULL)
    try:
        while True:
            with suppress(OSError):
                ask(http.client.HTTPConnection("127.0.0.1", port, timeout=2), "/readyz")
                break
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait()


def ask(connection: http.client.HTTPConnection, path: str) -> None:
    """Ask for a page and read it."""
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")


@dataclass(frozen=True)
class Measured:
    """What one round gave."""

    cpu_us: float
    p50_ms: float
    p99_ms: float
    each_s: float


def measure(process: subprocess.Popen[bytes], port: int, path: str, *, keep: bool) -> Measured:
    """Ask REQUESTS times from CLIENTS threads."""
    times: list[float] = []

    def run() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(REQUESTS // CLIENTS):
            began = time.perf_counter()
            ask(connection, path)
            times.append(time.perf_counter() - began)
            if not keep:
                connection.close()
        connection.close()

    before, began = processor_s(process.pid), time.perf_counter()
    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted, used = time.perf_counter() - began, processor_s(process.pid) - before
    cuts = statistics.quantiles(times, n=100)
    return Measured(used / len(times) * 1e6, cuts[49] * 1e3, cuts[98] * 1e3, len(times) / lasted)


def seconds_until_closed(port: int, *, limit_s: float = 40.0) -> float:
    """Send half a request and wait for the server to lose patience."""
    with socket.create_connection(("127.0.0.1", port), timeout=limit_s) as slow:
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: loc")
        began = time.monotonic()
        with suppress(OSError):
            while slow.recv(1024):
                continue
        return time.monotonic() - began


def compare(name: str) -> None:
    """Print a line for each page and kind of connection, and one for memory and patience."""
    port = free_port()
    with server(name, port) as process:
        for path, what in PATHS.items():
            for keep in (True, False):
                one = measure(process, port, path, keep=keep)
                kind = "kept" if keep else "one each"
                print(
                    f"{name:<10}{what:<14}{kind:<13}{one.cpu_us:>8.0f}{one.p50_ms:>8.1f}"
                    f"{one.p99_ms:>8.1f}{one.each_s:>8.0f}"
                )
        memory, patience_s = memory_mib(process.pid), seconds_until_closed(port)
        print(f"{name:<10}{memory:.0f} MiB; half a request is held for {patience_s:.0f} s")


def main() -> None:
    """Compare both on one database."""
    os.environ["BOTTIN_DATA_DIR"] = str(HOME)
    from bottin.config import env
    from bottin.config.database import running

    try:
        with running(env.load()):
            migrate = [sys.executable, "-m", "bottin", "migrate", "--quiet"]
            subprocess.run(migrate, check=True)
            titles = ("CPU µs", "p50 ms", "p99 ms", "/s")
            print(f"{'server':<10}{'page':<14}{'connections':<13}", end="")
            print("".join(f"{title:>8}" for title in titles))
            for name in ("granian", "gunicorn"):
                compare(name)
    finally:
        shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    main()
