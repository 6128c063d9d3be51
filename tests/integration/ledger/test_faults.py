"""Faults of the machine: peers are answered, what they were answered for is credited, once."""

import os
import resource
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.integration.ledger.crash import Lane, lane
from tests.integration.tracker.announcer import Announce, HttpTracker, NotAnswered
from tests.integration.tracker.ground import wait_until

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(600)]

LOCK_KEY = 0x6C65_6467_6572  # "ledger": see bottin/ledger/actions.py
CHECK = """
from bottin.ledger import health
from bottin.ledger.checks import differences
print(health.journal().waiting, differences())
"""


@pytest.fixture
def site() -> Iterator[Lane]:
    """A tracker and a worker that serve, and members' clients."""
    with lane("worker", 7) as one:
        one.ground.start("tracker")
        one.ground.start("worker")
        wait_until(one.finish, "the tracker answers")
        yield one
        one.close()


def announce_all(site: Lane, rounds: int = 5) -> int:
    """Let every client say something new, several times; how many were not answered."""
    missed = 0
    for _ in range(rounds):
        for client in site.clients.values():
            before = client.answered
            client.step()
            missed += client.answered == before
    return missed


def is_exact(site: Lane) -> bool:
    """Whether all is applied, and every member has what their clients were answered for."""
    if site.ground.python_with_django(CHECK).strip() != "0 []":
        return False
    rows = site.ground.rows("SELECT user_id, raw_up, raw_down FROM ledger_balance")
    return {user: (up, down) for user, up, down in rows} == site.expected()


def figure(site: Lane, name: str) -> int:
    rows = site.ground.rows("SELECT statistics FROM tracker_trackernode")
    return int(rows[0][0].get(name, 0))


@contextmanager
def limited(pid: int, what: int, most: int) -> Iterator[None]:
    """Bound a resource of a running process for a while."""
    soft, hard = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (most, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, what, (soft, hard))


def test_run_04_announces_go_on_without_a_database_and_drain_while_serving(site: Lane) -> None:
    site.ground.kill_database()

    assert announce_all(site, 20) == 0

    site.ground.start_database()
    assert announce_all(site) == 0
    wait_until(lambda: site.finish() and is_exact(site), "all is credited, exactly")


def test_run_03_a_full_disk_loses_nothing_and_is_told(site: Lane) -> None:
    journal = max(site.ground.folder.glob("journal/*.journal"))
    pid = site.ground.pids["tracker"]
    with limited(pid, resource.RLIMIT_FSIZE, journal.stat().st_size):
        assert announce_all(site) == 0
        wait_until(lambda: figure(site, "journal_backlog") > 0, "the backlog is told")
        assert figure(site, "journal_errors") > 0
        assert figure(site, "journal_dropped") == 0

    wait_until(lambda: figure(site, "journal_backlog") == 0, "the backlog is written")
    wait_until(lambda: site.finish() and is_exact(site), "all is credited, exactly")


@contextmanager
def disk_of(size: str, folder: Path) -> Iterator[None]:
    """Put a disk of its own under a folder; skip where nobody may mount one."""
    folder.mkdir(mode=0o700, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "bottin-test", str(folder)]
    mounted = subprocess.run(command, check=False, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"mounting is not permitted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        # Lazily: a process that is being killed may still have the journal open.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def on_a_small_disk() -> Iterator[Lane]:
    """The same, with the journal on a disk of 256 KiB."""
    with lane("worker", 8) as one, closing(one), disk_of("256k", one.ground.folder / "journal"):
        one.ground.start("tracker")
        one.ground.start("worker")
        wait_until(one.finish, "the tracker answers")
        yield one
        for part in ("tracker", "worker"):
            one.ground.kill(part)


def fill(path: Path) -> None:
    """Write until the disk takes nothing more."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_run_03_a_disk_without_room_loses_nothing_and_is_told(on_a_small_disk: Lane) -> None:
    site = on_a_small_disk
    filler = site.ground.folder / "journal" / "filler"
    fill(filler)

    assert announce_all(site, 20) == 0
    wait_until(lambda: figure(site, "journal_backlog") > 0, "the backlog is told")
    assert figure(site, "journal_errors") > 0
    assert figure(site, "journal_dropped") == 0

    filler.unlink()
    wait_until(lambda: figure(site, "journal_backlog") == 0, "the backlog is written")
    wait_until(lambda: site.finish() and is_exact(site), "all is credited, exactly")


@contextmanager
def written_by_nobody(folder: Path) -> Iterator[None]:
    """Take the right to write in a folder away, from root too."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() != 0:
        folder.chmod(0o500)
        yield
        folder.chmod(0o700)
        return
    with disk_of("256k,ro", folder):
        yield


def test_run_03_a_journal_that_cannot_be_written_stops_the_start_with_a_sentence() -> None:
    with lane("worker", 9) as site, closing(site):
        with written_by_nobody(site.ground.folder / "journal"):
            site.ground.start("tracker")
            pid = site.ground.pids.pop("tracker")
            wait_until(lambda: not Path(f"/proc/{pid}").exists(), "the tracker gives up")
        said = (site.ground.folder / "parts.log").read_text(encoding="utf-8")
        assert "Read-only" in said or "denied" in said
        assert "journal" in said

        site.ground.start("tracker")
        site.ground.start("worker")
        node = "SELECT 1 FROM tracker_trackernode"
        wait_until(lambda: bool(site.ground.rows(node)), "the tracker is heard of")
        wait_until(site.finish, "everybody is answered")
        wait_until(lambda: is_exact(site), "all is credited, exactly")


def test_two_ledgers_at_once_take_turns_and_credit_everything_once(site: Lane) -> None:
    site.ground.start("worker-2")
    announce_all(site, 20)
    wait_until(lambda: site.finish() and is_exact(site), "all is credited, exactly")

    with site.ground.holding(f"SELECT pg_advisory_xact_lock({LOCK_KEY})"):
        before = refusals(site)
        announce_all(site, 3)
        wait_until(lambda: refusals(site) > before + 3, "both are refused")
        assert not is_exact(site)

    wait_until(lambda: site.finish() and is_exact(site), "all is credited, exactly")


def refusals(site: Lane) -> int:
    """How often a ledger said that another one is at work."""
    said = (site.ground.folder / "parts.log").read_text(encoding="utf-8")
    return said.count("ledger.runs_elsewhere")


def test_run_01_a_tracker_stopped_for_a_while_goes_on_and_forgets_nobody(site: Lane) -> None:
    announce_all(site, 2)
    peers = figure(site, "peers")
    pid = site.ground.pids["tracker"]
    os.kill(pid, signal.SIGSTOP)
    asked = threading.Thread(target=announce_all, args=(site, 1))
    asked.start()
    asked.join()

    os.kill(pid, signal.SIGCONT)

    wait_until(site.finish, "everybody is answered")
    wait_until(lambda: is_exact(site), "all is credited, exactly")
    wait_until(lambda: figure(site, "peers") >= peers, "nobody was forgotten")


def test_run_09_without_file_descriptors_udp_and_the_journal_go_on(site: Lane) -> None:
    pid = site.ground.pids["tracker"]
    used = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    over_udp = [c for c in site.clients.values() if not isinstance(c.way, HttpTracker)]
    with limited(pid, resource.RLIMIT_NOFILE, used):
        held = [socket.create_connection(("127.0.0.1", site.ground.port)) for _ in range(4)]
        for client in over_udp:
            before = client.answered
            client.step()
            assert client.answered == before + 1
        for connection in held:
            connection.close()

    wait_until(site.finish, "HTTP is answered again")
    wait_until(lambda: is_exact(site), "all is credited, exactly")


def test_trk_06_a_stuck_outbox_is_an_alarm(site: Lane) -> None:
    with site.ground.holding("LOCK TABLE tracker_listing IN ACCESS EXCLUSIVE MODE"):
        site.ground.python_with_django(
            "from bottin.tracker import outbox; outbox.counts_changed([1])"
        )
        told = within(
            lambda: (
                site.ground.python_with_django(
                    "from bottin.tracker.health import LAG_WARN, outbox_lag\n"
                    "print(outbox_lag() > LAG_WARN)"
                ).strip()
                == "True"
            ),
            30,
        )

        assert told
        assert announce_all(site, 1) == 0


def within(is_true: Callable[[], bool], seconds: float) -> bool:
    """Whether it becomes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_true():
            return True
    return False


def test_what_a_member_is_refused_reaches_the_database(site: Lane) -> None:
    user, client = next(iter(site.clients.items()))
    unlisted = Announce(bytes(20), b"-qB4650-abcdefghijkl")

    with pytest.raises(NotAnswered):
        client.way.announce(unlisted)

    wait_until(
        lambda: (
            site.ground.rows(
                "SELECT code, times, client FROM tracker_announcenotice WHERE user_id = %s", user
            )
            == [("unlisted", 1, "-qB4650-")]
        ),
        "the member's page can say it",
    )


def test_the_journal_has_no_address(site: Lane) -> None:
    announce_all(site, 1)
    packed = [socket.inet_aton(f"127.0.{n}.1") for n in range(1, len(site.clients) + 1)]

    written = b"".join(
        path.read_bytes() for path in Path(site.ground.folder, "journal").glob("*.journal")
    )

    assert not [address for address in packed if address in written]
