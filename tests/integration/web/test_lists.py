"""Lists and search: order, pages, facets, empty states."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from bottin.accounts.viewer import viewer_for
from bottin.search import tasks
from tests.factories import catalog as make
from tests.factories.catalog import LINUX, NOON

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]


def _titles(page: str) -> list[str]:
    parts = page.split('class="title">')[1:]
    return [part.split("<bdi>")[1].split("</bdi>")[0] for part in parts]


def test_the_newest_come_first_and_columns_sort(browser: Browser) -> None:
    for day, title in enumerate(["premier", "deuxième", "troisième"]):
        release = make.published(title=title, at=NOON - timedelta(days=9 - day))
        make.swarm(release, seeders=9 - day)

    newest = browser().get("/c/audio").text
    seeded = browser().get("/c/audio?sort=seeders").text

    assert _titles(newest) == ["troisième", "deuxième", "premier"]
    assert _titles(seeded) == ["premier", "deuxième", "troisième"]
    assert 'aria-sort="descending"' in seeded


def test_pages_follow_by_cursor_and_come_back(browser: Browser) -> None:
    for number in range(53):
        make.published(title=f"fiche {number:02}", at=NOON - timedelta(minutes=number))
    visitor = browser()

    first = visitor.get("/search").text
    following = first.split('rel="next"')[1].split('href="')[1].split('"')[0]
    second = visitor.get("/search" + following.replace("&amp;", "&")).text

    assert len(_titles(first)) == 50
    assert _titles(second) == ["fiche 50", "fiche 51", "fiche 52"]
    assert 'rel="prev"' in second


def test_a_cursor_of_elsewhere_is_refused_in_words(browser: Browser) -> None:
    answer = browser().get("/search?cursor=abcdef")

    assert answer.status_code == 400
    assert "no longer exists" in answer.text


def test_an_unknown_order_is_refused_in_words(browser: Browser) -> None:
    answer = browser().get("/search?sort=colour")

    assert answer.status_code == 400
    assert "Lists have no such order" in answer.text


def test_a_family_holds_its_shelves_and_their_counts(browser: Browser) -> None:
    make.published(title="Une distribution", category_id=LINUX)

    page = browser().get("/c/logiciels").text

    assert "Une distribution" in page
    assert 'href="/c/distributions-linux"' in page


def test_an_unknown_category_is_not_found(browser: Browser) -> None:
    answer = browser().get("/c/nulle-part")

    assert answer.status_code == 404
    assert "There is no such category" in answer.text


def test_an_empty_shelf_says_what_would_fill_it(browser: Browser) -> None:
    page = browser().get("/c/audio").text

    assert "Nothing on this shelf yet" in page
    assert 'href="/publish"' in page


def test_the_publisher_has_a_page(browser: Browser) -> None:
    person = make.account()
    make.published(viewer_for(person))

    page = browser().get(f"/publishers/{person.name}").text

    assert "Chansons libres" in page
    assert browser().get("/publishers/personne-ici").status_code == 404


def test_the_home_page_shows_what_waits_for_seeds(browser: Browser) -> None:
    make.swarm(make.published(title="attendue"), seeders=0, leechers=7)

    page = browser().get("/").text

    # As rising and as needing seeds.
    assert page.count('<span title="Seeders">↑</span>0 <span title="Leechers">↓</span>7') == 2
    assert page.count("<bdi>attendue</bdi>") == 3


def test_a_search_finds_by_title_and_by_file_name(browser: Browser) -> None:
    make.published(title="Sonates pour clavecin")
    make.published(title="Autre chose")
    _index()

    by_title = browser().get("/search?q=clavecin").text
    by_file = browser().get("/search?q=paroles").text

    assert _titles(by_title) == ["Sonates pour clavecin"]
    assert len(_titles(by_file)) == 2
    assert "“<bdi>clavecin</bdi>”" in by_title


def test_an_info_hash_leads_to_its_release(browser: Browser) -> None:
    release = make.published()
    _index()
    assert release.info_hash_v1

    answer = browser().get("/search", {"q": release.info_hash_v1.hex()})

    assert answer["Location"] == f"/torrents/{release.pk}-chansons-libres"


def test_a_query_that_is_not_understood_is_explained_beside_the_field(browser: Browser) -> None:
    make.published()
    _index()

    answer = browser().get("/search?q=category:nope+chanson")

    assert answer.status_code == 422
    assert "There is no category called “nope”" in answer.text
    assert 'value="category:nope chanson"' in answer.text


def test_nothing_found_says_what_was_searched(browser: Browser) -> None:
    make.published()
    _index()

    page = browser().get("/search?q=zzzzqqqq").text

    assert "Nothing was found" in page


def _index() -> None:
    while tasks.index_changes():
        pass
