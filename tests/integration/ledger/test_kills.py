"""Kill anything, any number of times: what clients were answered for is credited, once."""

import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest

from tests.integration.tracker.announcer import Client, HttpTracker, UdpTracker
from tests.integration.tracker.ground import Ground, running_ground, wait_until

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(1500)]

ROUNDS: Final = int(os.environ.get("KILL_ROUNDS", "200"))
SEED: Final = int(os.environ.get("KILL_SEED", "20260601"))
MEMBERS: Final = 12
RELEASES: Final = 4
PACE_S: Final = 0.1


@pytest.fixture
def ground() -> Iterator[Ground]:
    with running_ground() as ground:
        yield ground


def test_jrn_07_sums_are_exact_after_random_kills(ground: Ground) -> None:
    rng = random.Random(SEED)
    found = ground.people(MEMBERS, RELEASES)
    clients = {user: client_of(ground, user, i, found) for i, user in enumerate(found["users"])}
    ground.start("tracker")
    ground.start("worker")
    stop = threading.Event()
    threads = [threading.Thread(target=announce, args=(c, stop)) for c in clients.values()]
    for thread in threads:
        thread.start()

    kills = kill_at_random(ground, rng)

    stop.set()
    for thread in threads:
        thread.join()
    wait_until(lambda: all(c.finish() for c in clients.values()), "every client is answered")
    wait_until(lambda: has_drained(ground), "the journal is applied")
    for client in clients.values():
        client.way.close()
    credited = {
        user: (up, down)
        for user, up, down in ground.rows("SELECT user_id, raw_up, raw_down FROM ledger_balance")
    }
    answered = sum(client.answered for client in clients.values())
    sessions = ground.rows("SELECT count(*) FROM ledger_peersession")[0][0]
    # Shown with -rP: what the claim rests on.
    sys.stdout.write(f"{dict(kills)} kills, {answered} answers, {sessions} sessions\n")
    assert credited == {user: client.expected() for user, client in clients.items()}
    assert ground.python_with_django(CHECK).strip() == "[]"
    assert min(kills.values()) > 0 or ROUNDS < 20


CHECK: Final = "from bottin.ledger.checks import differences; print(differences())"


def client_of(ground: Ground, user: int, number: int, found: dict[str, list[str]]) -> Client:
    """Make a member's client: every third over HTTP, each from an address of its own."""
    kind = HttpTracker if number % 3 == 0 else UdpTracker
    way = kind(ground.port, ground.key(user), source=f"127.0.{number + 1}.1")
    digest = bytes.fromhex(found["hashes"][number % RELEASES])
    return Client(way, digest, random.Random(SEED + number))


def announce(client: Client, stop: threading.Event) -> None:
    """Announce until told to stop."""
    while not stop.wait(PACE_S * client.rng.random() * 2):
        client.step()


def kill_at_random(ground: Ground, rng: random.Random) -> Counter[str]:
    """Kill the tracker, the worker or PostgreSQL, again and again, and bring each back."""
    kills: Counter[str] = Counter()
    for _ in range(ROUNDS):
        time.sleep(rng.uniform(0.05, 0.9))
        victim = rng.choice(["tracker", "worker", "postgres"])
        kills[victim] += 1
        if victim == "postgres":
            ground.kill_database()
            time.sleep(rng.uniform(0, 0.2))
            ground.start_database()
        else:
            ground.kill(victim)
            time.sleep(rng.uniform(0, 0.2))
            ground.start(victim)
    return kills


def has_drained(ground: Ground) -> bool:
    """Whether the ledger is at the end of the journal."""
    text = ground.python_with_django(
        "from bottin.ledger import health; found = health.journal(); print(found.waiting)"
    )
    return text.strip() == "0"
