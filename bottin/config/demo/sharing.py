"""Clients that keep demo releases shared while the demonstration runs.

They are real: whoever takes a demo `.torrent` to a client of their own on this
machine gets the content from them. They share part of the releases, so that
some live, some fade and some need seeds.
"""

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from bottin.accounts.models import Account
from bottin.accounts.viewer import viewer_for
from bottin.catalog import downloads
from bottin.catalog.models import Release
from bottin.config.demo import payload
from bottin.config.demo.clients import DemoClient
from bottin.config.demo.works import Work, all_works

MEMBERS: Final = ("bruno", "chloe", "diego", "emma", "farid", "gwenn", "harriet", "lea")
# Of the listed releases, how many are shared by anybody; one in so many is being fetched.
SHARED: Final = 200
FETCHED_EVERY: Final = 6
# A fetch lasts an hour or so: somebody who looks around sees it.
_FETCH_RATE: Final = 400
_LEAVE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Share:
    """One release and the clients, by number, that have it or fetch it."""

    release: Release
    work: Work
    seeders: tuple[int, ...]
    fetchers: tuple[int, ...]


def keep(count: int, stop: threading.Event) -> None:
    """Share with `count` clients (at most 8) until told to stop; then leave every swarm."""
    clients = gather(count, Path(settings.BOTTIN_DATA_DIR) / "demo")
    stop.wait()
    for client in clients:
        client.stop()
    # For the last announces; `stopped` has no answer that anybody waits for.
    threading.Event().wait(_LEAVE_S)


def gather(count: int, folder: Path) -> list[DemoClient]:
    """Start the clients; content is made once, below `folder`, and shared by all that have it."""
    names = MEMBERS[:count]
    accounts = {account.name: account for account in Account.objects.filter(name__in=names)}
    clients = [DemoClient(name, folder / name, seeds=True) for name in names if name in accounts]
    for share in shares(len(clients)):
        content = folder / "content" / str(share.release.pk)
        content.mkdir(parents=True, exist_ok=True)
        payload.write(share.work, content)
        for number in (*share.seeders, *share.fetchers):
            client = clients[number]
            viewer = viewer_for(accounts[client.member])
            torrent = downloads.personal_torrent(share.release, viewer=viewer).content
            if number in share.seeders:
                client.add(torrent, content, is_whole=True)
            else:
                own = client.folder / str(share.release.pk)
                own.mkdir(parents=True, exist_ok=True)
                client.add(torrent, own, rate_limit=_FETCH_RATE)
    return clients


def shares(clients: int) -> Iterator[Share]:
    """Draw who shares what, the same at each start: few releases are in many hands."""
    dice = random.Random("shares")  # noqa: S311 - a demo
    by_title = {work.title: work for work in all_works()}
    listed = list(Release.objects.filter(is_demo=True).listed().order_by("pk"))
    dice.shuffle(listed)
    for number, release in enumerate(listed[:SHARED]):
        many = min(clients, 1 + int(dice.paretovariate(0.8)))
        chosen = dice.sample(range(clients), many)
        is_fetched = number % FETCHED_EVERY == 0 and many > 1
        at = 1 if is_fetched else 0
        yield Share(release, by_title[release.title], tuple(chosen[at:]), tuple(chosen[:at]))
