"""What members keep, look for and promise; the team's picks; ways in beside search."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import viewer_for
from bottin.community import actions, hooks, queries, ranks
from bottin.community.actions import Wanted
from bottin.community.models import Hook, Loss, LostKeeper, Match, Pace, SavedSearch
from bottin.tracker.models import SwarmCount
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
YEAR = timedelta(days=365)
DAY = timedelta(days=1)


def test_a_bookmark_is_one_button_and_comes_back_to_the_page(browser: Browser) -> None:
    release, member = make.published(), make.account()
    reader = browser(member)

    answer = reader.post("/bookmarks", {"add": release.pk, "next": "/search?sort=size"})
    page = reader.get("/search").text

    assert (answer.status_code, answer["Location"]) == (302, "/search?sort=size")
    assert f'name="remove" value="{release.pk}" aria-pressed="true"' in page
    assert "Chansons libres" in reader.get("/me/bookmarks").text


def test_a_script_gets_no_page_for_a_bookmark(browser: Browser) -> None:
    release, reader = make.published(), browser(Role.MEMBER)

    answers = [
        reader.post("/bookmarks", {verb: release.pk}, headers={"x-quiet": "1"}).status_code
        for verb in ("add", "add", "remove", "remove")
    ]

    assert answers == [204] * 4


def test_a_bookmark_of_nothing_is_not_found(browser: Browser) -> None:
    reader = browser(Role.MEMBER)

    assert reader.post("/bookmarks", {"add": "12x"}).status_code == 404
    assert reader.post("/bookmarks", {}).status_code == 404


def test_visitors_see_no_bookmark_button(browser: Browser) -> None:
    make.published()

    assert 'class="keep"' not in browser().get("/search").text
    assert browser().post("/bookmarks", {"add": 1}).status_code == 302


def test_a_search_is_kept_renamed_and_forgotten(browser: Browser) -> None:
    member = make.account()
    reader = browser(member)

    kept = reader.post(
        "/me/searches",
        {"parameters": "q=jazz&category=audio&cursor=x&sort=size", "name": "", "pace": "daily"},
        follow=True,
    )
    search = SavedSearch.objects.get()
    again = reader.post("/me/searches", {"parameters": "q=jazz&category=audio", "name": "jazz 2"})
    change = f"/me/searches/{search.pk}/change"
    renamed = reader.post(change, {"name": "Le jazz", "pace": "weekly"}, follow=True)
    forgotten = reader.post(change, {"delete": "1"}, follow=True)

    assert (search.name, search.text, search.parameters, search.pace) == (
        *("jazz", "jazz", "q=jazz&category=audio", "daily"),
    )
    assert "<bdi>jazz</bdi>" in kept.text
    assert (again.status_code, "as “jazz”" in again.text) == (409, True)
    assert "<bdi>Le jazz</bdi>" in renamed.text
    assert "No search kept yet" in forgotten.text


def test_new_results_are_counted_until_the_search_is_opened(browser: Browser) -> None:
    member = make.account()
    wanted = Wanted("chansons", "chansons", "q=chansons")
    search = actions.save_search(wanted, by=viewer_for(member), at=NOON - YEAR)
    Match.objects.create(search=search, release=make.published(), at=NOON - timedelta(hours=1))
    reader = browser(member)

    before = (reader.get("/me/searches").text, reader.get("/").text)
    opened = reader.get(f"/me/searches/{search.pk}")
    after = (reader.get("/me/searches").text, reader.get("/").text)

    assert opened["Location"] == "/search?q=chansons&sort=newest"
    assert ["1 new<" in before[0], "new in your searches" in before[1]] == [True, True]
    assert ["1 new<" in after[0], "new in your searches" in after[1]] == [False, False]


@pytest.mark.parametrize("path", ["/me/searches/{}", "/me/searches/{}/change"])
def test_the_searches_of_another_are_unknown(browser: Browser, path: str) -> None:
    search = actions.save_search(Wanted("x", "x", "q=x"), by=make.viewer(), at=NOON)
    stranger = browser(Role.MEMBER)
    address = path.format(search.pk)

    answer = (
        stranger.post(address, {"name": "mine", "pace": Pace.NEVER})
        if path.endswith("change")
        else stranger.get(address)
    )

    assert answer.status_code == 404


def test_what_needs_seeds_can_be_pledged_and_released(browser: Browser) -> None:
    release = make.published(at=NOON - YEAR)
    make.swarm(release, seeders=1)
    ranks.refresh_needs(at=NOON)
    reader = browser(Role.MEMBER)

    listed = reader.get("/rescue?held=held").text
    plan = reader.get("/rescue/plan?gigabytes=2,5").text
    given = {"gigabytes": "2.5", "release": re.findall(r'name="release" value="(\d+)"', plan)}
    pledged = reader.post("/me/pledges", given, follow=True).text
    ended = reader.post("/me/pledges", {"end": release.pk}, follow=True).text

    assert "Chansons libres" in listed
    assert given["release"] == [str(release.pk)]
    assert ["1 release is pledged." in pledged, "Never seen here" in pledged] == [True, True]
    assert "0 other keepers are told" in ended
    assert "No pledge yet" in ended


@pytest.mark.parametrize("room", ["0", "abc", "-3", "1e30", "NaN", "2000000"])
def test_disk_that_nobody_has_is_refused_in_words(browser: Browser, room: str) -> None:
    answer = browser(Role.MEMBER).post("/me/pledges", {"gigabytes": room})

    assert answer.status_code == 422
    assert "Disk space is a number of gigabytes" in answer.text


def test_a_plan_for_no_disk_holds_nothing(browser: Browser) -> None:
    assert "Nothing fits" in browser(Role.MEMBER).get("/rescue/plan?gigabytes=abc").text


def test_the_team_picks_with_a_sentence_in_each_language(browser: Browser) -> None:
    release = make.published()
    words = {"release": release.pk, "sentence_fr": "À chanter.", "sentence_en": "Sing it."}
    moderator = browser(Role.MODERATOR)

    refused = moderator.post("/moderation/picks", words | {"sentence_en": " "})
    moderator.post("/moderation/picks", words)
    homes = [browser(language=language).get("/").text for language in ("fr", "en")]
    moderator.post("/moderation/picks", {"remove": release.pk})

    assert refused.status_code == 422
    assert ["À chanter." in homes[0], "Sing it." in homes[1]] == [True, True]
    assert "Sing it." not in browser().get("/").text
    assert browser(Role.MEMBER).get("/moderation/picks").status_code == 403


def test_the_best_of_a_time_are_listed(browser: Browser) -> None:
    make.swarm(make.published(title="aimée", at=NOON - timedelta(hours=3)), completed=9)
    ranks.refresh_charts(ranks.SHORT, at=NOON)

    page = browser().get("/top/completed/week").text

    assert "aimée" in page
    assert "9 downloads" in page
    assert browser().get("/top/rising/week").status_code == 404


def test_chance_leads_to_a_published_release(browser: Browser) -> None:
    nowhere = browser().get("/random")
    make.pending()
    release = make.published()

    answer = browser().get("/random")

    assert nowhere["Location"] == "/search"
    assert answer["Location"] == f"/torrents/{release.pk}-chansons-libres"
    assert answer["Cache-Control"] == "no-store"


def test_the_index_leads_to_searches_and_publishers(browser: Browser) -> None:
    person = make.account()
    make.published(viewer_for(person))
    ranks.refresh_tallies()

    page = browser().get("/browse").text

    assert 'href="/search?q=licence%3ACC-BY-SA-4.0"' in page
    assert 'href="/search?q=language%3Afr"' in page
    assert f'href="/publishers/{person.name}"' in page


@pytest.mark.parametrize("layout", ["compact", "cards"])
def test_the_layout_of_lists_is_remembered_by_the_browser(browser: Browser, layout: str) -> None:
    make.published()
    visitor = browser()

    answer = visitor.post("/layout", {"layout": layout, "next": "/search"})
    page = visitor.get("/search").text

    assert answer.cookies["layout"]["httponly"]
    assert ('class="list compact"' in page, 'class="cards"' in page) == (
        layout == "compact",
        layout == "cards",
    )
    assert visitor.post("/layout", {"layout": "walls"}).status_code == 400


def test_a_browser_can_search_from_its_own_field(browser: Browser) -> None:
    visitor = browser()

    assert 'href="/opensearch.xml"' in visitor.get("/").text
    assert "/search?q={searchTerms}" in visitor.get("/opensearch.xml").text


def test_the_pledges_of_one_are_not_shown_to_another(browser: Browser) -> None:
    assert queries.promises(make.viewer()) == []
    assert "No pledge yet" in browser(Role.MEMBER).get("/me/pledges").text


def test_a_card_says_how_alive_a_release_is_and_when_it_was_last_seen(browser: Browser) -> None:
    make.published()
    empty = make.published()
    SwarmCount.objects.filter(pk=make.swarm(empty, seeders=0).pk).update(updated_at=NOON - 3 * DAY)
    make.swarm(make.published(), seeders=4)
    visitor = browser()
    visitor.post("/layout", {"layout": "cards"})

    page = " ".join(re.sub("<[^>]+>", "", visitor.get("/search").text).split())

    assert "Alive · 4 seeders" in page
    assert "Dormant · last seen 3 days ago" in page
    assert "Dormant · never seen" in page


def test_a_search_gets_a_webhook_whose_secret_is_shown_once(browser: Browser) -> None:
    member = make.account()
    search = actions.save_search(Wanted("x", "x", "q=x"), by=viewer_for(member), at=NOON)
    reader, address = browser(member), f"/me/searches/{search.pk}/hook"

    refused = reader.post(address, {"url": "http://127.0.0.1/"})
    made = reader.post(address, {"url": "https://listener.example/"})
    later = reader.get("/me/searches").text
    checked = reader.post(address, {"check": "1"}, follow=True).text
    removed = reader.post(address, {"remove": "1"}, follow=True).text

    assert (refused.status_code, "begins with https://" in refused.text) == (422, True)
    secret = hooks.secret_of(made.context["made"].hook)
    assert (secret in made.text, secret in later) == (True, False)
    assert "https://listener.example/" in later
    assert "A check is on its way." in checked
    assert "The webhook is removed." in removed


def test_a_webhook_that_was_switched_off_says_why(browser: Browser) -> None:
    member = make.account()
    search = actions.save_search(Wanted("x", "x", "q=x"), by=viewer_for(member), at=NOON)
    hooks.set_hook(search.pk, "https://listener.example/", by=viewer_for(member), at=NOON)
    Hook.objects.update(off_at=NOON, answer="timeout")

    page = browser(member).get("/me/searches").text

    assert "it did not answer in time" in page
    assert "Switch it on again" in page


def test_what_a_kept_release_lost_is_said_and_letters_are_chosen(browser: Browser) -> None:
    member, release = make.account(), make.published()
    LostKeeper.objects.create(account=member, release=release, loss=Loss.OTHERS, left=1)
    reader = browser(member)

    page = reader.get("/me/pledges").text
    chosen = reader.post("/me/pledges", {"pace": "weekly"}, follow=True).text
    refused = reader.post("/me/pledges", {"pace": "hourly"})

    assert "the others have left: you are the last one to seed it" in page
    assert '<option value="daily" selected>' in page
    assert '<option value="weekly" selected>' in chosen
    assert refused.status_code == 422
