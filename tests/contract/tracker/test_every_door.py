"""One swarm behind every door: UDP, HTTP and WebSocket, plain and within TLS, IPv4 and IPv6,
with accounts and standing alone.
"""

import itertools
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest

from bottin.tracker import standalone
from bottin.tracker.dataplane import (
    AccountRecord,
    DataPlane,
    KeyKind,
    PolicyChange,
    ReleaseRecord,
    announce_key,
    packed,
)
from bottin.tracker.models import ListingState
from tests.contract.tracker.doors import (
    COMPLETED,
    HOSTS,
    STARTED,
    STOPPED,
    Answer,
    Ask,
    Door,
    Refused,
)
from tests.contract.tracker.doors_web import (
    ADDRESS_DOORS,
    BROWSER_DOORS,
    CERTIFICATES,
    DOORS,
    TLS,
    WebSocketDoor,
)

pytestmark = pytest.mark.contract
only_with_addresses = pytest.mark.parametrize("protocol", list(ADDRESS_DOORS))
only_browsers = pytest.mark.parametrize("protocol", list(BROWSER_DOORS))
only_with_accounts = pytest.mark.parametrize("has_accounts", [True], ids=["with accounts"])

SECRET: Final = bytes(range(32))
ACCOUNTS: Final = range(1, 61)
PLAIN, HYBRID = b"\x11" * 20, b"\x22" * 20
HYBRID_V2: Final = b"\x33" * 32
UNLISTED: Final = b"\x44" * 20
SETTINGS: Final = {
    "listen": ["127.0.0.1:0", "[::1]:0"],
    "tls_listen": ["127.0.0.1:0", "[::1]:0"],
    "tls_certificate": str(CERTIFICATES / "first.pem"),
    "tls_key": str(CERTIFICATES / "first.key"),
    "threads": 1,
    "min_interval_s": 0,
    "key_secret": SECRET.hex(),
}


def accounted() -> DataPlane:
    """A tracker with accounts; its releases are for members."""
    plane = DataPlane(SETTINGS)
    releases = [
        ReleaseRecord(1, PLAIN, None, ListingState.PUBLISHED),
        ReleaseRecord(2, HYBRID, HYBRID_V2, ListingState.PUBLISHED),
    ]
    accounts = [AccountRecord(number, 1) for number in ACCOUNTS]
    plane.load(PolicyChange(releases=packed(releases), accounts=packed(accounts)))
    plane.commit(1)
    return plane


def standing_alone(folder: Path) -> DataPlane:
    """A tracker that serves a list to anyone."""
    allowed = folder / "allowed"
    allowed.write_text(f"{PLAIN.hex()}\n{HYBRID.hex()}\n", encoding="utf-8")
    plane = DataPlane(SETTINGS)
    standalone.put_in_force(plane, allowed, None)
    return plane


@dataclass
class Place:
    """A running tracker, and the door that a test goes through."""

    plane: DataPlane
    ports: dict[tuple[str, bool], int]
    protocol: str
    family: str
    has_accounts: bool
    doors: list[Door] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def shows_scrapes(self) -> bool:
        """Whether a scrape may tell: UDP has no place for a member's key (SCR-6)."""
        return self.protocol != "UDP" or not self.has_accounts

    def taken(self) -> list[tuple[int, int, int]]:
        """Take seeders, leechers and downloads of what changed; only a site numbers releases."""
        return [(it.seeders, it.leechers, it.completed_open) for it in self.plane.take_counts(10)]

    def door(self, account: int = 1, *, protocol: str = "", family: str = "") -> Door:
        """Give a way in, for an account where the tracker has any."""
        family, protocol = family or self.family, protocol or self.protocol
        key = announce_key(SECRET, KeyKind.ACCOUNT, account, 1) if self.has_accounts else None
        port = self.ports[family, protocol in TLS]
        door = DOORS[protocol](HOSTS[family], port, key)
        self.doors.append(door)
        return door

    def someone(self, **said: Any) -> "Peer":
        """Give a client of a member that nobody else is, at a port of its own."""
        number = next(self.numbers)
        ask = Ask(PLAIN, b"-BT0001-%012d" % number, port=20_000 + number)
        return Peer(self.door(number), replace(ask, **said))


@dataclass
class Peer:
    """A client that announces itself."""

    door: Door
    ask: Ask

    def says(self, **said: Any) -> Answer:
        """Announce, with what changed since the last time."""
        self.ask = replace(self.ask, **said)
        return self.door.announce(self.ask)

    def counts(self) -> tuple[int, int]:
        """Announce nothing new, wanting nobody; seeders and leechers."""
        answer = self.says(wanted=0, event=0)
        return answer.seeders, answer.leechers


@pytest.fixture(params=["with accounts", "standing alone"])
def has_accounts(request: pytest.FixtureRequest) -> bool:
    return str(request.param) == "with accounts"


@pytest.fixture(params=list(DOORS))
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=list(HOSTS))
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def stopping() -> Iterator[Executor]:
    """Let trackers stop beside the tests: each takes up to a fifth of a second to look up."""
    with ThreadPoolExecutor(8) as pool:
        yield pool


@pytest.fixture
def place(
    *, has_accounts: bool, protocol: str, family: str, tmp_path: Path, stopping: Executor
) -> Iterator[Place]:
    plane = accounted() if has_accounts else standing_alone(tmp_path)
    ports = [int(address.rpartition(":")[2]) for address in plane.start()]
    ways = [(name, is_tls) for is_tls in (False, True) for name in HOSTS]
    place = Place(plane, dict(zip(ways, ports, strict=True)), protocol, family, has_accounts)
    yield place
    for door in place.doors:
        door.close()
    stopping.submit(plane.stop, 5)


@only_with_addresses
@pytest.mark.parametrize(("wanted", "given"), [(0, 0), (1, 1), (3, 3), (None, 8), (-1, 8)])
def test_http_07_and_08_a_client_gets_as_many_as_it_wants(
    place: Place, wanted: int | None, given: int
) -> None:
    for _ in range(8):
        place.someone().says()

    assert len(place.someone().says(wanted=wanted).peers) == given


@only_with_addresses
@pytest.mark.parametrize("wanted", [-2, -(2**31), 2**31 - 1])
def test_http_07_an_absurd_wish_is_clamped(place: Place, wanted: int) -> None:
    place.someone().says()

    assert len(place.someone().says(wanted=wanted).peers) == 1


def test_evt_03_and_04_a_stranger_who_leaves_is_no_error_and_creates_nothing(place: Place) -> None:
    place.someone().says(event=STOPPED, port=0)

    answer = place.someone().says()

    assert (answer.seeders, answer.leechers, answer.peers) == (0, 1, [])


def test_evt_02_who_lacks_nothing_seeds_without_having_completed(place: Place) -> None:
    peer = place.someone()
    peer.says(left=0)
    assert peer.counts() == (1, 0)

    peer.says(left=500)  # checked again: a piece was bad
    assert peer.counts() == (0, 1)


def test_evt_01_a_download_is_counted_once_and_only_where_it_was_seen(place: Place) -> None:
    pretender, leecher = place.someone(), place.someone()
    pretender.says(event=COMPLETED, left=0)
    leecher.says(event=STARTED)
    for _ in range(2):
        leecher.says(event=COMPLETED, left=0)

    # Members' downloads are counted for good by the ledger.
    assert place.taken() == [(2, 0, 0 if place.has_accounts else 1)]


def test_evt_06_counts_are_the_same_wherever_they_are_read(place: Place) -> None:
    place.someone().says(left=0)
    leecher = place.someone()
    leecher.says()

    assert leecher.counts() == (1, 1)
    assert place.taken() == [(1, 1, 0)]
    if place.shows_scrapes:
        assert leecher.door.scrape(PLAIN) == [(1, 0, 1)]


@only_with_addresses
def test_evt_08_and_09_nobody_gets_itself_and_seeders_get_no_seeders(place: Place) -> None:
    first, second = place.someone(left=0), place.someone(left=0)
    first.says()
    second.says()

    assert first.says().peers == []
    assert second.says().peers == []


@only_with_addresses
def test_evt_10_peers_are_drawn_not_listed(place: Place) -> None:
    everyone = [place.someone() for _ in range(20)]
    for peer in everyone:
        peer.says()
    asking = place.someone()

    seen = {port for _ in range(120) for _, port in asking.says(wanted=3).peers}

    assert seen == {peer.ask.port for peer in everyone}


def test_scr_02_a_scrape_answers_in_order_with_repeats_and_zeros_for_the_unknown(
    place: Place,
) -> None:
    peer = place.someone()
    peer.says(left=0)
    seen = (1, 0, 0) if place.shows_scrapes else (0, 0, 0)

    counts = peer.door.scrape(HYBRID, PLAIN, UNLISTED, PLAIN)

    assert counts == [(0, 0, 0), seen, (0, 0, 0), seen]


def test_scr_01_a_scrape_and_an_unlisted_announce_create_nothing(place: Place) -> None:
    peer = place.someone()

    assert peer.door.scrape(UNLISTED, PLAIN) == [(0, 0, 0)] * 2
    with pytest.raises(Refused):
        peer.says(info_hash=UNLISTED)

    assert place.plane.take_counts(10) == []


# A list of hashes does not say which two are one torrent.
@only_with_accounts
def test_v2_02_a_hybrid_under_both_hashes_is_one_peer(place: Place) -> None:
    peer = place.someone(info_hash=HYBRID)
    peer.says()
    peer.says(info_hash=HYBRID_V2[:20])

    assert peer.counts() == (0, 1)
    if place.protocol in ADDRESS_DOORS:
        peers = place.someone(info_hash=HYBRID).says().peers
        assert peers == [(HOSTS[place.family], peer.ask.port)]


# Without an account only BEP 7's secret key ties two addresses, and only over HTTP.
@only_with_accounts
def test_id_04_a_client_on_both_families_counts_once_and_gives_both_addresses(place: Place) -> None:
    gives = place.protocol in ADDRESS_DOORS
    for family in HOSTS:
        place.door(1, family=family).announce(Ask(PLAIN, b"-BT0001-aaaaaaaaaaaa", 20_000))

    answers = [place.door(2, family=f).announce(Ask(PLAIN, b"b" * 20, 20_002)) for f in HOSTS]

    assert all((a.seeders, a.leechers) == (0, 2) for a in answers)
    both = {(host, 20_000) for host in HOSTS.values()}
    assert {peer for a in answers for peer in a.peers} == (both if gives else set())


@only_with_accounts
def test_id_13_one_members_devices_count_apart_up_to_the_cap(place: Place) -> None:
    for number in range(3):
        place.door(1).announce(Ask(PLAIN, b"-BT0001-device%06d" % number, 20_000 + number))

    with pytest.raises(Refused):
        place.door(1).announce(Ask(PLAIN, b"-BT0001-device%06d" % 9, 20_009))

    assert place.plane.take_counts(10) == [(1, 0, 3, 0)]


@only_with_addresses
def test_id_11_port_zero_is_no_peer(place: Place) -> None:
    with pytest.raises(Refused):
        place.someone().says(port=0)

    assert place.someone().says().peers == []


def test_evt_11_intervals_differ_so_that_no_herd_forms(place: Place) -> None:
    peer = place.someone()

    intervals = {peer.says().interval for _ in range(20)}

    usual = 1_800 if place.protocol in ADDRESS_DOORS else 120
    assert len(intervals) > 3
    assert all(usual <= one <= usual * 1.1 for one in intervals)


def test_http_06_a_client_that_does_not_know_what_it_lacks_is_a_leecher(place: Place) -> None:
    peer = place.someone(left=2**63 - 1)
    peer.says()

    assert peer.counts() == (0, 1)


def test_one_swarm_is_behind_every_protocol(place: Place) -> None:
    place.someone().says()
    gives = place.protocol in ADDRESS_DOORS
    for number, protocol in enumerate(DOORS, 1):
        asking = Ask(PLAIN, b"-BT0001-another%05d" % number, 30_000 + number)
        answer = place.door(50 + number, protocol=protocol).announce(asking)
        assert (answer.seeders, answer.leechers) == (0, 1 + number)
        # Browsers dial nobody, and nobody dials them.
        is_given = (HOSTS[place.family], 20_001) in answer.peers
        assert is_given == (gives and protocol in ADDRESS_DOORS)


def offered(peers: list["Peer"]) -> list[int]:
    """How many offers each has got since this was last asked."""
    doors = [peer.door for peer in peers]
    return [len(door.offers()) for door in doors if isinstance(door, WebSocketDoor)]


@only_browsers
@pytest.mark.parametrize(("wanted", "given"), [(0, 0), (1, 1), (3, 3), (None, 8), (-1, 8)])
def test_http_07_and_08_as_many_browsers_as_wanted_get_an_offer_each(
    place: Place, wanted: int | None, given: int
) -> None:
    waiting = [place.someone() for _ in range(8)]
    for peer in waiting:
        peer.says(wanted=0)

    place.someone().says(wanted=wanted)

    assert sorted(offered(waiting)) == [0] * (8 - given) + [1] * given


@only_browsers
def test_evt_08_and_09_nobody_gets_its_own_offer_and_seeders_get_no_seeders(place: Place) -> None:
    first, second, leecher = place.someone(left=0), place.someone(left=0), place.someone()
    for peer in (leecher, first, second):
        peer.says()

    assert offered([first, second, leecher]) == [0, 0, 2]


@only_browsers
def test_evt_10_browsers_are_drawn_not_listed(place: Place) -> None:
    waiting = [place.someone() for _ in range(12)]
    for peer in waiting:
        peer.says(wanted=0)
    asking = place.someone()

    for _ in range(60):
        asking.says(event=STARTED, wanted=3)  # a plain announce so soon would meet nobody

    counts = offered(waiting)
    assert sum(counts) == 180
    assert all(counts)
