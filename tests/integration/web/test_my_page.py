"""My page: what the ledger holds, what runs now, what I published."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from bottin.accounts.viewer import viewer_for
from bottin.ledger.models import Balance, LedgerEntry, PeerSession, Transfer
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]


def _history(user_id: int, release_id: int, *, left: int = 0) -> None:
    sums = {"raw_up": 3_000_000_000, "raw_down": 1_000_000_000, "seed_time_s": 90_000}
    credit = {"credited_up": 6_000_000_000, "credited_down": 1_000_000_000}
    Balance.objects.create(user_id=user_id, **sums, **credit)
    Transfer.objects.create(
        user_id=user_id, release_id=release_id, first_at=NOON, last_at=NOON, **sums, **credit
    )
    LedgerEntry.objects.create(
        at=NOON, user_id=user_id, release_id=release_id, up_quarters=8, **sums, **credit
    )
    PeerSession.objects.create(
        user_id=user_id,
        release_id=release_id,
        session=1,
        uploaded=0,
        downloaded=0,
        left=left,
        first_at=NOON,
        last_at=NOON,
    )


def test_totals_are_told_raw_and_credited(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _history(person.pk, release.pk)

    page = browser(person).get("/me").text

    for words in ("6\u00a0GB", "3\u00a0GB before factors", "6.00", "3.00 before factors"):
        assert words in page
    assert "1\u00a0d\u00a01\u00a0h" in page


def test_what_runs_now_is_marked(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _history(person.pk, release.pk, left=500_000_000)

    page = browser(person).get("/me").text

    assert "Downloading" in page
    assert "500\u00a0MB left" in page


def test_a_download_that_is_no_longer_listed_keeps_its_line(browser: Browser) -> None:
    person = make.account()
    _history(person.pk, 987_654)

    assert "release no. 987654, no longer listed" in browser(person).get("/me").text


def test_the_plot_has_a_title_and_a_table_behind(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _history(person.pk, release.pk)

    page = browser(person).get("/me").text

    assert "Given and taken in thirty days</title>" in page
    assert "The same as a table" in page
    assert page.count("<tr>") > 60


def test_my_releases_stand_with_their_states(browser: Browser) -> None:
    person = make.account()
    make.draft(viewer_for(person))
    make.pending(viewer_for(person))

    page = browser(person).get("/me").text

    assert "Draft" in page
    assert "Awaiting review" in page


def test_the_ledger_shows_factors_and_pages_on(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _history(person.pk, release.pk)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(at=NOON + timedelta(seconds=n), user_id=person.pk, release_id=release.pk)
        for n in range(55)
    )
    member = browser(person)

    first = member.get("/me/ledger").text
    older = first.split('rel="next"')[1].split('href="')[1].split('"')[0]
    second = member.get(f"/me/ledger{older}").text

    assert "× 2.00" in second
    assert "× 2.00" not in first


def test_nobody_reads_the_ledger_of_another(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _history(person.pk, release.pk)

    assert "6\u00a0GB" not in browser(make.account()).get("/me").text


def test_an_empty_page_says_what_fills_it(browser: Browser) -> None:
    page = browser(make.account()).get("/me").text

    assert "Nothing announced yet" in page
    assert "Nothing published yet" in page
