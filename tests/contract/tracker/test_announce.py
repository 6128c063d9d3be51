"""What a client meets is the same over UDP and over HTTP: one data plane, one swarm."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from bottin.tracker.dataplane import (
    AccountRecord,
    AccountState,
    ClientRecord,
    DataPlane,
    Journal,
    KeyKind,
    PolicyChange,
    ReleaseRecord,
    Welcome,
    announce_key,
    packed,
)
from bottin.tracker.models import ListingState
from tests.factories.tracker import v1_hash
from tests.integration.tracker.announcer import (
    STARTED,
    STOPPED,
    Announce,
    HttpTracker,
    NotAnswered,
    UdpTracker,
    Way,
)

pytestmark = pytest.mark.contract

SECRET: Final = bytes(range(32))
MEMBERS_ONLY, OPEN, PENDING, REMOVED, UNKNOWN = range(1, 6)
MEMBER, OTHER, SUSPENDED = 7, 8, 9


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[DataPlane]:
    """A data plane with one release in each state, and three members."""
    plane = DataPlane(
        {
            "listen": ["127.0.0.1:0"],
            "threads": 1,
            "key_secret": SECRET.hex(),
            "journal_dir": str(tmp_path / "journal"),
            "min_interval_s": 0,
        }
    )
    states = {
        MEMBERS_ONLY: ListingState.PUBLISHED,
        OPEN: ListingState.PUBLISHED,
        PENDING: ListingState.PENDING,
        REMOVED: ListingState.REMOVED,
    }
    plane.load(
        PolicyChange(
            releases=packed(
                ReleaseRecord(number, v1_hash(number), None, state, is_open=number == OPEN)
                for number, state in states.items()
            ),
            accounts=packed(
                [
                    AccountRecord(MEMBER, 1),
                    AccountRecord(OTHER, 2),
                    AccountRecord(SUSPENDED, 1, state=AccountState.SUSPENDED, rights=0),
                ]
            ),
        )
    )
    plane.commit(1)
    yield plane
    plane.stop(5)


Reach = Callable[..., Way]


@pytest.fixture(params=[UdpTracker, HttpTracker], ids=["udp", "http"])
def reach(plane: DataPlane, request: pytest.FixtureRequest) -> Iterator[Reach]:
    """Give a member's way to it; `source` is the client's address, `version` that of the key."""
    port = int(plane.start()[0].rpartition(":")[2])
    ways: list[Way] = []

    def make(user: int | None = MEMBER, *, source: str = "127.0.0.1", version: int = 1) -> Way:
        key = None if user is None else announce_key(SECRET, KeyKind.ACCOUNT, user, version)
        ways.append(request.param(port, key, source, 2.0))
        return ways[-1]

    yield make
    for way in ways:
        way.close()


def said(release: int, name: str = "one", **given: int) -> Announce:
    """Say something as the client of that name; each name has a port of its own."""
    peer_id = b"-BT0001-" + name.encode().rjust(12, b"-")
    return Announce(v1_hash(release), peer_id, port=20_000 + sum(name.encode()), **given)


def test_a_leecher_is_introduced_to_the_seeder(reach: Reach) -> None:
    seeder = said(MEMBERS_ONLY, "seeder", left=0)
    reach(OTHER, version=2).announce(seeder)

    peers = reach().announce(said(MEMBERS_ONLY, "leecher"))

    assert peers == bytes([127, 0, 0, 1]) + seeder.port.to_bytes(2, "big")


def test_evt_08_nobody_gets_themselves(reach: Reach) -> None:
    way = reach()
    way.announce(said(MEMBERS_ONLY))

    assert way.announce(said(MEMBERS_ONLY)) == b""


def test_evt_09_a_seeder_is_given_no_seeder(reach: Reach) -> None:
    reach(OTHER, version=2).announce(said(MEMBERS_ONLY, "first", left=0))

    assert reach().announce(said(MEMBERS_ONLY, "second", left=0)) == b""


def test_evt_03_who_stopped_is_handed_out_no_more(reach: Reach) -> None:
    other = reach(OTHER, version=2)
    other.announce(said(MEMBERS_ONLY, "seeder", left=0))
    other.announce(said(MEMBERS_ONLY, "seeder", left=0, event=STOPPED))

    assert reach().announce(said(MEMBERS_ONLY, "leecher")) == b""


def test_an_open_release_asks_for_no_key(reach: Reach) -> None:
    reach(None).announce(said(OPEN, "seeder", left=0))

    assert len(reach(None).announce(said(OPEN, "leecher"))) == 6


@pytest.mark.parametrize(
    ("release", "user", "version"),
    [
        (MEMBERS_ONLY, None, 1),
        (MEMBERS_ONLY, OTHER, 1),
        (MEMBERS_ONLY, SUSPENDED, 1),
        (MEMBERS_ONLY, 404, 1),
        (REMOVED, MEMBER, 1),
        (UNKNOWN, MEMBER, 1),
    ],
    ids=["no key", "revoked key", "suspended", "unknown member", "removed", "unlisted"],
)
def test_a_refusal_is_a_sentence(
    reach: Reach, release: int, user: int | None, version: int
) -> None:
    with pytest.raises(NotAnswered) as refused:
        reach(user, version=version).announce(said(release))

    assert len(str(refused.value)) > 10
    assert "timed out" not in str(refused.value)


def test_err_03_a_pending_release_answers_without_peers(reach: Reach) -> None:
    assert reach().announce(said(PENDING)) == b""


def test_trk_03_a_take_down_is_in_force_when_the_call_returns(
    plane: DataPlane, reach: Reach
) -> None:
    way = reach()
    way.announce(said(MEMBERS_ONLY))
    gone = ReleaseRecord(MEMBERS_ONLY, v1_hash(MEMBERS_ONLY), None, ListingState.REMOVED)

    plane.apply(2, PolicyChange(releases=packed([gone])))

    with pytest.raises(NotAnswered):
        way.announce(said(MEMBERS_ONLY))
    assert plane.sequence == 2


def test_law_01_the_denied_list_stops_what_a_listing_allows(plane: DataPlane, reach: Reach) -> None:
    way = reach()
    plane.apply(2, PolicyChange(denied=v1_hash(MEMBERS_ONLY)))
    with pytest.raises(NotAnswered):
        way.announce(said(MEMBERS_ONLY))

    plane.apply(3, PolicyChange(permitted=v1_hash(MEMBERS_ONLY)))

    assert way.announce(said(MEMBERS_ONLY)) == b""


def test_id_16_a_rule_of_the_team_refuses_with_its_reason_until_it_is_gone(
    plane: DataPlane, reach: Reach
) -> None:
    way = reach()
    plane.set_clients(allowed=[], warned=[], denied=["-XL"])
    way.announce(said(MEMBERS_ONLY))
    rules = [ClientRecord("-BT", Welcome.DENIED, "too old"), ClientRecord("-XL", Welcome.FULL)]

    plane.apply(2, PolicyChange(clients=packed(rules)))

    with pytest.raises(NotAnswered, match="logiciel refusé ici : too old"):
        way.announce(said(MEMBERS_ONLY))
    barred = Announce(v1_hash(MEMBERS_ONLY), b"-XL0001-xxxxxxxxxxxx")
    with pytest.raises(NotAnswered, match="pas accepté ici"):
        way.announce(barred)
    plane.apply(3, PolicyChange(releases=b""))
    with pytest.raises(NotAnswered):
        way.announce(said(MEMBERS_ONLY))
    plane.apply(4, PolicyChange(clients=b""))
    way.announce(said(MEMBERS_ONLY))
    with pytest.raises(NotAnswered):
        way.announce(barred)


def test_what_a_member_reports_is_a_fact_before_the_answer(reach: Reach, tmp_path: Path) -> None:
    way = reach()
    way.announce(said(MEMBERS_ONLY, event=STARTED))
    way.announce(said(MEMBERS_ONLY, uploaded=5, downloaded=6, left=4))

    facts = Journal(tmp_path / "journal").read(0, 10)

    assert [(f.release_id, f.user_id, f.uploaded, f.downloaded, f.left) for f in facts] == [
        (MEMBERS_ONLY, MEMBER, 0, 0, 1_000_000_000),
        (MEMBERS_ONLY, MEMBER, 5, 6, 4),
    ]


def test_the_counts_are_told_once(plane: DataPlane, reach: Reach) -> None:
    reach().announce(said(MEMBERS_ONLY))

    assert plane.take_counts(10) == [(MEMBERS_ONLY, 0, 1, 0)]
    assert plane.take_counts(10) == []
