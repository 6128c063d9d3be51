"""The tracker part with its database: what it is told it does, what it sees it tells."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.tracker.announcer import STOPPED, Announce, NotAnswered, UdpTracker
from tests.integration.tracker.ground import Ground, running_ground, wait_until

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with running_ground() as ground:
        ground.found = ground.people(4, 4)
        yield ground


@pytest.fixture
def tracker(ground: Ground) -> Iterator[Ground]:
    """A tracker that serves."""
    ground.start("tracker")
    wait_until(lambda: is_listening(ground), "the tracker listens")
    yield ground
    if "tracker" in ground.pids:
        ground.stop("tracker")


@pytest.fixture
def way(tracker: Ground) -> Iterator[UdpTracker]:
    """The first member's way to it."""
    way = UdpTracker(tracker.port, tracker.key(tracker.found["users"][0]), timeout_s=2)
    yield way
    way.close()


def is_listening(ground: Ground) -> bool:
    try:
        socket.create_connection(("127.0.0.1", ground.port), 1).close()
    except OSError:
        return False
    return True


def announce(ground: Ground, release: int, **given: Any) -> Announce:
    digest = bytes.fromhex(ground.found["hashes"][release - 1])
    return Announce(digest, b"-BT0001-a-test-client"[:20], **given)


def counts(ground: Ground, release: int) -> list[tuple[Any, ...]]:
    return ground.rows(
        "SELECT seeders, leechers FROM tracker_swarmcount WHERE release_id = %s", release
    )


def test_counts_reach_the_database_within_five_seconds(tracker: Ground, way: UdpTracker) -> None:
    way.announce(announce(tracker, 1, left=0))
    wait_until(lambda: counts(tracker, 1) == [(1, 0)], "the seeder is counted", 5)

    way.announce(announce(tracker, 1, left=0, event=STOPPED))

    wait_until(lambda: counts(tracker, 1) == [(0, 0)], "it is gone", 5)


def test_what_is_published_while_it_runs_is_served(tracker: Ground, way: UdpTracker) -> None:
    tracker.python_with_django(
        "from bottin.tracker import outbox\n"
        "outbox.list_release(outbox.ListingFacts(77, bytes([7] * 20), None))"
    )
    fresh = Announce(bytes([7] * 20), b"-BT0001-a-test-clien")

    wait_until(lambda: is_answered(way, fresh), "the new release is served", 2)


def test_a_revoked_key_is_refused(tracker: Ground) -> None:
    user = tracker.found["users"][1]
    way = UdpTracker(tracker.port, tracker.key(user), timeout_s=2)
    assert is_answered(way, announce(tracker, 2))
    tracker.python_with_django(
        "from django.db import transaction\n"
        "from bottin.accounts.models import Account\n"
        "from bottin.tracker import outbox\n"
        "with transaction.atomic():\n"
        f"    Account.objects.filter(pk={user}).update(key_version=2)\n"
        f"    outbox.account_changed({user})"
    )

    wait_until(lambda: not is_answered(way, announce(tracker, 2)), "the key is refused", 2)

    way.close()


_RULES = """
from django.utils import timezone
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import Viewer
from bottin.tracker import actions
from bottin.tracker.models import ClientRule, ClientWelcome
by = Viewer(None, Role.ADMINISTRATOR)
match sys.argv[1:]:
    case ["deny", head, reason]:
        actions.set_client_rule(
            head, ClientWelcome.DENIED, reason, by=by, at=timezone.now()
        )
    case ["remove", head]:
        actions.remove_client_rule(ClientRule.objects.get(head=head).pk, by=by)
"""


def refusal(way: UdpTracker, said: Announce) -> str:
    """What the client shows; "" when it is served."""
    try:
        way.announce(said)
    except NotAnswered as error:
        return str(error)
    return ""


def test_id_16_a_rule_of_the_team_holds_within_a_second_over_a_restart_and_until_removed(
    tracker: Ground,
) -> None:
    user = tracker.found["users"][2]
    way = UdpTracker(tracker.port, tracker.key(user), timeout_s=2)
    running = announce(tracker, 2)
    assert refusal(way, running) == ""

    tracker.python_with_django(_RULES, "deny", "-BT0", "counts wrong: get 4.6")
    wait_until(lambda: bool(refusal(way, running)), "it is refused", 1)
    assert refusal(way, running) == "logiciel refusé ici : counts wrong: get 4.6"

    way.close()
    tracker.stop("tracker")
    tracker.start("tracker")
    wait_until(lambda: is_listening(tracker), "the tracker listens")
    way = UdpTracker(tracker.port, tracker.key(user), timeout_s=2)
    assert refusal(way, running) == "logiciel refusé ici : counts wrong: get 4.6"

    tracker.python_with_django(_RULES, "remove", "-BT0")
    wait_until(lambda: not refusal(way, running), "it is served again", 1)
    wait_until(
        lambda: (
            tracker.rows(
                "SELECT times > 0, client FROM tracker_announcenotice"
                " WHERE user_id = %s AND code = 'client_denied'",
                user,
            )
            == [(True, "-BT0001-")]
        ),
        "the member's page knows of it",
    )
    way.close()


def test_run_04_it_serves_while_the_database_is_away_and_loses_nothing(
    tracker: Ground, way: UdpTracker
) -> None:
    way.announce(announce(tracker, 3, left=0))
    wait_until(lambda: counts(tracker, 3) == [(1, 0)], "the seeder is counted")
    tracker.kill_database()

    way.announce(announce(tracker, 3, left=5))

    tracker.start_database()
    wait_until(lambda: counts(tracker, 3) == [(0, 1)], "what happened meanwhile is counted")


def test_trk_01_it_answers_nobody_before_it_has_a_policy(ground: Ground) -> None:
    ground.kill_database()
    ground.start("tracker")
    way = UdpTracker(ground.port, ground.key(ground.found["users"][0]), timeout_s=0.5)
    assert not is_answered(way, announce(ground, 4))

    ground.start_database()

    wait_until(lambda: is_answered(way, announce(ground, 4)), "it serves")
    way.close()
    ground.stop("tracker")


def test_a_clean_stop_says_how_far_the_journal_is(tracker: Ground, way: UdpTracker) -> None:
    way.announce(announce(tracker, 1, left=0, uploaded=5))

    tracker.stop("tracker")

    told = tracker.rows("SELECT journal_position FROM tracker_trackernode")
    end = tracker.python_with_django(
        "from bottin.ledger import health; print(health.journal().end)"
    )
    assert told == [(int(end),)]
    assert int(end) > 0


def is_answered(way: UdpTracker, said: Announce) -> bool:
    try:
        way.announce(said)
    except NotAnswered:
        return False
    return True
