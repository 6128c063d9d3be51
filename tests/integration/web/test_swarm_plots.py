"""Swarms are drawn: a release over thirty days, the whole site over two."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from django.test import Client
from django.utils import timezone

from bottin.accounts.permissions import Role
from bottin.catalog.models import Release
from bottin.tracker.models import SiteSample, SwarmDay, SwarmQuarter, slot_of
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
DAY: Final = timedelta(days=1)
MONTH_AGO: Final = NOON - 40 * DAY


def _release(*, seeders: int = 0, leechers: int = 0) -> Release:
    release = make.published()
    make.swarm(release, seeders, leechers)
    Release.objects.filter(pk=release.pk).update(published_at=MONTH_AGO)
    return release


def _page(client: Client, release: Release) -> str:
    return str(client.get(f"/torrents/{release.pk}-chansons-libres").text)


def _table(page: str) -> str:
    return page.split("The same as a table")[1].split("</table>", maxsplit=1)[0]


def test_a_release_draws_its_swarm_of_thirty_days(browser: Browser) -> None:
    release = _release(seeders=3, leechers=1)
    SwarmDay.objects.create(release_id=release.pk, day=(NOON - DAY).date(), seeders=12)

    page = _page(browser(), release)

    assert "The swarm in thirty days</title>" in page
    assert _table(page).count('<th scope="row">') == 30
    for seeders in (3, 12):
        assert f'<td class="n">{seeders}</td>' in _table(page)


def test_a_release_draws_its_day_by_quarters_of_an_hour(browser: Browser) -> None:
    release = _release(seeders=3, leechers=1)
    at = timezone.now() - timedelta(hours=3)
    SwarmQuarter.objects.create(release_id=release.pk, slot=slot_of(at), seeders=12, leechers=7)
    SiteSample.objects.create(at=at, taken_at=at)

    page = str(browser().get(f"/torrents/{release.pk}-chansons-libres?span=day").text)

    assert "The swarm in a day</title>" in page
    assert _table(page).count('<th scope="row">') == 96
    for peers in (3, 12, 7):
        assert f'<td class="n">{peers}</td>' in _table(page)
    assert _table(page).count('<td class="n">–</td>') == 94 * 2 + 95


def test_before_its_publication_a_release_had_no_swarm(browser: Browser) -> None:
    release = _release(seeders=3)
    Release.objects.filter(pk=release.pk).update(published_at=NOON - 7 * DAY)

    table = _table(_page(browser(), release))

    assert table.count('<td class="n">–</td>') == 2 * 22


def test_a_swarm_that_nobody_joined_is_not_drawn(browser: Browser) -> None:
    assert "The swarm in thirty days" not in _page(browser(), _release())


def test_what_waits_has_no_swarm_to_draw(browser: Browser) -> None:
    release = make.pending()
    make.swarm(release, 3)

    assert "The swarm in thirty days" not in _page(browser(Role.MODERATOR), release)


def test_the_status_page_draws_peers_and_announces(browser: Browser) -> None:
    SiteSample.objects.create(
        at=NOON, taken_at=NOON, seeders=1_234, leechers=5, udp_announces=77, http_announces=6
    )

    page = browser().get("/status").text

    for words in ("Peers in two days</title>", "Announces in two days</title>"):
        assert words in page
    for number in ("1,234", "77"):
        assert f'<td class="n">{number}</td>' in page


def test_the_status_page_of_a_new_site_draws_nothing(browser: Browser) -> None:
    assert "in two days" not in browser().get("/status").text
