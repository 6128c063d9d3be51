"""The feed of a search: the same language and filters as the page, the same answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.accounts.models import Account
from bottin.search import following
from bottin.search.tasks import let_go
from tests.factories import catalog as make
from tests.integration.feeds.test_rss import items_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def indexed(db: None, settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Two releases in an index of this test's own."""
    settings.BOTTIN_DATA_DIR = tmp_path
    make.published(title="Chansons de Brassens", tags=("chanson",))
    make.published(title="Noyau libre", category_id=make.LINUX, tags=("noyau",))
    following.rebuild()
    yield
    let_go()


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("q=brassens", ["Chansons de Brassens"]),
        ("q=-brassens+libre", ["Noyau libre"]),
        ("q=noyau&category=musique", []),
        ("tag=chanson", ["Chansons de Brassens"]),
        ("q=introuvable", []),
    ],
)
def test_rss_4_a_search_is_a_feed(
    reader: Client, indexed: None, asked: str, titles: list[str]
) -> None:
    answer = reader.get(f"/rss/search?{asked}")

    assert answer.status_code == 200, answer.text
    assert [item.findtext("title") for item in items_of(answer)] == titles


def test_a_search_takes_few_queries(
    reader: Client,
    indexed: None,
    member: Account,
    key: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    path = f"/rss/search.{key}?q=brassens"
    reader.get(path)

    with django_assert_max_num_queries(4):
        answer = reader.get(path)

    assert key in answer.text


def test_a_query_that_is_none_is_told_in_text(reader: Client, indexed: None) -> None:
    answer = reader.get("/rss/search", {"q": "size:>beaucoup"})

    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("text/plain")
