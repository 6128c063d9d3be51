"""Running clients that may announce no longer say why, in words, and are given no peers."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.clients import Client, LibtorrentClient, TransmissionClient, wait_until
from tests.e2e.kinds import make, skip_unless_here
from tests.e2e.pages_client import Visit
from tests.e2e.site import Person, Site
from tests.e2e.test_refusals import key_of, over_http, reason, torrent_of
from tests.e2e.test_transfers import only, swarm

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
_PATIENCE_S: Final = 3.0
Joined = Callable[[str, Person, str, Path], Client]


@pytest.fixture
def joined(tmp_path: Path) -> Iterator[Joined]:
    """Start clients with a person's `.torrent`, over HTTP, and end them with the test."""
    with ExitStack() as stack:

        def start(kind: str, person: Person, release: str, folder: Path) -> Client:
            client = make(kind, tmp_path, "127.0.0.1")
            stack.callback(client.close)
            folder.mkdir(exist_ok=True)
            client.add(only(person.torrent(release), "http", "IPv4"), folder)
            return client

        yield start


@pytest.fixture(scope="session")
def team(site: Site) -> Iterator[Visit]:
    """A super-moderator at the pages."""
    person = site.person("warden", "super_moderator")
    with Visit(site, person.name) as visit:
        yield visit


def nudge(client: Client) -> None:
    """Have it announce now, as its user would."""
    if isinstance(client, TransmissionClient):
        client.restart()  # it asks again by hand every two minutes only
    else:
        client.announce()


def all_say(clients: list[Client], words: str) -> None:
    """Wait until each client shows these words of its tracker; "" when it has no complaint."""
    asked = [-_PATIENCE_S]

    def is_said() -> bool:
        troubles = [(client, client.told().trouble) for client in clients]
        left = [client for client, said in troubles if (words not in said if words else said)]
        if time.monotonic() - asked[0] > _PATIENCE_S:
            asked[0] = time.monotonic()
            for client in left:
                nudge(client)
        return not left

    wait_until(is_said, f"the clients show {words!r}" if words else "they have no complaint")


def test_running_clients_are_told_of_a_suspension_and_of_a_revoked_key(
    site: Site, giver: Person, content: Path, joined: Joined
) -> None:
    skip_unless_here("transmission")
    release = giver.publish(torrent_of(content)[0], content.name)
    member = site.person("barred")
    clients = [
        joined(kind, member, release, content.parent) for kind in ("libtorrent", "transmission")
    ]
    wait_until(lambda: swarm(giver, release)["seeders"] == 2, "both are in the swarm")

    site.bottin("user", "suspend", member.name, "--reason", "a test of suspension")
    all_say(clients, "compte suspendu : voyez votre page sur le site")

    site.bottin("user", "reactivate", member.name, "--reason", "the test is over")
    all_say(clients, "")

    with Visit(site, member.name) as visit:
        visit.renew_key("compromised")
    all_say(clients, "clé d'annonce révoquée : téléchargez à nouveau le .torrent")


def test_id_16_a_family_that_the_team_refuses_shows_the_reason_until_it_is_served_again(
    site: Site, giver: Person, content: Path, joined: Joined
) -> None:
    release = giver.publish(torrent_of(content)[0], content.name)
    member = site.person("outdated")
    client = joined("libtorrent", member, release, content.parent)
    wait_until(lambda: swarm(giver, release)["seeders"] == 1, "the member is in the swarm")

    site.bottin("clients", "deny", "-LT", "--reason", "compte mal : prenez-en un autre")
    try:
        all_say([client], "logiciel refusé ici : compte mal : prenez-en un autre")
    finally:
        site.bottin("clients", "remove", "-LT")

    all_say([client], "")


def test_a_renewed_key_stops_when_its_grace_is_over(
    site: Site, giver: Person, content: Path, joined: Joined
) -> None:
    raw, info_hash = torrent_of(content)
    release = giver.publish(raw, content.name)
    member = site.person("renewing")
    client = joined("libtorrent", member, release, content.parent)
    wait_until(lambda: swarm(giver, release)["seeders"] == 1, "the member is in the swarm")

    with Visit(site, member.name) as visit:
        visit.renew_key("routine")
    all_say([client], "clé d'annonce révoquée : téléchargez à nouveau le .torrent")

    path = f"/{key_of(member.torrent(release))}/announce"
    wait_until(lambda: not reason(over_http(site, path, info_hash)), "the new key is good")


def test_a_take_down_reaches_the_clients_in_the_swarm_and_those_that_come_late(
    giver: Person, taker: Person, team: Visit, content: Path, tmp_path: Path, joined: Joined
) -> None:
    release = giver.publish(torrent_of(content)[0], content.name)
    seeder = joined("libtorrent", giver, release, content.parent)
    leecher = joined("libtorrent", taker, release, tmp_path / "fetched")
    kept = only(taker.torrent(release), "http", "IPv4")
    wait_until(lambda: leecher.told().is_complete, "the swarm works")

    team.decide(release, "remove_terms", reason_code="quality", reason="a test of take-downs")

    all_say([seeder, leecher], "torrent retiré (removed)")
    late = LibtorrentClient(tmp_path, "127.0.0.1")
    late.add(kept, tmp_path / "late")
    all_say([late], "torrent retiré (removed)")
    assert (late.told().received, late.peers()) == (0, 0)
    late.close()


def test_a_release_that_awaits_review_introduces_nobody_before_it_is_approved(
    taker: Person, team: Visit, content: Path, tmp_path: Path, joined: Joined
) -> None:
    release = taker.publish(torrent_of(content)[0], content.name)
    seeder = joined("libtorrent", taker, release, content.parent)
    leecher = joined("libtorrent", taker, release, tmp_path / "fetched")
    all_say([seeder, leecher], "torrent en attente de validation")
    assert leecher.told().received == 0

    team.decide(release, "approve")

    all_say([seeder, leecher], "")
    wait_until(lambda: leecher.told().is_complete, "they were introduced")
