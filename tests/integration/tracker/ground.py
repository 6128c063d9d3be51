"""A site without pages for tests: PostgreSQL with fsync, a tracker, a worker, all to be killed."""

import atexit
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

import psycopg

from bottin.config import postgres
from bottin.config.database import Cluster
from bottin.config.errors import ConfigError
from bottin.config.keys import ANNOUNCE, derive
from bottin.tracker.dataplane import KeyKind, announce_key

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - folders in it have random names
_ROOM_BYTES: Final = 2**30
ROOT: Final = Path(__file__).resolve().parents[3]
PARTS: Final = Path(__file__).with_name("parts.py")


def free_port() -> int:
    """Find a port that is free for UDP and TCP now."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def command_of(pid: str) -> bytes:
    """Give the command line of a process; nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def wait_until(is_true: Callable[[], bool], what: str, within_s: float = 60) -> None:
    """Poll until it is true; fail with a sentence after `within_s`."""
    deadline = time.monotonic() + within_s
    while not is_true():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.01)


@dataclass
class Ground:
    """One site's database and parts; everything in `folder`."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    pids: dict[str, int] = field(default_factory=dict)
    found: dict[str, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cluster = Cluster(self.folder, is_durable=True)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("BOTTIN_")}
        self.environment = clean | {
            "BOTTIN_DATA_DIR": str(self.folder),
            "BOTTIN_TRACKER_LISTEN": f"127.0.0.1:{self.port}",
            "BOTTIN_PART": "worker",
            "DJANGO_SETTINGS_MODULE": "bottin.config.settings",
            "PYTHONPATH": str(ROOT),
            **self.settings,
        }

    def __enter__(self) -> Self:
        self.folder.mkdir(mode=0o755, exist_ok=True)
        # With owners and times: PostgreSQL's files are those of its own user.
        subprocess.run(["cp", "-a", template() / "postgres", self.folder], check=True)
        self.cluster.start()
        self.log = (self.folder / "parts.log").open("ab")
        self.forker = subprocess.Popen(
            [sys.executable, str(PARTS)],
            env=self.environment, cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        for part in list(self.pids):
            self.kill(part)
        self.forker.communicate(timeout=30)
        self.log.close()
        self.cluster.stop()

    def python(self, program: str, *arguments: str) -> str:
        """Run a program with the site's settings; what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            check=False, env=self.environment, cwd=ROOT, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, part: str) -> None:
        """Start `tracker`, `worker` or `naive`; it is not awaited."""
        assert self.forker.stdin is not None
        assert self.forker.stdout is not None
        self.forker.stdin.write(f"{part}\n")
        self.forker.stdin.flush()
        self.pids[part] = int(self.forker.stdout.readline())

    def kill(self, part: str) -> None:
        """Kill a part with SIGKILL, and wait until the kernel has taken it away."""
        pid = self.pids.pop(part)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), f"{part} is gone")

    def stop(self, part: str) -> None:
        """Stop a part as a supervisor would."""
        pid = self.pids.pop(part)
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), f"{part} is gone", 30)

    def kill_database(self) -> None:
        """Kill the postmaster with SIGKILL: no checkpoint, no goodbye."""
        wait_until(self.cluster.is_ready, "PostgreSQL is up")
        first = (self.cluster.folder / "postmaster.pid").read_text().split()[0]
        os.kill(int(first), signal.SIGKILL)
        assert self.cluster.process is not None
        self.cluster.process.wait()

    def crash_database(self) -> None:
        """Kill one of its backends: PostgreSQL drops everything at once, and recovers by itself."""
        wait_until(lambda: bool(self._backends()), "PostgreSQL serves somebody")
        with contextlib.suppress(ProcessLookupError, IndexError):
            os.kill(int(self._backends()[0]), signal.SIGKILL)

    def _backends(self) -> list[str]:
        pid = (self.cluster.folder / "postmaster.pid").read_text().split()[0]
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [child for child in children if b"[local]" in command_of(child)]

    def start_database(self) -> None:
        """Bring it back; it recovers from its log.

        Again, as a supervisor would, while processes of a server that was killed in
        the middle of its recovery still hold its memory.
        """
        wait_until(self._can_start, "PostgreSQL starts")

    def _can_start(self) -> bool:
        try:
            self.cluster.start()
        except (ConfigError, psycopg.OperationalError):
            return False
        return True

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with psycopg.connect(self.cluster.dsn(), autocommit=True) as connection:
            return connection.execute(query, values or None).fetchall()

    def rows_of_nothing(self, statement: str) -> None:
        """Run a statement that returns no rows."""
        with psycopg.connect(self.cluster.dsn(), autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def holding(self, statement: str) -> Iterator[None]:
        """Keep a transaction open that ran a statement."""
        with psycopg.connect(self.cluster.dsn()) as connection:
            connection.execute(statement)
            yield
            connection.rollback()

    def people(self, count: int, releases: int) -> dict[str, list[Any]]:
        """Make accounts and published releases; their ids and info-hashes (hexadecimal)."""
        found: dict[str, list[Any]] = json.loads(self.python(_PEOPLE, str(count), str(releases)))
        return found

    def key(self, user_id: int) -> str:
        """Give a member's announce key."""
        secret = (self.folder / "site-secret").read_text().strip()
        return announce_key(derive(secret, ANNOUNCE), KeyKind.ACCOUNT, user_id, 1)

    def python_with_django(self, program: str, *arguments: str) -> str:
        """Run a program after `django.setup()`."""
        return self.python(f"import sys, django; django.setup()\n{program}", *arguments)


def folder_of_grounds() -> str | None:
    """Prefer memory: what is killed loses nothing that the kernel has, and flushes cost nothing.

    PostgreSQL flushes its whole directory in each recovery, which is seconds on a busy disk.
    """
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK):
        room = os.statvfs(_MEMORY)
        if room.f_bavail * room.f_frsize > _ROOM_BYTES:
            return str(_MEMORY)
    return None


_making: Final = threading.Lock()


def template() -> Path:
    """Give a folder with a migrated database, made once for all grounds of this process."""
    with _making:
        return _made_template()


@cache
def _made_template() -> Path:
    home = Path(tempfile.mkdtemp(prefix="bottin-template-", dir=folder_of_grounds()))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    home.chmod(0o755)  # PostgreSQL's user passes through
    ground = Ground(home / "data")
    with ground.cluster as cluster:
        dsn = cluster.dsn("postgres", postgres.SUPERUSER)
        with psycopg.connect(dsn, autocommit=True) as connection:
            # Little to give back and to take anew in each recovery.
            connection.execute("ALTER SYSTEM SET shared_buffers = '32MB'")
        ground.python_with_django(
            "from django.core.management import call_command; call_command('migrate', verbosity=0)"
        )
    return home / "data"


@contextmanager
def running_ground(**settings: str) -> Iterator[Ground]:
    """Run a site in a folder of its own.

    Not in pytest's: each session closes that to other users, PostgreSQL's among them.
    """
    with (
        tempfile.TemporaryDirectory(prefix="bottin-ground-", dir=folder_of_grounds()) as folder,
        Ground(Path(folder) / "data", settings) as ground,
    ):
        yield ground


_PEOPLE: Final = """
import hashlib, json, sys, django
django.setup()
from bottin.accounts.models import Account
from bottin.tracker import outbox
members, releases = int(sys.argv[1]), int(sys.argv[2])
accounts = Account.objects.bulk_create(
    Account(name=f"m{i}", name_skeleton=f"m{i}", email=f"m{i}@example.org", password="!")
    for i in range(members)
)
hashes = [hashlib.sha1(b"%d" % i).digest() for i in range(1, releases + 1)]
outbox.list_releases(
    outbox.ListingFacts(number, digest, None) for number, digest in enumerate(hashes, 1)
)
print(json.dumps({"users": [a.pk for a in accounts], "hashes": [d.hex() for d in hashes]}))
"""
