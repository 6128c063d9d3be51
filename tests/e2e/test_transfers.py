"""Real clients exchange a file that only our tracker introduced them for, and it is credited."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from bottin.metainfo import bencode
from bottin.metainfo.build import BuildOptions, build
from bottin.metainfo.model import Version
from tests.e2e.clients import Client, wait_until
from tests.e2e.kinds import CLIENTS, make, skip_unless_here
from tests.e2e.site import Person

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
ADDRESS: Final = {"IPv4": "127.0.0.1", "IPv6": "::1"}


@dataclass(frozen=True, slots=True)
class Case:
    """Who seeds to whom, over what."""

    seeder: str
    leecher: str
    protocol: str
    family: str
    version: Version

    def __str__(self) -> str:
        return f"{self.seeder}-{self.leecher}-{self.protocol}-{self.family}-{self.version}"


def cases() -> Iterator[Case]:
    """Every pair where the clients can; docs/clients.md says why others cannot."""
    for protocol in ("udp", "http"):
        for family in ADDRESS:
            for version in ("v1", "v2", "hybrid"):
                yield Case("libtorrent", "libtorrent", protocol, family, version)
    pairs = [("libtorrent", "transmission"), ("transmission", "libtorrent")]
    pairs += [("libtorrent", "aria2"), ("aria2", "libtorrent"), ("transmission", "aria2")]
    for seeder, leecher in pairs:
        for family in ADDRESS:
            yield Case(seeder, leecher, "http", family, "v1")
    yield from _others()


def _others() -> Iterator[Case]:
    """A few of each further client: both directions, each protocol and format that it speaks."""
    for other in ("rtorrent", "qbittorrent"):
        yield Case(other, "libtorrent", "http", "IPv4", "v1")
        yield Case("libtorrent", other, "http", "IPv4", "v1")
    yield Case("qbittorrent", "libtorrent", "udp", "IPv6", "v2")
    yield Case("libtorrent", "qbittorrent", "udp", "IPv4", "hybrid")
    yield Case("deluge", "libtorrent", "udp", "IPv4", "v1")
    yield Case("libtorrent", "deluge", "udp", "IPv4", "hybrid")


def only(torrent: bytes, protocol: str, family: str) -> bytes:
    """Leave one announce address: one protocol, one family."""
    outer = bencode.decode(torrent)
    assert isinstance(outer, dict)
    tiers = outer[b"announce-list"]
    (url,) = {u for tier in tiers for u in tier if u.startswith(protocol.encode() + b"://")}
    host = ADDRESS[family]
    shown = f"[{host}]" if ":" in host else host
    outer[b"announce"] = re.sub(rb"//[^/]+:(\d+)/", f"//{shown}:\\1/".encode(), url)
    del outer[b"announce-list"]
    # `info` keeps its bytes: the encoder is canonical and so was the publisher's.
    return bencode.encode(outer)


def sha256(path: Path) -> str:
    """Digest a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_same(fetched: Path, content: Path) -> bool:
    """Tell whether a file arrived, byte for byte."""
    return fetched.is_file() and sha256(fetched) == sha256(content)


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_a_file_arrives_whole_and_both_members_are_credited_to_the_byte(
    case: Case, giver: Person, taker: Person, content: Path, tmp_path: Path
) -> None:
    skip_unless_here(case.seeder, case.leecher)
    made = build(content, BuildOptions(version=case.version, piece_length=32768))
    release = giver.publish(made.raw, content.name)
    before = raw(giver).sent, raw(taker).received
    with ExitStack() as stack:
        seeder = joined(stack, case.seeder, giver, case, release, content.parent, tmp_path)
        wait_until(lambda: swarm(giver, release)["seeders"] == 1, "the seeder counts")
        fetched = tmp_path / "fetched"
        leecher = joined(stack, case.leecher, taker, case, release, fetched, tmp_path)

        # Transmission calls nobody on loopback: the seeder has to hear of it and call.
        wait_until(lambda: sum(swarm(giver, release).values()) > 1, "the leecher counts")
        seeder.announce()
        wait_until(lambda: leecher.told().is_complete, "the leecher has everything")
        size = content.stat().st_size
        # Clients add up their counters later than their pieces.
        wait_until(lambda: seeder.told().sent >= size, "the seeder counted it")
        wait_until(lambda: leecher.told().received >= size, "the leecher counted it")
        leecher.leave()
        seeder.leave()

        # A client has all pieces a moment before its disk has.
        wait_until(lambda: is_same(fetched / content.name, content), "the file is the same")
        moved = seeder.told().sent, leecher.told().received
        wait_until(
            lambda: (raw(giver).sent - before[0], raw(taker).received - before[1]) == moved,
            f"{moved} is credited, to the byte",
        )
        left = {"seeders": 0, "leechers": 0, "completed": 1}
        wait_until(lambda: swarm(giver, release) == left, "both left, one completed")


def joined(
    stack: ExitStack, kind: str, person: Person, case: Case, release: str, folder: Path, tmp: Path
) -> Client:
    """Start a client of this kind with the person's own `.torrent`."""
    folder.mkdir(exist_ok=True)
    client = make(kind, tmp, ADDRESS[case.family])
    stack.callback(client.close)
    client.add(only(person.torrent(release), case.protocol, case.family), folder)
    return client


def swarm(person: Person, release: str) -> dict[str, int]:
    """Read the counts of a release as pages show them."""
    counts: dict[str, int] = person.release(release)["swarm"]
    return counts


@dataclass(frozen=True, slots=True)
class Raw:
    """What the site counted of a member, bytes."""

    sent: int
    received: int


def raw(person: Person) -> Raw:
    """Read what the site counted."""
    totals = person.me()["totals"]
    return Raw(totals["raw_uploaded_bytes"], totals["raw_downloaded_bytes"])


@pytest.mark.parametrize("kind", sorted(CLIENTS))
def test_the_torrent_as_it_is_downloaded_works_in_every_client(
    kind: str, giver: Person, content: Path, tmp_path: Path
) -> None:
    skip_unless_here(kind)
    made = build(content, BuildOptions(version="v1", piece_length=32768))
    release = giver.publish(made.raw, content.name)
    with ExitStack() as stack:
        client = make(kind, tmp_path, "127.0.0.1")
        stack.callback(client.close)
        client.add(giver.torrent(release), content.parent)
        wait_until(lambda: swarm(giver, release)["seeders"] == 1, "the seeder counts", 90)

        client.leave()

        wait_until(lambda: swarm(giver, release)["seeders"] == 0, "it left")
