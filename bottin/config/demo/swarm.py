"""`bottin demo swarm`: members' clients share demo releases, and the site credits them."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bottin.accounts.models import Account
from bottin.accounts.viewer import viewer_for
from bottin.catalog import downloads
from bottin.catalog.models import Release
from bottin.config.demo import payload
from bottin.config.demo.clients import DemoClient, Progress
from bottin.config.demo.works import Work, all_works
from bottin.ledger import queries as ledger

MEMBERS: Final = ("lea", "bruno", "chloe", "diego", "emma", "farid", "gwenn", "harriet")
RELEASES: Final = 6
_TICK_S: Final = 0.25
_ANNOUNCE_S: Final = 4.0
_GIVE_UP_S: Final = 180.0
_CREDIT_S: Final = 20.0
_RATE_LIMIT: Final = 450_000


@dataclass(frozen=True, slots=True)
class Credit:
    """A member's totals on the site, bytes."""

    sent: int
    received: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the live table."""

    member: str
    seeds: bool
    progress: Progress
    before: Credit
    now: Credit

    @property
    def credited(self) -> Credit:
        """What the site added since the run began."""
        return Credit(self.now.sent - self.before.sent, self.now.received - self.before.received)

    @property
    def is_sent_exact(self) -> bool:
        """Whether the site credits what the client says it sent, to the byte."""
        return self.credited.sent == self.progress.sent

    @property
    def is_received_exact(self) -> bool:
        """Whether the site credits the most that the client said it received.

        A block that two peers send counts in an announce made before the client
        sees that it has it already, and counters of a session never go down.
        """
        return self.progress.received <= self.credited.received <= self.progress.taken

    @property
    def is_exact(self) -> bool:
        """Whether the site credits what the client says, both ways."""
        return self.is_sent_exact and self.is_received_exact


@dataclass(slots=True)
class Swarm:
    """Clients at work: some seed, the others fetch."""

    clients: list[DemoClient]
    accounts: dict[str, Account]
    before: dict[str, Credit]

    def lines(self) -> list[Line]:
        """Return one line a client, with the credit of this moment."""
        return [
            Line(
                client.member,
                client.seeds,
                client.progress(),
                self.before[client.member],
                credit_of(self.accounts[client.member]),
            )
            for client in self.clients
        ]


def credit_of(account: Account) -> Credit:
    """Read a member's raw totals."""
    balance = ledger.balance_of(account.pk)
    return Credit(balance.raw_up, balance.raw_down)


def gather(count: int, folder: Path) -> Swarm:
    """Start `count` clients (2 to 8) of as many members, half of them with the content.

    Raises Release.DoesNotExist or Account.DoesNotExist when the demo is not filled.
    """
    names = MEMBERS[:count]
    accounts = {name: Account.objects.get(name=name) for name in names}
    chosen = list(_releases())
    clients = []
    for number, name in enumerate(names):
        seeds = number < (count + 1) // 2
        client = DemoClient(name, folder / name, seeds, 0 if seeds else _RATE_LIMIT)
        for release, work in chosen:
            own = client.folder / str(release.pk)
            own.mkdir(parents=True)
            if seeds:
                payload.write(work, own)
            viewer = viewer_for(accounts[name])
            client.add(downloads.personal_torrent(release, viewer=viewer).content, own)
        clients.append(client)
    return Swarm(clients, accounts, {name: credit_of(accounts[name]) for name in names})


def _releases() -> Iterator[tuple[Release, Work]]:
    by_title = {work.title: work for work in all_works()}
    rows = Release.objects.filter(is_demo=True).listed().order_by("pk")
    step = max(1, rows.count() // RELEASES)
    for release in list(rows)[::step][:RELEASES]:
        yield release, by_title[release.title]


def share(swarm: Swarm, show: Callable[[list[Line]], None]) -> bool:
    """Let the clients work until all have everything; whether they do, within three minutes."""
    end = time.monotonic() + _GIVE_UP_S
    next_announce = time.monotonic() + _ANNOUNCE_S
    while time.monotonic() < end:
        lines = swarm.lines()
        show(lines)
        if all(line.progress.complete == line.progress.releases for line in lines):
            return True
        if time.monotonic() > next_announce:
            for client in swarm.clients:
                client.announce_again()
            next_announce = time.monotonic() + _ANNOUNCE_S
        time.sleep(_TICK_S)
    return False


def settle(swarm: Swarm, show: Callable[[list[Line]], None]) -> list[Line]:
    """Stop the clients and wait for the credit of what they said last; the final lines."""
    for client in swarm.clients:
        client.stop()
    end = time.monotonic() + _CREDIT_S
    while True:
        lines = swarm.lines()
        show(lines)
        if all(line.is_exact for line in lines) or time.monotonic() > end:
            return lines
        time.sleep(_TICK_S)
