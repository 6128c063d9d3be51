"""Ranking cannot rot: a small directory, queries judged by hand, a floor for their order."""

import math
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import ANONYMOUS
from bottin.lib import clock
from bottin.search import tasks
from bottin.search.queries import SearchRequest, search
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db

LIBRARY: Final = Path(__file__).resolve().parents[2] / "data" / "search" / "library.toml"
DEPTH: Final = 10
FLOOR: Final = 0.93
EACH: Final = 0.6


def ndcg(found: list[str], judged: dict[str, int]) -> float:
    """Return how near an order is to the best one, 1 for equal."""
    best = sorted(judged.values(), reverse=True)[:DEPTH]
    gained = [judged.get(key, 0) for key in found[:DEPTH]]
    return _discounted(gained) / _discounted(best)


def _discounted(gains: list[int]) -> float:
    return sum((math.exp2(gain) - 1) / math.log2(place + 2) for place, gain in enumerate(gains))


@pytest.fixture
def library() -> dict[int, str]:
    """Publish and index the directory; the key of each release by id."""
    owner = make.viewer(Role.TRUSTED_PUBLISHER)
    keys: dict[int, str] = {}
    releases: dict[str, dict[str, Any]] = tomllib.loads(LIBRARY.read_text())["releases"]
    for key, said in releases.items():
        release = make.published(
            owner,
            title=said["title"],
            description=said["description"],
            language=said.get("language", "fr"),
            tags=tuple(said["tags"].split()),
            at=clock.now() - timedelta(days=said["days"]),
            of=make.metainfo(key, files=[(name, 1000) for name in said["files"].split()]),
        )
        make.swarm(release, said["seeders"])
        keys[release.pk] = key
    tasks.index_changes()
    return keys


def test_judged_queries_find_what_was_meant_first(library: dict[int, str]) -> None:
    queries: dict[str, dict[str, int]] = tomllib.loads(LIBRARY.read_text())["queries"]
    scores = {}
    for text, judged in queries.items():
        rows = search(ANONYMOUS, SearchRequest(text, limit=DEPTH)).rows
        scores[text] = ndcg([library[row.pk] for row in rows], judged)

    worst = {text: round(score, 2) for text, score in scores.items() if score < EACH}
    mean = sum(scores.values()) / len(scores)

    assert len(scores) >= 40
    assert worst == {}
    assert mean >= FLOOR, {text: round(score, 2) for text, score in scores.items() if score < 1}


def test_of_equal_texts_the_fresher_and_the_livelier_come_first() -> None:
    now = clock.now()
    owner = make.viewer(Role.TRUSTED_PUBLISHER)
    made = {}
    for name, days, seeders in (("old", 2000, 0), ("fresh", 2, 0), ("alive", 2, 50)):
        release = make.published(owner, title="Chanson égale", at=now - timedelta(days=days))
        make.swarm(release, seeders)
        made[release.pk] = name
    tasks.index_changes()

    found = [made[row.pk] for row in search(ANONYMOUS, SearchRequest("chanson égale")).rows]

    assert found == ["alive", "fresh", "old"]


def test_a_word_of_the_title_weighs_more_than_a_year_of_age() -> None:
    now = clock.now()
    owner = make.viewer(Role.TRUSTED_PUBLISHER)
    make.published(owner, title="Autre chose", description="Une chanson.", at=now)
    make.published(owner, title="La chanson", at=now - timedelta(days=365))
    tasks.index_changes()

    rows = search(ANONYMOUS, SearchRequest("chanson")).rows

    assert [row.title for row in rows] == ["La chanson", "Autre chose"]
