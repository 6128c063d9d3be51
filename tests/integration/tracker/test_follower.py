"""The policy equals the database after every change, in whatever order transactions end."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection, transaction

from bottin.accounts.models import Account
from bottin.tracker import outbox
from bottin.tracker.follower import Follower
from bottin.tracker.models import DeniedHash, Listing, ListingState, Outbox
from bottin.tracker.second_gate import SecondGate
from tests.factories.accounts import make_account
from tests.factories.tracker import RememberedPolicy, listing, v1_hash

pytestmark = pytest.mark.django_db(transaction=True)

PUBLISHED, REMOVED = int(ListingState.PUBLISHED), int(ListingState.REMOVED)


@pytest.fixture
def policy() -> RememberedPolicy:
    return RememberedPolicy()


@pytest.fixture
def gate_file(tmp_path: Path) -> Path:
    return tmp_path / "denied"


@pytest.fixture
def follower(policy: RememberedPolicy, gate_file: Path) -> Follower:
    return Follower(policy, SecondGate(gate_file))


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    """Another thread, which has a database connection of its own."""
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(lambda: connection.close()).result()  # noqa: PLW0108 - of that thread


def test_the_first_reading_loads_everything(follower: Follower, policy: RememberedPolicy) -> None:
    outbox.list_release(listing(1))
    outbox.list_release(listing(2, state=ListingState.PENDING))
    account = make_account()
    outbox.deny(v1_hash(9), "notice")

    follower.follow()

    assert (policy.state_of(1), policy.state_of(2)) == (1, 2)
    assert account.pk in policy.accounts
    assert policy.denied == {v1_hash(9)}


def test_a_change_is_applied_without_loading_again(
    follower: Follower, policy: RememberedPolicy
) -> None:
    outbox.list_release(listing(1))
    follower.follow()
    outbox.delist_release(1, ListingState.REMOVED)
    outbox.list_release(listing(2))

    assert follower.follow()

    assert (policy.state_of(1), policy.state_of(2), policy.commits) == (REMOVED, PUBLISHED, 1)
    assert policy.sequence == Outbox.objects.latest("pk").pk


def test_nothing_new_is_nothing_to_do(follower: Follower) -> None:
    follower.follow()

    assert not follower.follow()


def test_a_forgotten_release_is_forgotten(follower: Follower, policy: RememberedPolicy) -> None:
    outbox.list_release(listing(1))
    follower.follow()
    outbox.forget_release(1)

    follower.follow()

    assert policy.state_of(1) is None


def test_an_account_is_followed(follower: Follower, policy: RememberedPolicy) -> None:
    account = make_account()
    follower.follow()
    with transaction.atomic():
        Account.objects.filter(pk=account.pk).update(
            key_version=5, state="suspended", is_active=False
        )
        outbox.account_changed(account.pk)

    follower.follow()

    assert policy.accounts[account.pk][1] == 5
    assert policy.accounts[account.pk][4] == 1


def test_rows_that_commit_late_are_not_missed(
    follower: Follower, policy: RememberedPolicy, elsewhere: ThreadPoolExecutor
) -> None:
    outbox.list_release(listing(1))
    follower.follow()
    written, may_end = threading.Event(), threading.Event()

    def remove_slowly() -> None:
        with transaction.atomic():
            outbox.delist_release(1, ListingState.REMOVED)
            written.set()
            assert may_end.wait(20)

    slow = elsewhere.submit(remove_slowly)
    assert written.wait(20)
    outbox.list_release(listing(2))  # a higher id, committed first
    follower.follow()
    assert (policy.state_of(1), policy.state_of(2)) == (PUBLISHED, PUBLISHED)

    may_end.set()
    slow.result()
    assert follower.follow()

    assert policy.state_of(1) == REMOVED


def test_a_row_is_read_once_although_an_old_transaction_stays_open(
    follower: Follower, elsewhere: ThreadPoolExecutor
) -> None:
    follower.follow()
    open_now, may_end = threading.Event(), threading.Event()

    def stay_open() -> None:
        with transaction.atomic():
            outbox.account_changed(1)
            open_now.set()
            assert may_end.wait(20)

    slow = elsewhere.submit(stay_open)
    assert open_now.wait(20)
    outbox.list_release(listing(2))

    assert follower.follow()
    assert not follower.follow()
    may_end.set()
    slow.result()


def test_a_change_that_was_rolled_back_is_never_seen(
    follower: Follower, policy: RememberedPolicy
) -> None:
    follower.follow()
    with transaction.atomic():
        outbox.list_release(listing(1))
        transaction.set_rollback(True)

    assert not follower.follow()
    assert policy.state_of(1) is None


def test_trk_02_a_denied_hash_is_on_disk_when_it_is_acknowledged(
    follower: Follower, policy: RememberedPolicy, gate_file: Path
) -> None:
    follower.follow()
    outbox.deny(v1_hash(9), "notice")

    follower.follow()

    assert policy.denied == {v1_hash(9)}
    assert SecondGate(gate_file).denied == {v1_hash(9)}


def test_a_permitted_hash_leaves_both_gates(
    follower: Follower, policy: RememberedPolicy, gate_file: Path
) -> None:
    outbox.deny(v1_hash(9), "notice")
    follower.follow()
    outbox.permit(v1_hash(9))

    follower.follow()

    assert policy.denied == set()
    assert SecondGate(gate_file).denied == frozenset()


def test_a_restored_database_does_not_open_the_second_gate(
    follower: Follower, policy: RememberedPolicy, gate_file: Path
) -> None:
    outbox.deny(v1_hash(9), "notice")
    follower.follow()
    DeniedHash.objects.all().delete()  # yesterday's backup

    Follower(policy, SecondGate(gate_file)).follow()

    assert policy.denied == {v1_hash(9)}


def test_a_hash_permitted_while_the_tracker_was_away_is_permitted(
    follower: Follower, policy: RememberedPolicy, gate_file: Path
) -> None:
    outbox.deny(v1_hash(9), "notice")
    follower.follow()
    outbox.permit(v1_hash(9))

    Follower(policy, SecondGate(gate_file)).follow()

    assert policy.denied == set()


def test_a_long_absence_loads_everything_again(
    follower: Follower, policy: RememberedPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower.follow()
    outbox.list_release(listing(1))
    Outbox.objects.all().delete()  # reaped meanwhile
    monkeypatch.setattr("bottin.tracker.follower.STALE_S", 0.0)

    follower.follow()

    assert policy.state_of(1) == PUBLISHED


def test_a_lost_connection_loses_nothing(
    follower: Follower, policy: RememberedPolicy, kill_connection: Callable[[], None]
) -> None:
    follower.follow()
    outbox.list_release(listing(1))
    kill_connection()

    follower.follow()

    assert policy.state_of(1) == PUBLISHED


def test_a_reading_that_broke_off_leaves_nothing_behind(
    follower: Follower, policy: RememberedPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.list_release(listing(1))
    with monkeypatch.context() as broken:
        broken.setattr("bottin.tracker.follower.SecondGate.change", _fail)
        with pytest.raises(OSError, match="disk full"):
            follower.follow()
    Listing.objects.all().delete()

    follower.follow()

    assert policy.state_of(1) is None


def _fail(*_given: object, **_named: object) -> None:
    raise OSError("disk full")


def test_a_commit_wakes_the_follower(follower: Follower, elsewhere: ThreadPoolExecutor) -> None:
    follower.follow()
    follower.listen()
    elsewhere.submit(outbox.list_release, listing(1)).result()

    follower.wait(20)

    assert follower.follow()


@pytest.fixture
def kill_connection() -> Callable[[], None]:
    """Break the connection, and let Django notice as the service does."""

    def kill() -> None:
        connection.connection.close()
        connection.close()

    return kill
