"""Every kind of client that tests can start, by name, and the programs each needs."""

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.clients import Aria2Client, Client, LibtorrentClient, TransmissionClient
from tests.e2e.deluge import DelugeClient
from tests.e2e.qbittorrent import QbittorrentClient
from tests.e2e.rtorrent import RtorrentClient

_NUMBERS = itertools.count()
CLIENTS: Final[dict[str, Callable[[Path, str], Client]]] = {
    "libtorrent": LibtorrentClient,
    "transmission": TransmissionClient,
    "aria2": Aria2Client,
    "rtorrent": RtorrentClient,
    "qbittorrent": QbittorrentClient,
    "deluge": DelugeClient,
}
NEEDS: Final = {
    "transmission": ["transmission-daemon"],
    "aria2": ["aria2c"],
    "rtorrent": ["rtorrent"],
    "qbittorrent": ["qbittorrent-nox"],
    "deluge": ["deluged"],
}


def skip_unless_here(*names: str) -> None:
    """Skip the test when the program of a client is not installed."""
    for name in names:
        missing = [program for program in NEEDS.get(name, []) if not shutil.which(program)]
        if missing:
            pytest.skip(f"{' and '.join(missing)} not installed here")


def make(name: str, folder: Path, address: str) -> Client:
    """Start a client in a folder of its own, on loopback, v4 or v6."""
    return CLIENTS[name](folder / f"{name}-{next(_NUMBERS)}", address)
