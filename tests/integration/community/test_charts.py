"""Lists of the best: what grew, what was finished, what is new, in each span."""

from datetime import timedelta

import pytest

from bottin.accounts.viewer import ANONYMOUS
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from bottin.community import queries, ranks
from bottin.community.models import Chart, Span
from bottin.tracker.models import SwarmDay
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


def past(release: Release, days_ago: int, completed: int, seeders: int = 0) -> None:
    """Let a swarm have had this on a day."""
    SwarmDay.objects.create(
        release_id=release.pk,
        day=TODAY - timedelta(days=days_ago),
        completed=completed,
        seeders=seeders,
    )


def ranked(chart: Chart, span: Span) -> list[tuple[int, int]]:
    """Work all lists out; one of them as (value, release)."""
    ranks.refresh_charts((*ranks.SHORT, *ranks.LONG), at=NOON)
    return [(value, row.pk) for value, row in queries.chart(ANONYMOUS, chart, span)]


def test_downloads_count_within_their_span() -> None:
    old = make.published(at=NOON - timedelta(days=500))
    make.swarm(old, completed=100)
    past(old, 400, 10)
    past(old, 20, 60)
    past(old, 3, 90)

    found = {span: ranked(Chart.COMPLETED, span) for span in Span}

    assert found == {
        Span.DAY: [(10, old.pk)],
        Span.WEEK: [(40, old.pk)],
        Span.MONTH: [(90, old.pk)],
        Span.YEAR: [(90, old.pk)],
        Span.ALL: [(100, old.pk)],
    }


def test_downloads_before_the_history_count_for_no_span() -> None:
    old = make.published(at=NOON - timedelta(days=500))
    make.swarm(old, completed=100)
    past(old, 3, 98)

    assert ranked(Chart.COMPLETED, Span.WEEK) == [(2, old.pk)]


def test_the_downloads_of_a_new_release_all_count() -> None:
    new = make.published(at=NOON - timedelta(hours=5))
    make.swarm(new, completed=7)

    assert ranked(Chart.COMPLETED, Span.DAY) == [(7, new.pk)]


def test_rising_is_growth_and_not_size() -> None:
    large, small = (make.published(at=NOON - timedelta(days=90)) for _ in range(2))
    make.swarm(large, seeders=500, completed=10)
    make.swarm(small, seeders=20, leechers=5, completed=10)
    past(large, 5, 10, seeders=499)
    past(small, 5, 10, seeders=1)

    assert ranked(Chart.RISING, Span.DAY) == [(24, small.pk), (1, large.pk)]


def test_the_most_seeders_at_once_within_the_span() -> None:
    release = make.published(at=NOON - timedelta(days=90))
    make.swarm(release, seeders=3)
    past(release, 5, 0, seeders=12)
    past(release, 60, 0, seeders=40)

    tops = [ranked(Chart.SEEDERS, span)[0][0] for span in (Span.DAY, Span.WEEK, Span.ALL)]

    assert tops == [3, 12, 40]


def test_the_new_are_those_of_the_span_and_the_liked_come_first() -> None:
    loved, other, old = (make.published(at=NOON - timedelta(days=days)) for days in (2, 1, 40))
    make.swarm(loved, seeders=2, completed=5)
    make.swarm(other, seeders=1)
    make.swarm(old, seeders=90)

    assert [pk for _, pk in ranked(Chart.NEW, Span.WEEK)] == [loved.pk, other.pk]


def test_what_leaves_the_directory_leaves_the_lists_at_once() -> None:
    release = make.published(at=NOON - timedelta(hours=5))
    make.swarm(release, completed=7)
    ranked(Chart.COMPLETED, Span.DAY)
    make.change(release, ReleaseState.REMOVED_LEGAL)

    assert queries.chart(ANONYMOUS, Chart.COMPLETED, Span.DAY) == []


def test_the_index_counts_published_releases_only() -> None:
    make.published()
    make.pending()
    ranks.refresh_tallies()

    found = queries.tallies()

    assert (found["licence"], found["language"]) == ([("CC-BY-SA-4.0", 1)], [("fr", 1)])
    assert len(found["publisher"]) == 1
