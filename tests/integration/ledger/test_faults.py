"""Faults of the machine: peers are answered, what they were answered for is credited, once."""

import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.ledger.crash import Lane, lane
from tests.integration.tracker.announcer import Announce, HttpTracker, NotAnswered
from tests.integration.tracker.ground import wait_until

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(600)]

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
