"""A take-down is in force within a second of the commit, and stays so over a crash (T-4, TRK-5)."""

import itertools
import random
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import pytest

from tests.integration.tracker.announcer import Announce, NotAnswered, UdpTracker
from tests.integration.tracker.ground import Ground, running_ground, wait_until

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(600)]

PER_SECOND: Final = 1000
SOURCES: Final = 20
RELEASES: Final = 12


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with running_ground() as ground:
        yield ground


@dataclass
class Flood:
    """Announces at a steady rate for several releases, from many addresses; notes what came back.

    `lists` holds, for each release, when a peer list was asked for and came, and
    `refusals` the words of those that were refused.
    """

    ground: Ground
    hashes: list[bytes]
    keys: list[str]
    lists: dict[int, list[tuple[float, float]]] = field(default_factory=dict)
    refusals: dict[int, list[str]] = field(default_factory=dict)
    sent: int = 0

    def run(self, number: int, stop: threading.Event) -> None:
        """Announce from one address."""
        way = UdpTracker(self.ground.port, self.keys[number], source=f"127.0.{number + 1}.1")
        rng = random.Random(number)
        ports = itertools.cycle(range(2000, 60_000))
        due = time.monotonic()
        while not stop.is_set():
            due += SOURCES / PER_SECOND
            time.sleep(max(due - time.monotonic(), 0))
            release = rng.randrange(RELEASES)
            peer_id = b"-BT0001-" + release.to_bytes(6, "big") + number.to_bytes(6, "big")
            said = Announce(self.hashes[release], peer_id, next(ports))
            asked = time.time()
            try:
                way.announce(said)
                self.lists.setdefault(release, []).append((asked, time.time()))
            except NotAnswered as error:
                self.refusals.setdefault(release, []).append(str(error))
            self.sent += 1
        way.close()


REMOVE: Final = """
import time
from bottin.tracker import outbox
from bottin.tracker.models import ListingState, Outbox, TrackerNode
for number in range(1, int(sys.argv[1]) + 1):
    outbox.delist_release(number, ListingState.REMOVED)
    committed = time.time()
    row = Outbox.objects.latest("pk").pk
    while not TrackerNode.objects.filter(acknowledged__gte=row).exists():
        time.sleep(0.005)
    print(number, committed, time.time(), flush=True)
"""


@dataclass(frozen=True)
class Removal:
    """When a removal had committed, and when its acknowledgement was seen."""

    committed: float
    acknowledged: float


def test_trk_05_take_downs_under_a_thousand_announces_a_second(ground: Ground) -> None:
    found = ground.people(SOURCES, RELEASES)
    hashes = [bytes.fromhex(digest) for digest in found["hashes"]]
    flood = Flood(ground, hashes, [ground.key(user) for user in found["users"]])
    ground.start("tracker")
    probe = UdpTracker(ground.port, flood.keys[0])
    wait_until(lambda: is_served(probe, hashes[0]), "the tracker serves")
    stop = threading.Event()
    threads = [threading.Thread(target=flood.run, args=(i, stop)) for i in range(SOURCES)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    wait_until(lambda: all(flood.lists.get(i) for i in range(RELEASES)), "all are served")

    removals = removals_of(ground.python_with_django(REMOVE, str(RELEASES - 1)))
    time.sleep(1.5)
    stop.set()
    for thread in threads:
        thread.join()
    rate = flood.sent / (time.monotonic() - began)

    last_asked = {i: max(asked for asked, _ in flood.lists[i]) for i in removals}
    in_force_s = sorted(last_asked[i] - removal.committed for i, removal in removals.items())
    # Shown with -rP: what the claim rests on.
    sys.stdout.write(f"{rate:.0f} announces/s; last list after the commit: {in_force_s} s\n")
    assert rate > PER_SECOND / 2
    assert in_force_s[-1] <= 1.0
    assert all(last_asked[i] <= removal.acknowledged for i, removal in removals.items())
    assert all(flood.refusals[i] for i in removals)
    assert not flood.refusals.get(RELEASES - 1), "the one that stayed was refused"

    ground.kill("tracker")
    ground.start("tracker")
    wait_until(lambda: is_served(probe, hashes[RELEASES - 1]), "the tracker serves again")
    assert not any(is_served(probe, hashes[release]) for release in removals)
    probe.close()


def removals_of(told: str) -> dict[int, Removal]:
    """Read what the removing program printed; keys are places in the list of hashes."""
    lines = (line.split() for line in told.splitlines())
    return {int(n) - 1: Removal(float(committed), float(seen)) for n, committed, seen in lines}


def is_served(way: UdpTracker, info_hash: bytes) -> bool:
    """Whether an announce for it is answered with peers or none, not refused."""
    try:
        way.announce(Announce(info_hash, b"-BT0001-probe-probe-", 2001))
    except NotAnswered:
        return False
    return True
