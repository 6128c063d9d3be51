"""How many copies are online: the seeders for sure, what downloaders hold at most."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bottin.catalog import availability
from bottin.catalog.availability import Availability
from bottin.catalog.models import Release
from bottin.ledger.models import PeerSession, Transfer
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]


def swarm(seeders: int, leechers: int) -> Release:
    """Publish something that so many share."""
    release = make.published()
    make.swarm(release, seeders, leechers)
    return Release.objects.select_related("swarm").get(pk=release.pk)


def downloads(
    release: Release, share: float, *, heard_s: int = 60, is_running: bool = True
) -> None:
    """Let a member hold a share of it, heard so long ago."""
    member, at = make.account(), NOON - timedelta(seconds=heard_s)
    common = {"user_id": member.pk, "release_id": release.pk, "first_at": at, "last_at": at}
    Transfer.objects.create(**common)
    PeerSession.objects.create(
        **common,
        session=member.pk,
        uploaded=0,
        downloaded=0,
        left=round(release.size_bytes * (1 - share)),
        is_running=is_running,
    )


def found(release: Release) -> Availability:
    return availability.of(release, at=NOON)


def test_seeders_are_whole_copies_and_parts_come_on_top() -> None:
    release = swarm(2, 2)
    downloads(release, 0.5)
    downloads(release, 0.25)

    told = found(release)

    assert (told.whole, told.known, told.may_be_complete) == (2, 2, True)
    assert told.parts == pytest.approx(0.75, abs=0.001)


@pytest.mark.parametrize(
    ("shares", "may_be_complete"),
    [((0.5, 0.25), False), ((0.5, 0.6), True), ((0.5,), None)],
)
def test_without_a_seeder_parts_say_whether_it_can_be_whole(
    shares: tuple[float, ...],
    may_be_complete: bool | None,  # noqa: FBT001 - one of the cases
) -> None:
    release = swarm(0, 2)
    for share in shares:
        downloads(release, share)

    assert found(release).may_be_complete is may_be_complete


def test_who_left_or_was_not_heard_lately_holds_nothing_here() -> None:
    release = swarm(0, 1)
    downloads(release, 0.5, is_running=False)
    downloads(release, 0.5, heard_s=86_400)
    downloads(swarm(0, 1), 0.5)

    assert found(release).known == 0


def test_nobody_is_asked_about_a_swarm_without_downloaders(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    release = swarm(3, 0)

    with django_assert_num_queries(0):
        assert found(release) == Availability(3, 0.0, 0, 0)


@pytest.mark.parametrize(
    ("seeders", "shares", "words"),
    [
        (1, (), "At least 1 whole copy is online."),
        (2, (0.5,), "1 downloader holds 0.5 of one more."),
        (0, (0.5, 0.6), "together they may have all of it"),
        (0, (0.5, 0.2), "it cannot be finished now"),
        (0, (), "is not known"),
    ],
)
def test_the_page_says_what_is_known_and_no_more(
    browser: Browser, seeders: int, shares: tuple[float, ...], words: str
) -> None:
    release = swarm(seeders, max(1, len(shares)))
    for share in shares:
        downloads(release, share)

    assert words in browser().get(f"/torrents/{release.pk}-chansons-libres").text


def test_a_program_reads_it_too(browser: Browser) -> None:
    release = swarm(1, 1)
    downloads(release, 0.5)

    told = browser().get(f"/api/v1/releases/{release.pk}").json()["availability"]

    assert told == {"whole_copies": 1, "parts_copies": 0.5, "known_leechers": 1}
