"""What needs seeds: the score, the list, the plan that fits a disk."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from bottin.accounts.viewer import ANONYMOUS, Viewer
from bottin.catalog.errors import SortUnknown
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from bottin.community import pledges, queries, ranks
from bottin.community.models import Need
from bottin.ledger.actions import apply_batch
from tests.factories import catalog as make
from tests.factories.catalog import LINUX, NOON
from tests.factories.ledger import COMPLETED, STREAM, fact

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
YEAR = timedelta(days=365)


def old(**given: Any) -> Release:
    """Publish a release of a year ago."""
    return make.published(at=NOON - YEAR, **given)


def scores() -> dict[int, float]:
    """Work the needs out now."""
    ranks.refresh_needs(at=NOON)
    return dict(Need.objects.values_list("release_id", "score"))


def test_fewer_seeders_need_more_and_five_are_enough() -> None:
    releases = [old() for _ in range(6)]
    for seeders, release in enumerate(releases):
        make.swarm(release, seeders=seeders)

    found = scores()

    assert list(found) == [release.pk for release in releases[:5]]
    assert [round(found[one.pk] - found[releases[4].pk], 2) for one in releases[:4]] == [
        *(37.5, 17.5, 7.5, 2.5),
    ]


def test_each_part_of_the_score_is_what_the_page_says() -> None:
    alone = make.metainfo(files=[("a.bin", 40_000)])
    release = old(of=alone)
    make.swarm(release, seeders=0, leechers=3, completed=7)

    # 40 for no seeder, 16 for three who wait, 6 for seven downloads, 10 for a year, 10 as only
    # copy, 5 for next to no bytes.
    assert scores()[release.pk] == pytest.approx(87, abs=0.1)
    assert Need.objects.get().is_unique


def test_a_release_of_this_morning_needs_nobody_yet() -> None:
    make.published(at=NOON - timedelta(hours=5))

    assert scores() == {}


def test_only_what_is_published_is_listed() -> None:
    release = old()
    scores()
    make.change(release, ReleaseState.QUARANTINED)

    assert queries.needs_page(ANONYMOUS).rows == ()
    assert scores() == {}


def test_a_promise_not_kept_yet_halves_a_seeder() -> None:
    release = old()
    before = scores()[release.pk]
    pledges.make_pledges([release.pk], by=make.viewer(), at=NOON)

    assert before - scores()[release.pk] == pytest.approx(40 - 40 * 0.5**0.5, abs=0.01)
    assert Need.objects.get().promised == 1


def test_the_list_sorts_and_narrows_in_two_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    small, linux = old(), old(category_id=LINUX)
    make.swarm(linux, seeders=1, leechers=4)
    Release.objects.filter(pk=linux.pk).update(size_bytes=9_000_000_000)
    scores()

    def shown(**asked: str) -> list[int]:
        with django_assert_max_num_queries(2):
            return [need.release_id for need in queries.needs_page(ANONYMOUS, **asked).rows]  # type: ignore[arg-type]

    assert shown(sort="size") == [small.pk, linux.pk]
    assert shown(sort="leechers") == [linux.pk, small.pk]
    assert shown(held="held") == [linux.pk]
    assert shown(held="lost") == [small.pk]
    assert queries.needs_page(ANONYMOUS, category=linux.category).total == 1
    with pytest.raises(SortUnknown):
        queries.needs_page(ANONYMOUS, sort="colour")


def _sized(size_bytes: int, seeders: int = 1) -> Release:
    release = old()
    make.swarm(release, seeders=seeders)
    Release.objects.filter(pk=release.pk).update(size_bytes=size_bytes)
    return release


def test_a_plan_fits_the_room_and_takes_the_most_need_for_it() -> None:
    member = make.viewer()
    small = [_sized(3_000_000_000) for _ in range(3)]
    _sized(9_000_000_000)
    scores()
    pledges.offer_space(10_000_000_000, by=member, at=NOON)

    plan = queries.plan_for(member)

    assert {wish.release_id for wish in plan.wishes} == {release.pk for release in small}
    assert plan.size_bytes == 9_000_000_000


def test_a_plan_counts_what_is_pledged_and_leaves_it_out() -> None:
    member = make.viewer()
    mine, other = _sized(3_000_000_000), _sized(3_000_000_000)
    scores()
    pledges.offer_space(5_000_000_000, by=member, at=NOON)
    pledges.make_pledges([mine.pk], by=member, at=NOON)

    plan = queries.plan_for(member)

    assert (plan.room_bytes, plan.wishes) == (2_000_000_000, ())
    pledges.offer_space(6_000_000_000, by=member, at=NOON)
    assert [wish.release_id for wish in queries.plan_for(member).wishes] == [other.pk]


def _had(member: Viewer, release: Release) -> None:
    given = {"release_id": release.pk, "user_id": member.user_id or 0}
    facts = [
        fact(1, **given, left=10),
        fact(2, **given, event=COMPLETED, left=0, downloaded=10),
        fact(3, **given, event=3, left=0, downloaded=10),
    ]
    apply_batch(facts, stream=STREAM)


def test_what_nobody_seeds_is_planned_for_those_who_had_it() -> None:
    keeper, other = make.viewer(), make.viewer()
    lost = _sized(1_000_000_000, seeders=0)
    _had(keeper, lost)
    scores()

    assert [wish.release_id for wish in queries.plan_for(keeper, 2_000_000_000).wishes] == [lost.pk]
    assert queries.plan_for(other, 2_000_000_000).wishes == ()
