"""Lanes of a crash test: a site each, clients that announce, something killed again and again."""

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import psycopg

from tests.integration.tracker.announcer import Client, HttpTracker, UdpTracker
from tests.integration.tracker.ground import Ground, running_ground, wait_until

MEMBERS: Final = 12
RELEASES: Final = 4
PACE_S: Final = 0.1
# PostgreSQL crashes and recovers by itself in most rounds; in some the whole of it is killed.
VICTIMS: Final = ("tracker", "ledger", "postgres")
WHOLE: Final = 0.1
# How far each ledger has come, by its own word.
POSITIONS: Final = {
    "worker": "SELECT coalesce(sum(position), 0) FROM ledger_journalposition",
    "naive": "SELECT position FROM naive_position",
}


@dataclass
class Lane:
    """One site under fire; `ledger` is the part that adds up: `worker`, or the `naive` control.

    Before `at_work` of its kills the ledger is seen to get on: one that is killed while
    it starts, again and again, proves nothing.
    """

    ground: Ground
    ledger: str
    seed: int
    at_work: float = 0.1
    kills: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        found = self.ground.people(MEMBERS, RELEASES)
        self.clients = {
            user: self._client(user, number, found["hashes"])
            for number, user in enumerate(found["users"])
        }

    def run(self, rounds: int) -> None:
        """Kill so many times while clients announce; then let everything arrive."""
        self.ground.start("tracker")
        self.ground.start(self.ledger)
        stop = threading.Event()
        threads = [
            threading.Thread(target=_announce, args=(client, stop))
            for client in self.clients.values()
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in range(rounds):
                self._kill()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        wait_until(self.finish, "all are answered")
        self.close()

    def finish(self) -> bool:
        """Have every client say its last word until it is answered; whether all were."""
        said = [client.finish() for client in self.clients.values()]
        return all(said)

    def close(self) -> None:
        """Let the clients go."""
        for client in self.clients.values():
            client.way.close()

    def expected(self) -> dict[int, tuple[int, int]]:
        """What each member must be credited: what their clients were answered for."""
        return {user: client.expected() for user, client in self.clients.items()}

    @property
    def answered(self) -> int:
        """Announces that were answered."""
        return sum(client.answered for client in self.clients.values())

    def _client(self, user: int, number: int, hashes: Sequence[str]) -> Client:
        """Make a member's client: every third over HTTP, each from an address of its own."""
        kind = HttpTracker if number % 3 == 0 else UdpTracker
        way = kind(self.ground.port, self.ground.key(user), source=f"127.0.{number + 1}.1")
        digest = bytes.fromhex(hashes[number % RELEASES])
        return Client(way, digest, random.Random(self.seed + number))

    def _kill(self) -> None:
        time.sleep(self.rng.uniform(0.01, 0.35))
        victim = self.rng.choice(VICTIMS)
        self.kills[victim] += 1
        if victim != "postgres":
            part = self.ledger if victim == "ledger" else victim
            if victim == "ledger" and self.rng.random() < self.at_work:
                self._see_it_work()
            self.ground.kill(part)
            time.sleep(self.rng.uniform(0, 0.05))
            self.ground.start(part)
        elif self.rng.random() < WHOLE:
            self.ground.kill_database()
            time.sleep(self.rng.uniform(0, 0.2))
            self.ground.start_database()
        else:
            self.ground.crash_database()

    def _see_it_work(self) -> None:
        before = self._position()
        wait_until(lambda: (self._position() or 0) > (before or 0), "the ledger gets on")
        self.kills["ledger at work"] += 1

    def _position(self) -> int | None:
        """How far the ledger is; nothing while PostgreSQL recovers."""
        with contextlib.suppress(psycopg.OperationalError):
            return int(self.ground.rows(POSITIONS[self.ledger])[0][0])
        return None


def _announce(client: Client, stop: threading.Event) -> None:
    while not stop.wait(PACE_S * client.rng.random() * 2):
        client.step()


@contextmanager
def lane(ledger: str, seed: int, at_work: float = 0.1) -> Iterator[Lane]:
    """Open a site for a lane."""
    with running_ground() as ground:
        yield Lane(ground, ledger, seed, at_work)
