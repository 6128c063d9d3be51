"""Real processes: a `bottin serve` of its own, what it left behind, an ordinary user to run as."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]
PATIENCE_S: Final = 120.0  # a machine may be busy


def eventually(is_true: Callable[[], bool], *, within_s: float = PATIENCE_S) -> None:
    """Wait until something is true; fail when it never is."""
    deadline = time.monotonic() + within_s
    while not is_true():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.05)


def free_ports(count: int) -> list[int]:
    """Find ports free for TCP and UDP on loopback."""
    with contextlib.ExitStack() as held:
        ports: list[int] = []
        while len(ports) < count:
            tcp = held.enter_context(socket.socket())
            tcp.bind(("127.0.0.1", 0))
            udp = held.enter_context(socket.socket(type=socket.SOCK_DGRAM))
            with contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", tcp.getsockname()[1]))
                ports.append(tcp.getsockname()[1])
        return ports


@dataclass
class Served:
    """A `bottin serve` on a data directory and ports of its own."""

    data_dir: Path
    ports: list[int] = field(default_factory=lambda: free_ports(3))
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        web, tracker, metrics = self.ports
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("BOTTIN_")}
        return {
            **inherited,
            "BOTTIN_DATA_DIR": str(self.data_dir),
            "BOTTIN_WEB_LISTEN": f"127.0.0.1:{web}",
            "BOTTIN_WEB_WORKERS": "1",
            "BOTTIN_TRACKER_LISTEN": f"127.0.0.1:{tracker}",
            "BOTTIN_METRICS_LISTEN": f"127.0.0.1:{metrics}",
            "BOTTIN_LOG_FORMAT": "json",
            **self.settings,
        }

    @property
    def log(self) -> Path:
        return self.data_dir.with_suffix(".log")

    def start(self) -> "Served":
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bottin", "serve"],
                cwd=ROOT,
                env=self.environ,
                stdout=output,
                stderr=output,
            )
        return self

    def wait_ready(self) -> "Served":
        eventually(lambda: "Bottin is ready." in self.words() or not self.is_running())
        assert self.is_running(), self.words()
        return self

    def words(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.words().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == name]

    def pid_of(self, part: str) -> int:
        if part == "postgres":
            first = (self.data_dir / "postgres/postmaster.pid").read_text(encoding="utf-8")
            return int(first.splitlines()[0])
        return int([e["pid"] for e in self.events("part.started") if e["name"] == part][-1])

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def get(self, path: str) -> tuple[int, bytes]:
        with urlopen(f"http://127.0.0.1:{self.ports[0]}{path}", timeout=5) as answer:
            return int(answer.status), answer.read()

    def is_served(self) -> bool:
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def send(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE_S)

    def left_behind(self) -> list[str]:
        """List the processes of this site that still run, by data directory."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
                where = str((entry / "cwd").readlink())
                if str(self.data_dir).encode() in words or where.startswith(str(self.data_dir)):
                    found.append(f"{entry.name} {(entry / 'cmdline').read_bytes()!r}")
        return found


@pytest.fixture
def short_path() -> Iterator[Path]:
    """Give a short directory: a socket's path has 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="bt-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def served(short_path: Path) -> Iterator[Served]:
    """Give a site that is ready, and take it down."""
    site = Served(short_path / "var")
    yield site
    if site.process is not None and site.process.poll() is None:
        site.send(signal.SIGKILL)
    eventually(lambda: not site.left_behind())


@pytest.fixture(scope="module")
def kept_site() -> Iterator[Served]:
    """Give one site to all tests of a module that leave it running."""
    home = Path(tempfile.mkdtemp(prefix="bt-"))
    site = Served(home / "var").start().wait_ready()
    yield site
    site.send(signal.SIGTERM)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def plain_user() -> list[str]:
    """Give a command's beginning that runs what follows as an ordinary user."""
    if os.geteuid() != 0:
        return ["env"]
    subprocess.run(["useradd", "--system", "bottin-test"], check=False, capture_output=True)
    return ["setpriv", "--reuid=bottin-test", "--regid=bottin-test", "--clear-groups", "env"]


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[..., None]:
    """Give `eventually`: this folder is no package to import it from."""
    return eventually


@pytest.fixture
def new_ports() -> Callable[[int], list[int]]:
    """Give `free_ports`."""
    return free_ports
