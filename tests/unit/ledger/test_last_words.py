"""Last words of refused clients, releases named by a hash, and downloads counted once for good."""

import pytest

from bottin.ledger.actions import apply_batch
from bottin.ledger.models import JournalPosition, PeerSession, Transfer
from bottin.ledger.queries import balance_of
from bottin.tracker import actions as tracker
from bottin.tracker import outbox, queries
from bottin.tracker.dataplane import LATE, Count, Fact
from bottin.tracker.models import Outbox
from bottin.tracker.outbox import ListingFacts
from tests.factories.ledger import STARTED, STOPPED, STREAM, fact
from tests.factories.tracker import v1_hash

pytestmark = pytest.mark.django_db


def apply(*facts: Fact) -> int:
    apply_batch(facts, stream=STREAM)
    return balance_of(7).raw_up


def last_word(position: int, **given: int) -> Fact:
    return fact(position, event=STOPPED, flags=LATE, **given)


def test_jrn_03_the_last_word_of_a_refused_client_is_credited() -> None:
    assert apply(fact(0, event=STARTED), fact(1, uploaded=10), last_word(2, uploaded=30)) == 30


def test_jrn_03_a_second_last_word_counts_for_nothing() -> None:
    facts = [fact(0, event=STARTED), last_word(1, uploaded=30), last_word(2, uploaded=10**9)]

    assert apply(*facts) == 30
    assert PeerSession.objects.get().uploaded == 30


def test_jrn_03_who_is_refused_begins_nothing() -> None:
    assert apply(last_word(0), last_word(1, uploaded=10**9)) == 0
    assert not PeerSession.objects.exists()
    assert JournalPosition.objects.get().position == 2


def name_of(info_hash: bytes) -> int:
    return -1 - int.from_bytes(info_hash[:7], "big")


def test_jrn_03_a_release_is_found_by_the_name_of_its_hash() -> None:
    outbox.list_release(ListingFacts(1, v1_hash(1), b"\2" * 32))
    facts = [fact(0, event=STARTED), fact(1, session=2, event=STARTED)]

    apply(
        *facts,
        last_word(2, uploaded=30, release_id=name_of(v1_hash(1))),
        last_word(3, uploaded=5, session=2, release_id=name_of(b"\2" * 20)),
    )

    assert balance_of(7).raw_up == 35


def test_jrn_03_the_name_of_nothing_listed_counts_for_nothing() -> None:
    assert apply(fact(0, event=STARTED), last_word(1, uploaded=9, release_id=-5)) == 0
    assert JournalPosition.objects.get().position == 2


def finish(position: int, **given: int) -> list[Fact]:
    return [fact(position, **given), fact(position + 1, left=0, **given)]


def completed() -> int:
    return queries.counts_for([1])[1].completed


def test_evt_01_a_member_finishes_a_release_once_whatever_restarts() -> None:
    apply(*finish(0))
    assert completed() == 1

    apply(*finish(2), *finish(4, session=2))
    apply(*finish(6, session=3))

    assert completed() == 1


def test_evt_01_every_member_counts_and_the_tracker_is_told() -> None:
    apply(*finish(0), *finish(2, user_id=8), *finish(4, user_id=9, release_id=2))

    assert completed() == 2
    assert list(Outbox.objects.order_by("pk").values_list("subject_id", flat=True)) == [1, 2]
    assert Transfer.objects.filter(completed_at__isnull=False).count() == 3


def test_scr_04_what_members_and_open_clients_finished_adds_up_and_never_falls() -> None:
    tracker.store_counts([Count(1, 1, 0, 4)])
    apply(*finish(0))
    tracker.store_counts([Count(1, 1, 0, 5)])
    assert completed() == 6

    tracker.store_counts([Count(1, 1, 0, 0)])

    assert completed() == 6
