"""My downloads: all of them by pages, and the history of one by client and by day."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bottin.ledger.models import LedgerEntry, PeerSession, Transfer
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
DAY = timedelta(days=1)


def _transfer(user_id: int, release_id: int, *, last_at: datetime = NOON) -> None:
    Transfer.objects.create(
        user_id=user_id, release_id=release_id, first_at=NOON - 40 * DAY, last_at=last_at
    )


def _client(user_id: int, release_id: int, session: int, **given: object) -> None:
    values = {"uploaded": 0, "downloaded": 0, "left": 0, "first_at": NOON, "last_at": NOON}
    PeerSession.objects.create(
        user_id=user_id, release_id=release_id, session=session, **(values | given)
    )


def _entry(user_id: int, release_id: int, at: datetime, credited_up: int) -> None:
    LedgerEntry.objects.create(
        user_id=user_id, release_id=release_id, at=at, raw_up=credited_up, credited_up=credited_up
    )


def test_all_downloads_stand_in_pages(browser: Browser) -> None:
    person = make.account()
    for number in range(55):
        _transfer(person.pk, 1_000 + number, last_at=NOON - number * DAY)
    member = browser(person)

    first = member.get("/me/downloads").text
    older = first.split('rel="next"')[1].split('href="')[1].split('"')[0]
    second = member.get(f"/me/downloads{older}").text

    assert "release no. 1049," in first
    assert "release no. 1050," not in first
    assert "release no. 1050," in second
    assert 'rel="next"' not in second


def test_a_page_of_somebody_else_is_refused(browser: Browser) -> None:
    person = make.account()
    for number in range(55):
        _transfer(person.pk, 1_000 + number)
    page = browser(person).get("/me/downloads").text
    older = page.split('rel="next"')[1].split('href="')[1].split('"')[0]

    assert browser(make.account()).get(f"/me/downloads{older}").status_code == 400


def test_the_history_names_each_client_and_what_it_does(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _transfer(person.pk, release.pk)
    _client(person.pk, release.pk, 1, uploaded=7_000_000, left=0)
    _client(person.pk, release.pk, 2, downloaded=3_000_000, left=2_000_000)
    _client(person.pk, release.pk, 3, last_at=NOON - DAY, first_at=NOON - 3 * DAY)

    page = browser(person).get(f"/me/downloads/{release.pk}").text

    assert "7\u00a0MB" in page
    assert "2\u00a0MB" in page
    clients = page.split("<tbody>")[1].split("</tbody>")[0]
    for state in ("Seeding", "Downloading", "Stopped"):
        assert clients.count(state) == 1


def test_the_history_adds_up_each_day_newest_first(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _transfer(person.pk, release.pk)
    _entry(person.pk, release.pk, NOON, 1_000_000)
    _entry(person.pk, release.pk, NOON - timedelta(hours=2), 2_000_000)
    _entry(person.pk, release.pk, NOON - DAY, 9_000_000)
    _entry(person.pk, release.pk + 1, NOON, 500_000_000)

    page = browser(person).get(f"/me/downloads/{release.pk}").text

    assert page.index("1 June 2026") < page.index("31 May 2026")
    assert page.index("3\u00a0MB") < page.index("9\u00a0MB")
    assert "500\u00a0MB" not in page


def test_older_days_are_a_page_away(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _transfer(person.pk, release.pk)
    for number in range(40):
        _entry(person.pk, release.pk, NOON - number * DAY, 1_000_000)
    member = browser(person)

    first = member.get(f"/me/downloads/{release.pk}").text
    older = first.split('rel="next"')[1].split('href="')[1].split('"')[0]
    second = member.get(f"/me/downloads/{release.pk}{older}").text

    assert 'datetime="2026-05-02"' in first
    assert 'datetime="2026-05-01"' not in first
    assert 'datetime="2026-05-01"' in second
    assert 'rel="next"' not in second


@pytest.mark.parametrize("before", ["hier", "0001-01-01", "9999-12-31", "2026-13-40"])
def test_a_day_that_nobody_was_given_breaks_nothing(browser: Browser, before: str) -> None:
    person, release = make.account(), make.published()
    _transfer(person.pk, release.pk)

    answer = browser(person).get(f"/me/downloads/{release.pk}", {"before": before})

    assert answer.status_code == 200


def test_nobody_reads_the_history_of_another(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _transfer(person.pk, release.pk)

    assert browser(make.account()).get(f"/me/downloads/{release.pk}").status_code == 404


def test_a_release_that_is_gone_keeps_its_history(browser: Browser) -> None:
    person = make.account()
    _transfer(person.pk, 987_654)

    page = browser(person).get("/me/downloads/987654").text

    assert "release no. 987654, no longer listed" in page


def test_my_page_leads_to_the_history(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _transfer(person.pk, release.pk)

    assert f'href="/me/downloads/{release.pk}"' in browser(person).get("/me").text


@pytest.mark.parametrize("page", ["/me/downloads", "/me/downloads/{pk}"])
def test_downloads_take_few_queries(
    browser: Browser, page: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    person, release = make.account(), make.published()
    _transfer(person.pk, release.pk)
    member = browser(person)

    with django_assert_max_num_queries(12):
        answer = member.get(page.format(pk=release.pk))

    assert answer.status_code == 200
