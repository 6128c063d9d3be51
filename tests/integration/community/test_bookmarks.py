"""Bookmarks: kept once, private, gone with the release from lists."""

import pytest
from pytest_django import DjangoAssertNumQueries

from bottin.accounts.errors import NotAllowed
from bottin.accounts.viewer import ANONYMOUS
from bottin.catalog.errors import ReleaseNotFound
from bottin.catalog.states import ReleaseState
from bottin.community import actions, queries
from bottin.community.errors import TooManyBookmarks
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db


def test_a_release_is_kept_once_and_dropped() -> None:
    member, release = make.viewer(), make.published()

    for _ in range(2):
        actions.add_bookmark(release.pk, by=member, at=NOON)
    kept = queries.bookmarked_ids(member.user_id or 0)
    for _ in range(2):
        actions.remove_bookmark(release.pk, by=member)

    assert kept == {release.pk}
    assert queries.bookmarked_ids(member.user_id or 0) == set()


def test_nobody_sees_the_bookmarks_of_another() -> None:
    release = make.published()
    actions.add_bookmark(release.pk, by=make.viewer(), at=NOON)

    assert queries.bookmarks(make.viewer()).rows == ()


def test_strangers_keep_nothing() -> None:
    with pytest.raises(NotAllowed):
        actions.add_bookmark(make.published().pk, by=ANONYMOUS, at=NOON)


def test_what_one_may_not_know_of_cannot_be_kept() -> None:
    with pytest.raises(ReleaseNotFound):
        actions.add_bookmark(make.pending().pk, by=make.viewer(), at=NOON)


def test_a_full_shelf_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BOOKMARKS_MAX", 1)
    member = make.viewer()
    actions.add_bookmark(make.published().pk, by=member, at=NOON)

    with pytest.raises(TooManyBookmarks) as refusal:
        actions.add_bookmark(make.published().pk, by=member, at=NOON)

    assert refusal.value.context == {"limit": 1}


def test_pages_follow_the_last_kept_first(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    member = make.viewer()
    releases = [make.published() for _ in range(5)]
    for release in releases:
        actions.add_bookmark(release.pk, by=member, at=NOON)

    with django_assert_max_num_queries(3):
        first = queries.bookmarks(member, limit=3)
    second = queries.bookmarks(member, limit=3, cursor=first.next_cursor)

    shown = [row.pk for row in (*first.rows, *second.rows)]
    assert shown == [release.pk for release in reversed(releases)]
    assert (first.total, second.next_cursor) == (5, None)


def test_a_withdrawn_release_is_not_shown() -> None:
    member, release = make.viewer(), make.published()
    actions.add_bookmark(release.pk, by=member, at=NOON)
    make.change(release, ReleaseState.QUARANTINED)

    assert queries.bookmarks(member).rows == ()
