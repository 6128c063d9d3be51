"""Who sees which page, with how many queries."""

from collections.abc import Callable
from typing import Final

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import viewer_for
from bottin.catalog.states import ReleaseState
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
PUBLIC: Final = (
    *("/", "/search", "/c/audio", "/legal/licences", "/legal/contact", "/status", "/design"),
    *("/robots.txt", "/sitemap.xml", "/sitemap-shelves.xml", "/sitemap-0.xml", "/opensearch.xml"),
    *("/rescue", "/top", "/top/seeders/all", "/browse", "/lookup", "/dumps"),
)
MEMBERS: Final = (
    *("/me", "/me/announces", "/me/ledger", "/publish", "/me/feeds"),
    *("/me/bookmarks", "/me/searches", "/me/pledges", "/rescue/plan"),
)
TEAM: Final = ("/moderation", "/moderation/announces", "/moderation/ledger", "/moderation/picks")


@pytest.mark.parametrize("path", PUBLIC)
def test_a_visitor_reads_public_pages(
    browser: Browser, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(8):
        make.swarm(make.published(), seeders=1, leechers=2)
    visitor = browser()

    with django_assert_max_num_queries(12):
        answer = visitor.get(path)

    assert answer.status_code == 200


@pytest.mark.parametrize("path", [*MEMBERS, *TEAM])
def test_a_visitor_is_asked_to_sign_in_and_comes_back(browser: Browser, path: str) -> None:
    answer = browser().get(path)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/sign-in?next=")


@pytest.mark.parametrize("path", [*PUBLIC, *MEMBERS])
def test_a_member_reads_their_pages(
    browser: Browser, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    member = make.account()
    make.published(viewer_for(member))
    signed_in = browser(member)

    with django_assert_max_num_queries(12):
        answer = signed_in.get(path)

    assert answer.status_code == 200


@pytest.mark.parametrize("path", TEAM)
def test_a_member_is_not_of_the_team(browser: Browser, path: str) -> None:
    answer = browser(Role.MEMBER).get(path)

    assert answer.status_code == 403
    assert "This is not open to you" in answer.text


def test_the_queue_shows_an_item_with_its_evidence(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make.pending()
    moderator = browser(Role.MODERATOR)

    # Who asks (three), the queue (two), its first item and that someone looks at it (six).
    with django_assert_max_num_queries(11):
        answer = moderator.get("/moderation")

    assert answer.status_code == 200
    assert "5 releases wait" in answer.text


def test_an_item_of_the_queue_takes_few_queries(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    release = make.pending(of=make.metainfo(version="hybrid"))
    browser(Role.MODERATOR).get(f"/moderation/{release.pk}")
    moderator = browser(Role.MODERATOR)

    with django_assert_max_num_queries(12):
        answer = moderator.get(f"/moderation/{release.pk}")

    assert answer.status_code == 200
    assert "is looking at this release" in answer.text


@pytest.mark.parametrize("role", [None, Role.MEMBER, Role.MODERATOR])
def test_a_release_takes_few_queries(
    browser: Browser, role: Role | None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    release = make.published(is_open=True, of=make.metainfo(version="hybrid"))
    reader = browser(role)

    with django_assert_max_num_queries(12):
        answer = reader.get(f"/torrents/{release.pk}-chansons-libres")

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("state", "visitor", "member", "publisher", "moderator"),
    [
        (ReleaseState.PENDING, 404, 404, 200, 200),
        (ReleaseState.CHANGES_REQUESTED, 404, 404, 200, 200),
        (ReleaseState.REJECTED, 404, 404, 200, 200),
        (ReleaseState.WITHDRAWN, 404, 404, 200, 200),
        (ReleaseState.QUARANTINED, 404, 404, 200, 200),
        (ReleaseState.REMOVED_TERMS, 410, 410, 410, 200),
        (ReleaseState.REMOVED_LEGAL, 451, 451, 451, 200),
    ],
)
def test_a_state_is_seen_by_whom_it_should(
    browser: Browser,
    state: ReleaseState,
    visitor: int,
    member: int,
    publisher: int,
    moderator: int,
) -> None:
    person = make.account()
    made = make.published(viewer_for(person))
    if state is ReleaseState.PENDING:
        made = make.pending(viewer_for(person))
    else:
        make.change(made, state)
    path = f"/torrents/{made.pk}-chansons-libres"

    seen = [
        browser(who).get(path).status_code for who in (None, Role.MEMBER, person, Role.MODERATOR)
    ]

    assert seen == [visitor, member, publisher, moderator]


def test_a_private_site_shows_nothing_to_visitors(browser: Browser, settings: Settings) -> None:
    settings.BOTTIN_ACCESS = "private"

    assert browser().get("/").status_code == 302
    assert browser().get("/c/audio").status_code == 302
    assert browser(Role.MEMBER).get("/").status_code == 200
