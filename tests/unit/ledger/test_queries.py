"""What pages read of the ledger."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from bottin.ledger import queries
from bottin.ledger.actions import apply_batch
from bottin.ledger.queries import Totals
from tests.factories.ledger import STARTED, STOPPED, STREAM, fact

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def history() -> None:
    """A member who fetched release 1, seeds release 2, and left release 3."""
    apply_batch(
        [
            fact(0, event=STARTED, second=0),
            fact(1, downloaded=1000, uploaded=500, left=0, second=60),
            fact(2, release_id=2, event=STARTED, left=0, second=60),
            fact(3, release_id=2, uploaded=70, left=0, second=120),
            fact(4, release_id=3, event=STARTED, second=130),
            fact(5, release_id=3, event=STOPPED, second=140),
        ],
        stream=STREAM,
    )


def test_a_member_who_never_announced_has_zeros_and_no_ratio() -> None:
    totals = queries.balance_of(404)

    assert totals == Totals()
    assert totals.ratio is None
    assert totals.raw_ratio is None


def test_the_ratio_is_uploaded_over_downloaded(history: None) -> None:
    assert queries.balance_of(7).ratio == pytest.approx(0.57)


def test_no_ratio_is_shown_while_credited_download_is_zero() -> None:
    assert Totals(raw_down=5, credited_up=9).ratio is None


def test_a_transfer_says_what_the_clients_do_now(
    history: None, clock: time_machine.Traveller
) -> None:
    clock.move_to(NOON + timedelta(minutes=10))

    lines = {line.release_id: line for line in queries.transfers_of(7)}

    assert [*lines] == [3, 2, 1]
    assert (lines[1].is_seeding, lines[2].is_seeding, lines[3].is_seeding) == (True, True, False)
    assert lines[1].completed_at == NOON + timedelta(seconds=60)
    assert not lines[3].running


def test_a_silent_client_is_not_shown_as_running(
    history: None, clock: time_machine.Traveller
) -> None:
    clock.move_to(NOON + timedelta(hours=1))

    assert queries.running_sessions(7) == []


def test_transfers_take_two_queries(
    history: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        queries.transfers_of(7, limit=2)


def test_transfers_of_named_releases_only(history: None) -> None:
    assert [line.release_id for line in queries.transfers_of(7, release_ids=[2, 9])] == [2]


def test_entries_are_paged_from_the_newest(history: None) -> None:
    first = queries.entries_of(7, limit=1)
    rest = queries.entries_of(7, before_id=first[0].pk)

    assert len(first) == 1
    assert [row.pk for row in rest] == sorted((row.pk for row in rest), reverse=True)
    assert all(row.pk < first[0].pk for row in rest)


def test_entries_of_one_release(history: None) -> None:
    assert {row.release_id for row in queries.entries_of(7, release_id=2)} == {2}


def test_days_without_traffic_are_zeros(history: None) -> None:
    days = queries.credit_by_day(7, 3, today=date(2026, 6, 2))

    assert [line.day for line in days] == [date(2026, 5, 31), date(2026, 6, 1), date(2026, 6, 2)]
    assert [line.totals.raw_up for line in days] == [0, 570, 0]


def test_days_are_those_of_the_reader() -> None:
    late = int(timedelta(hours=11).total_seconds())  # 23:00 UTC is tomorrow in Paris
    apply_batch(
        [fact(0, event=STARTED, second=late - 60), fact(1, uploaded=5, second=late)], stream=STREAM
    )

    days = queries.credit_by_day(7, 2, today=date(2026, 6, 2))

    assert [line.totals.raw_up for line in days] == [0, 5]


def test_a_release_sums_up_people_not_clients() -> None:
    apply_batch(
        [fact(0), fact(1, session=2), fact(2, user_id=8), fact(3, user_id=8, left=0)],
        stream=STREAM,
    )

    found = queries.history_of(1)

    assert (found.people, found.finished) == (2, 1)


def test_a_last_announce_says_what_it_is_and_what_it_added(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    apply_batch([fact(0, event=STARTED), fact(1, uploaded=500)], stream=STREAM)
    apply_batch([fact(2, uploaded=700, up_quarters=8)], stream=STREAM)
    apply_batch([fact(3, release_id=2, event=STARTED)], stream=STREAM)

    with django_assert_num_queries(2):
        heard = queries.last_announces(7)
        credit = queries.credit_of(7, heard)

    assert [(one.release_id, one.client, one.protocol, one.family) for one in heard] == [
        (2, "qBittorrent 4.6.5", "UDP", "IPv4"),
        (1, "qBittorrent 4.6.5", "UDP", "IPv4"),
    ]
    assert heard[0].first_at == heard[0].last_at
    assert credit == {(1, NOON + timedelta(minutes=2)): Totals(raw_up=200, credited_up=400)}


def test_no_announce_asks_for_no_credit(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        assert queries.credit_of(7, []) == {}
