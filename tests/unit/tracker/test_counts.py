"""Swarm counts on their way to pages, and how nodes are doing."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from bottin.tracker import actions, health, outbox, queries, tasks
from bottin.tracker.dataplane import Count
from bottin.tracker.models import Outbox, SwarmCount
from bottin.tracker.queries import Counts

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def test_counts_are_stored_and_read_back() -> None:
    actions.store_counts([Count(1, 5, 2, 9), Count(2, 0, 1, 0)])

    assert queries.counts_for([1, 2, 3]) == {1: Counts(5, 2, 9), 2: Counts(0, 1, 0), 3: Counts()}


def test_scr_04_completed_never_goes_down() -> None:
    actions.store_counts([Count(1, 5, 2, 9)])

    actions.store_counts([Count(1, 4, 1, 3)])

    assert queries.counts_for([1])[1] == Counts(4, 1, 9)


def test_a_swarm_unheard_since_the_start_is_empty() -> None:
    actions.store_counts([Count(1, 5, 2, 9), Count(2, 3, 0, 1)])
    SwarmCount.objects.filter(release_id=1).update(updated_at=NOON - timedelta(hours=1))

    assert actions.empty_silent_swarms(since=NOON) == 1
    assert queries.counts_for([1, 2]) == {1: Counts(0, 0, 9), 2: Counts(3, 0, 1)}


def test_a_tracker_is_not_in_force_before_it_acknowledges(clock: time_machine.Traveller) -> None:
    actions.note_start("main", at=NOON)

    assert queries.in_force_since(NOON) is None


def test_a_change_is_in_force_when_all_live_trackers_read_later(
    clock: time_machine.Traveller,
) -> None:
    for node, seconds in (("main", 1), ("second", 3)):
        actions.note_start(node, at=NOON)
        actions.acknowledge(node, sequence=5, at=NOON + timedelta(seconds=seconds))

    assert queries.in_force_since(NOON) == NOON + timedelta(seconds=3)
    assert queries.in_force_since(NOON + timedelta(seconds=2)) is None


def test_a_tracker_unheard_for_a_minute_holds_nothing_up(clock: time_machine.Traveller) -> None:
    actions.note_start("main", at=NOON - timedelta(minutes=2))

    assert queries.in_force_since(NOON) == NOON


def test_trk_06_the_lag_is_the_wait_of_the_oldest_change(clock: time_machine.Traveller) -> None:
    actions.note_start("main", at=NOON)
    actions.acknowledge("main", sequence=0, at=NOON)
    clock.shift(timedelta(seconds=1))
    outbox.account_changed(1)
    clock.shift(timedelta(seconds=5))

    assert health.outbox_lag() == timedelta(seconds=5)
    assert health.nodes()[0].waiting == 1


def test_trk_06_a_tracker_that_reads_nothing_lags_although_nothing_waits(
    clock: time_machine.Traveller,
) -> None:
    actions.note_start("main", at=NOON)
    actions.acknowledge("main", sequence=0, at=NOON)
    clock.shift(timedelta(seconds=9))
    assert health.outbox_lag() == timedelta()

    clock.shift(timedelta(seconds=20))

    assert health.outbox_lag() == timedelta(seconds=29)


def test_trk_06_a_policy_older_than_a_minute_is_stale(clock: time_machine.Traveller) -> None:
    actions.note_start("main", at=NOON)
    assert health.nodes()[0].is_stale
    actions.acknowledge("main", sequence=0, at=NOON)

    assert not health.nodes()[0].is_stale
    clock.shift(timedelta(seconds=61))
    assert health.nodes()[0].is_stale


def test_without_a_tracker_there_is_no_lag_to_tell() -> None:
    assert health.outbox_lag() is None


def test_old_outbox_rows_are_reaped(clock: time_machine.Traveller) -> None:
    outbox.account_changed(1)
    clock.shift(tasks.KEEP + timedelta(seconds=1))
    outbox.account_changed(2)

    assert tasks.reap_outbox() == 1
    assert Outbox.objects.get().subject_id == 2
