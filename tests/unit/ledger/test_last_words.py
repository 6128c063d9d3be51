"""Last words of refused clients, releases named by a hash, and downloads counted once for good."""

from datetime import timedelta

import pytest

from bottin.ledger import inspections
from bottin.ledger import queries as queries_of_ledger
from bottin.ledger.actions import apply_batch
from bottin.ledger.checks import differences
from bottin.ledger.models import Flag, JournalPosition, LedgerEntry, PeerSession, Transfer
from bottin.ledger.queries import balance_of
from bottin.tracker import actions as tracker
from bottin.tracker import outbox, queries
from bottin.tracker.dataplane import ALONE, LATE, LONELY, Count, Fact
from bottin.tracker.models import Outbox
from bottin.tracker.outbox import ListingFacts
from tests.factories.cases import NOON
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


MIB = 2**20
WEB = 32  # over WebSocket


def zeros(position: int, **given: int) -> Fact:
    """Say `stopped` as a page that is closed does: every number is zero."""
    return fact(position, event=STOPPED, flags=WEB | LONELY | ALONE, left=0, **given)


def test_byte_03_a_browser_that_leaves_with_zeros_loses_nothing_and_is_no_suspicion() -> None:
    facts = [
        fact(0, event=STARTED, flags=WEB, left=0),
        fact(1, uploaded=300 * MIB, downloaded=MIB, flags=WEB, left=0, second=600),
    ]
    before = apply(*facts), balance_of(7)

    assert apply(zeros(2, second=660)) == before[0] == 300 * MIB

    after = balance_of(7)
    assert (after.raw_down, after.credited_up) == (MIB, 300 * MIB)
    assert after.seed_time_s == before[1].seed_time_s + 60
    session = PeerSession.objects.get()
    assert (session.uploaded, session.generation, session.is_running) == (300 * MIB, 0, False)
    assert not Flag.objects.exists()
    assert inspections.inspect(NOON + timedelta(hours=1)) == 0


def test_byte_02_a_browser_that_comes_back_counts_from_zero_again() -> None:
    apply(fact(0, event=STARTED, flags=WEB), fact(1, uploaded=30 * MIB, flags=WEB), zeros(2))

    assert apply(fact(3, event=STARTED, flags=WEB), fact(4, uploaded=5, flags=WEB)) == 30 * MIB + 5
    assert not Flag.objects.exists()


def test_evt_01_a_browser_that_leaves_with_nothing_left_finished_no_download() -> None:
    apply(fact(0, event=STARTED, flags=WEB), fact(1, downloaded=10, left=990, flags=WEB), zeros(2))

    assert completed() == 0
    assert Transfer.objects.get().completed_at is None


def test_evt_01_who_finishes_with_its_last_word_has_finished() -> None:
    apply(fact(0, event=STARTED), fact(1, event=STOPPED, downloaded=1000, left=0))

    assert completed() == 1


def test_evt_01_what_was_received_before_it_was_checked_is_finished_by_the_last_word() -> None:
    apply(
        fact(0, event=STARTED),
        fact(1, downloaded=1000, left=16),
        fact(2, event=STOPPED, downloaded=1000, left=0),
    )

    assert completed() == 1


def test_two_clients_in_one_batch_have_a_row_each() -> None:
    apply(
        fact(0, event=STARTED, second=0),
        fact(1, session=2, event=STARTED, second=0),
        fact(2, uploaded=12, second=60),
        fact(3, session=2, uploaded=5, second=61),
    )

    rows = LedgerEntry.objects.order_by("at").values_list("raw_up", flat=True)
    heard = queries_of_ledger.last_announces(7)
    credit = queries_of_ledger.credit_of(7, heard)
    assert list(rows) == [12, 5]
    assert [credit[(one.release_id, one.last_at)].raw_up for one in heard] == [5, 12]
    assert differences() == []


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
