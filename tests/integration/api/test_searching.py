"""Search by the API: the same answers as the page's, with filters beside the words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bottin.config.values import Rate
from bottin.search import tasks
from tests.factories import catalog
from tests.factories.api import Caller

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def index(tmp_path: Path, settings: Any) -> Iterator[Any]:
    """Give an index of its own; call it to have the changes followed."""
    settings.BOTTIN_DATA_DIR = tmp_path
    settings.BOTTIN = settings.BOTTIN.model_copy(update={"data_dir": tmp_path})

    def follow() -> None:
        while tasks.index_changes():
            pass

    yield follow
    tasks.let_go()


def test_words_find_releases(stranger: Caller, index: Any) -> None:
    wanted = catalog.published(title="La chanson du vent")
    catalog.published(title="Autre chose")
    index()

    body = stranger.get("/releases", {"q": "chanson vent"}).json()

    assert [row["id"] for row in body["data"]] == [str(wanted.pk)]
    assert body["page"]["total"] == 1


def test_filters_stand_beside_the_words(stranger: Caller, index: Any) -> None:
    first = catalog.published(title="Une chanson")
    second = catalog.published(title="Une chanson", licence_code="CC-BY-4.0")
    index()

    by_licence = stranger.get("/releases", {"q": "chanson", "licence": "cc-by-4.0"}).json()
    by_person = stranger.get(
        "/releases", {"q": "chanson or rien", "publisher": first.publisher.name}
    ).json()

    assert [row["id"] for row in by_licence["data"]] == [str(second.pk)]
    assert [row["id"] for row in by_person["data"]] == [str(first.pk)]


def test_pages_of_a_search_follow_each_other(stranger: Caller, index: Any) -> None:
    ids = {str(catalog.published(title="Une chanson").pk) for _number in range(3)}
    index()

    first = stranger.get("/releases", {"q": "chanson", "limit": 2}).json()
    query = {"q": "chanson", "limit": 2, "cursor": first["page"]["next"]}
    second = stranger.get("/releases", query).json()

    assert {row["id"] for row in first["data"] + second["data"]} == ids
    other = stranger.get("/releases", query | {"q": "vent"})
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("query", "code"),
    [("size>beaucoup", "bad_value"), ("category:rien", "unknown_category"), ("x " * 200, None)],
)
def test_a_query_that_means_nothing_is_refused_by_name(
    stranger: Caller, index: Any, query: str, code: str | None
) -> None:
    index()

    answer = stranger.get("/releases", {"q": query})

    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert error["pointer"] == "/q"
    assert code in {None, error["code"]}
    assert "?" not in error["detail"]


def test_a_search_without_an_index_says_when_to_come_back(stranger: Caller, index: Any) -> None:
    answer = stranger.get("/releases", {"q": "chanson"})

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"


def test_a_search_counts_for_more_than_a_list(stranger: Caller, index: Any, settings: Any) -> None:
    settings.BOTTIN_THROTTLE_API_ADDRESS = Rate(100, 86_400)
    index()

    before = int(stranger.get("/releases")["X-RateLimit-Remaining"])
    after = int(stranger.get("/releases", {"q": "chanson"})["X-RateLimit-Remaining"])

    assert before - after == 3


def test_facets_come_with_a_search_and_narrow_it(stranger: Caller, index: Any) -> None:
    catalog.swarm(catalog.published(title="Chanson vive", tags=("vent",)), seeders=9)
    catalog.published(title="Chanson muette", tags=("vent",))
    index()

    whole = stranger.get("/search", {"q": "chanson"}).json()
    alive = stranger.get("/search", {"q": "chanson", "status": "alive", "tag": "vent"}).json()

    assert whole["facets"]["status"] == [
        {"value": "alive", "count": 1},
        {"value": "dormant", "count": 1},
    ]
    assert whole["facets"]["tag"] == [{"value": "vent", "count": 2}]
    assert [row["title"] for row in alive["data"]] == ["Chanson vive"]
    assert alive["facets"]["status"] == whole["facets"]["status"]


def test_a_facet_refuses_what_it_cannot_be(stranger: Caller, index: Any) -> None:
    index()

    answer = stranger.get("/search", {"q": "chanson", "status": "undead"})

    assert answer.status_code == 422
    assert "undead" in answer.json()["errors"][0]["detail"]


def test_suggestions_name_titles_tags_and_categories(stranger: Caller, index: Any) -> None:
    release = catalog.published(title="Chanson vive", tags=("chanson",))
    index()

    rows = stranger.get("/search/suggest", {"q": "chans"}).json()["data"]

    assert [(row["kind"], row["text"]) for row in rows] == [
        ("tag", "chanson"),
        ("title", "Chanson vive"),
    ]
    assert str(release.pk) in rows[1]["page"]
