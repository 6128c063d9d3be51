"""Swarms are sampled each quarter of an hour: by day for a year, by quarter for two days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.tracker import actions, queries
from bottin.tracker.models import (
    SLOT,
    SiteSample,
    SwarmCount,
    SwarmDay,
    SwarmQuarter,
    TrackerNode,
)
from bottin.tracker.queries import Counts

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
TODAY = date(2026, 6, 1)
DAY = timedelta(days=1)


def _swarm(
    release_id: int, seeders: int, leechers: int, completed: int = 0, **given: datetime
) -> None:
    counts = {"seeders": seeders, "leechers": leechers, "completed": completed}
    defaults = counts | {"updated_at": given.get("at", NOON)}
    SwarmCount.objects.update_or_create(release_id=release_id, defaults=defaults)


def _last(release_id: int, days: int = 1, today: date = TODAY) -> list[Counts]:
    return [one.counts for one in queries.swarm_by_day(release_id, days, today=today)]


def test_a_day_keeps_the_most_seen_at_once() -> None:
    _swarm(1, 3, 2)
    actions.take_sample(at=NOON)
    _swarm(1, 5, 0, at=NOON + SLOT)
    actions.take_sample(at=NOON + SLOT)
    _swarm(1, 1, 1, at=NOON + 2 * SLOT)
    actions.take_sample(at=NOON + 2 * SLOT)

    assert _last(1) == [Counts(5, 2, 0)]


def test_a_slot_is_sampled_once_whoever_asks() -> None:
    assert actions.take_sample(at=NOON)
    assert not actions.take_sample(at=NOON + timedelta(minutes=14))
    assert actions.take_sample(at=NOON + SLOT)
    assert SiteSample.objects.count() == 2


def test_a_swarm_that_does_not_change_has_its_row_each_day() -> None:
    _swarm(1, 3, 2, at=NOON - 9 * DAY)

    for days in range(3):
        actions.take_sample(at=NOON + days * DAY)

    assert _last(1, 3, TODAY + 2 * DAY) == [Counts(3, 2, 0)] * 3


def test_an_empty_swarm_costs_no_row() -> None:
    _swarm(1, 0, 0, 40, at=NOON - DAY)

    actions.take_sample(at=NOON)

    assert not SwarmDay.objects.exists()


def test_a_swarm_that_empties_keeps_what_it_had_that_day() -> None:
    _swarm(1, 4, 0)
    actions.take_sample(at=NOON)
    _swarm(1, 0, 0, at=NOON + SLOT)
    actions.take_sample(at=NOON + SLOT)

    assert _last(1, 2, TODAY + DAY) == [Counts(4, 0, 0), Counts()]


def test_downloads_count_for_the_day_they_finished_on() -> None:
    for days, completed in enumerate((10, 10, 14, 15)):
        SwarmDay.objects.create(
            release_id=1, day=TODAY + days * DAY, seeders=1, completed=completed
        )

    told = _last(1, 5, TODAY + 4 * DAY)

    assert [counts.completed for counts in told] == [0, 0, 4, 1, 0]


def test_downloads_of_the_first_day_shown_are_those_since_the_row_before() -> None:
    SwarmDay.objects.create(release_id=1, day=TODAY - 20 * DAY, seeders=1, completed=7)
    SwarmDay.objects.create(release_id=1, day=TODAY, seeders=1, completed=9)

    assert [counts.completed for counts in _last(1, 2)] == [0, 2]


def test_swarms_are_told_apart() -> None:
    SwarmDay.objects.create(release_id=2, day=TODAY, seeders=8)

    assert _last(1) == [Counts()]


def test_old_days_are_dropped(settings: Settings) -> None:
    settings.BOTTIN_KEEP_SWARM_HISTORY_D = 7
    for days in (9, 8, 7, 6):
        SwarmDay.objects.create(release_id=1, day=TODAY - days * DAY, seeders=1)
        SiteSample.objects.create(at=NOON - days * DAY, taken_at=NOON - days * DAY)

    actions.take_sample(at=NOON)

    assert SwarmDay.objects.count() == 2
    assert SiteSample.objects.count() == 3


def test_announces_of_a_slot_are_what_the_counters_grew_by() -> None:
    node = TrackerNode.objects.create(
        name="main", statistics={"udp_announces": 1_000, "http_announces": 50}
    )
    actions.take_sample(at=NOON)
    node.statistics = {"udp_announces": 1_200, "http_announces": 51}
    node.save()
    actions.take_sample(at=NOON + SLOT)

    first, second = SiteSample.objects.order_by("at")
    assert (first.udp_announces, first.http_announces) == (0, 0)
    assert (second.udp_announces, second.http_announces) == (200, 1)


def test_a_tracker_that_started_again_counts_from_zero() -> None:
    node = TrackerNode.objects.create(name="main", statistics={"udp_announces": 1_000})
    actions.take_sample(at=NOON)
    node.statistics = {"udp_announces": 30}
    node.save()
    actions.take_sample(at=NOON + SLOT)

    assert SiteSample.objects.latest("at").udp_announces == 30


def test_hours_add_announces_up_and_keep_the_most_peers(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for minutes, seeders, announces in ((0, 5, 10), (10, 9, 20), (60, 2, 40)):
        at = NOON + timedelta(minutes=minutes)
        SiteSample.objects.create(at=at, taken_at=at, seeders=seeders, udp_announces=announces)

    with django_assert_max_num_queries(1):
        hours = queries.site_by_hour(3, at=NOON + timedelta(minutes=70))

    assert [(hour.seeders, hour.udp_announces) for hour in hours] == [
        (None, None),
        (9, 30),
        (2, 40),
    ]


def _quarters(release_id: int, count: int, at: datetime) -> list[Counts | None]:
    return [one.counts for one in queries.swarm_by_quarter(release_id, at=at)[-count:]]


def test_a_quarter_keeps_what_was_there_and_goes_on_while_nothing_changes() -> None:
    _swarm(1, 3, 2, 10, at=NOON - SLOT)
    actions.take_sample(at=NOON)
    actions.take_sample(at=NOON + SLOT)
    _swarm(1, 5, 0, 11, at=NOON + 2 * SLOT)
    actions.take_sample(at=NOON + 2 * SLOT)

    told = _quarters(1, 4, NOON + 2 * SLOT)

    assert told == [None, Counts(3, 2, 0), Counts(3, 2, 0), Counts(5, 0, 1)]
    assert SwarmQuarter.objects.count() == 2


def test_a_swarm_that_lives_unchanged_is_known_on_the_days_after() -> None:
    _swarm(1, 3, 2, at=NOON - 9 * DAY)
    slots = int(DAY / SLOT)

    for number in range(0, 3 * slots, 8):
        actions.take_sample(at=NOON + number * SLOT)
    told = _quarters(1, slots, NOON + (3 * slots - 8) * SLOT)

    assert [one for one in told if one] == [Counts(3, 2, 0)] * (slots // 8)
    assert SwarmQuarter.objects.count() <= 3


def test_where_nobody_sampled_a_quarter_is_unknown() -> None:
    _swarm(1, 3, 2)
    actions.take_sample(at=NOON)
    actions.take_sample(at=NOON + 2 * SLOT)

    assert _quarters(1, 3, NOON + 2 * SLOT)[1] is None


def test_quarters_are_dropped_after_two_days() -> None:
    for days in range(4):
        _swarm(1, days, 0, at=NOON + days * DAY)
        actions.take_sample(at=NOON + days * DAY)

    kept = SwarmQuarter.objects.order_by("slot").values_list("seeders", flat=True)

    assert list(kept) == [1, 2, 3]
