"""The page of a search: facets that combine, faults that are shown, suggestions, synonyms."""

from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
from django.test import Client, TestCase
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import viewer_for
from bottin.community import actions as community
from bottin.search import synonyms, tasks
from bottin.search.models import SynonymGroup
from tests.factories import catalog as make
from tests.factories.catalog import LINUX, NOON

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]


@pytest.fixture(autouse=True)
def _own_index(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Count what this test published, and nothing else."""
    settings.BOTTIN_DATA_DIR = tmp_path
    synonyms.forget_kept()
    yield
    tasks.let_go()


def _index() -> None:
    while tasks.index_changes():
        pass


def _titles(page: str) -> list[str]:
    parts = page.split('class="title">')[1:]
    return [part.split("<bdi>")[1].split("</bdi>")[0] for part in parts]


def _choice(page: str, words: str) -> tuple[str, int]:
    """Return the address of a choice and its count."""
    before, after = page.split(f"<bdi>{words}</bdi>", 1)
    url = before.rsplit('<li><a href="', 1)[1].split('"', 1)[0]
    return unescape(url), int(after.split('<data value="', 1)[1].split('"', 1)[0])


@pytest.fixture
def shelf() -> None:
    """Three songs and a system, indexed."""
    owner = make.viewer(Role.TRUSTED_PUBLISHER)
    make.swarm(make.published(owner, title="Chanson vive", tags=("vent",)), seeders=5)
    make.swarm(make.published(owner, title="Chanson seule", tags=("vent", "mer")), seeders=1)
    make.published(owner, title="Chanson muette", licence_code="CC0-1.0", language="en")
    make.published(owner, title="Système", category_id=LINUX, description="chanson", tags=("iso",))
    _index()


def test_a_choice_says_how_many_it_leaves_and_leads_there(browser: Browser, shelf: None) -> None:
    visitor = browser()
    url, count = _choice(visitor.get("/search?q=chanson").text, "Alive")

    found = visitor.get(url).text

    assert count == 1
    assert _titles(found) == ["Chanson vive"]


def test_choices_of_one_facet_add_up_and_of_two_combine(browser: Browser, shelf: None) -> None:
    visitor = browser()
    url, _count = _choice(visitor.get("/search?q=chanson&status=alive").text, "Fragile")
    both = visitor.get(url).text
    of_sea, count = _choice(both, "mer")

    assert set(_titles(both)) == {"Chanson vive", "Chanson seule"}
    assert count == 1
    assert _titles(visitor.get(of_sea).text) == ["Chanson seule"]


def test_what_is_chosen_is_given_back(browser: Browser, shelf: None) -> None:
    page = browser().get("/search?q=chanson&status=alive&tag=vent").text

    assert 'href="/search?q=chanson&amp;tag=vent" rel="nofollow">Clear “Life”' in page
    assert _choice(page, "Alive")[0] == "/search?q=chanson&tag=vent"


def test_a_category_page_has_its_facets(browser: Browser, shelf: None) -> None:
    visitor = browser()
    url, count = _choice(visitor.get("/c/audio").text, "Fragile")

    assert count == 1
    assert _titles(visitor.get(url).text) == ["Chanson seule"]


def test_a_value_that_no_facet_has_is_refused_in_words(browser: Browser, shelf: None) -> None:
    answer = browser().get("/search?q=chanson&status=undead")

    assert answer.status_code == 422
    assert "“status:” does not know “undead”." in answer.text


def test_the_place_of_a_fault_is_marked_and_the_rest_is_told(browser: Browser) -> None:
    make.published()
    _index()

    page = browser().get("/search", {"q": "chat -chien size:12patates vent"}).text

    assert "chat -chien size:<mark>12patates</mark> vent" in page
    assert "Understood so far: <code><bdi>chat -chien</bdi></code>" in page


def test_near_spellings_are_offered(browser: Browser, shelf: None) -> None:
    page = browser().get("/search?q=chansson").text

    assert 'Did you mean <a href="/search?q=chanson"><bdi>chanson</bdi></a>?' in page


def test_a_search_with_facets_costs_few_queries(
    browser: Browser, shelf: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    member = browser(Role.MEMBER)
    with django_assert_max_num_queries(12):
        answer = member.get("/search?q=chanson&status=alive&mine=not_yet")

    assert answer.status_code == 200


def test_a_member_finds_among_what_they_bookmarked(browser: Browser) -> None:
    member = make.account()
    kept, _other = make.published(title="Chanson gardée"), make.published(title="Chanson autre")
    community.add_bookmark(kept.pk, by=viewer_for(member), at=NOON)
    _index()

    page = browser(member).get("/search?q=chanson&mine=bookmarked").text

    assert _titles(page) == ["Chanson gardée"]
    assert _titles(browser().get("/search?q=chanson&mine=bookmarked").text) == []


def test_while_there_is_no_index_the_latest_are_shown_and_that_is_said(browser: Browser) -> None:
    make.published(title="Chanson nouvelle")

    answer = browser().get("/search?q=chanson")

    assert answer.status_code == 200
    assert _titles(answer.text) == ["Chanson nouvelle"]
    assert "The search index is being made anew" in answer.text


@pytest.mark.parametrize(
    ("typed", "kinds"),
    [("chans", {"title", "tag"}), ("chanson se", {"title"}), ("audio", {"category"}), ("c", set())],
)
def test_suggestions_come_while_one_types(
    browser: Browser,
    typed: str,
    kinds: set[str],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make.published(title="Chanson seule", tags=("chanson",))
    _index()
    visitor = browser()

    with django_assert_max_num_queries(6):
        found = visitor.get("/search/suggest", {"q": typed}).json()["suggestions"]

    assert {row["kind"] for row in found} == kinds
    for row in found:
        assert visitor.get(row["url"]).status_code == 200


def test_the_language_of_queries_is_explained_by_queries_that_work(browser: Browser) -> None:
    make.published()
    _index()
    visitor = browser()
    page = visitor.get("/search/help").text

    links = [part.split('"', 1)[0] for part in page.split('<a href="/search?q=')[1:]]

    assert len(links) > 10
    for link in links:
        assert visitor.get(f"/search?q={unescape(link)}").status_code == 200


def test_synonyms_of_the_team_find_each_other(browser: Browser) -> None:
    make.published(title="Une bande dessinée libre", tags=())
    _index()
    visitor, moderator = browser(), browser(Role.MODERATOR)
    assert _titles(visitor.get("/search?q=comics").text) == []

    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = moderator.post("/moderation/synonyms", {"words": "bd, bande dessinée; Comics"})

    assert answer.status_code == 302
    assert _titles(visitor.get("/search?q=comics").text) == ["Une bande dessinée libre"]
    assert _titles(visitor.get("/search?q=bd").text) == ["Une bande dessinée libre"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("seul", "two different words"),
        ("bd, Bd", "two different words"),
        ("a, --", "is no word"),
        ("un, deux", "is in another group"),
    ],
)
def test_a_group_that_cannot_be_kept_is_refused_in_words(
    browser: Browser, words: str, told: str
) -> None:
    SynonymGroup.objects.create(words=["deux", "paire"])

    answer = browser(Role.MODERATOR).post("/moderation/synonyms", {"words": words})

    assert answer.status_code == 422
    assert told in unescape(answer.text)
    assert SynonymGroup.objects.count() == 1


def test_a_group_is_removed_by_the_team_alone(browser: Browser) -> None:
    group = SynonymGroup.objects.create(words=["deux", "paire"])
    path = f"/moderation/synonyms/{group.pk}/remove"

    refused = browser(Role.MEMBER).post(path)
    removed = browser(Role.MODERATOR).post(path)

    assert refused.status_code == 403
    assert removed.status_code == 302
    assert not SynonymGroup.objects.exists()
