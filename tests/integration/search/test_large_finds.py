"""What many releases match is found and counted in other ways, and comes out the same."""

import random
from pathlib import Path

import pytest

from bottin.search.entries import Entry, Order, Plan
from bottin.search.index import Reader, Writer
from bottin.search.index.asking import Asked
from bottin.search.index.leading import leading
from bottin.search.language import parse

NOW_S = 1_790_000_000
WORDS = ("carte", "cartes", "chanson", "mer", "vent", "livre", "opera", "radio")
RARER = tuple(f"mot{letter}" for letter in "abcdefghijklmnop")


def entry(number: int, chance: random.Random) -> Entry:
    """A release that holds common words, here and there."""
    words = chance.choices(WORDS, k=8)
    tags = sorted({f"sujet-{chance.randrange(40)}" for _ in range(chance.randrange(4))})
    return Entry(
        release_id=number,
        title=" ".join(chance.choices(WORDS + RARER, k=2)),
        body=" ".join(words[2:6] * (number % 4)),
        files=" ".join(words[6:]),
        authors="Radio" if number % 50 == 0 else "Une personne",
        names="opera" if number % 70 == 0 else "",
        language=("fr", "en", "")[number % 3],
        category_id=(10_001, 10_002, 20_001)[number % 3],
        family_id=(10_000, 10_000, 20_000)[number % 3],
        exact={"tag": tags, "language_code": [("fr", "en", "und")[number % 3]]},
        size_bytes=number * 1_000_000,
        published_s=NOW_S - number * 86_400,
        counts=(chance.choice((0, 2, 900, 2_000)) if number % 50 else 90_000, 0, 0),
        licence=("CC0-1.0", "MIT")[number % 2],
        publisher=("ada", "bob")[number % 2],
        version="v1",
        year=1900 + number % 120,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index of 600 releases in several commits, a few of them removed again."""
    chance = random.Random(11)
    made = tmp_path / "build"
    made.mkdir()
    writer = Writer(made)
    for start in range(1, 600, 200):
        writer.add([entry(number, chance) for number in range(start, start + 200)])
        writer.commit()
    writer.remove([7, 8, 9, 300])
    writer.commit()
    writer.close()
    return made


@pytest.fixture
def much(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Have everything be much."""
    for module in ("reading", "counting"):
        monkeypatch.setattr(f"bottin.search.index.{module}.MUCH", 1)
    return monkeypatch


def plan(text: str, **asked: object) -> Plan:
    made = Plan(parse(text), Order(), 20, with_facets=True, now_s=NOW_S)
    return made if not asked else Plan(**{**_fields(made), **asked})  # type: ignore[arg-type]


def _fields(made: Plan) -> dict[str, object]:
    return {name: getattr(made, name) for name in made.__slots__}


PLANS = [
    plan("carte"),
    plan("carte "),
    plan("radio"),
    plan("opera"),
    plan("chanson", chosen={"language": ("fr",), "tag": ("sujet-3",)}),
    plan("mer", category_ids=(10_001,)),
    plan("mer vent"),
    plan("chanson -mer"),
    plan("car"),
    plan('"mer vent"'),
    plan("c++"),
    plan("file:carte tag:sujet-3"),
    plan("title:mer* or author:personne"),
    plan("", order=Order("by_date")),
    plan("livre", order=Order("by_size", is_descending=False)),
]


@pytest.mark.parametrize("asked", PLANS, ids=lambda one: f"{one.node.nodes} {one.chosen}"[:60])
def test_the_ways_for_large_finds_give_what_those_for_small_ones_give(
    asked: Plan, folder: Path, much: pytest.MonkeyPatch
) -> None:
    large = Reader(folder).search(asked)
    again = Reader(folder).search(asked)
    much.undo()
    small = Reader(folder).search(asked)

    # The last of the tags shown may be any of those that as many releases have.
    tags = [{**found.facets.pop("tag")} for found in (small, large, again)]
    assert large == again == small
    assert tags[1] == tags[2]
    assert sorted(tags[1].values()) == sorted(tags[0].values())


@pytest.mark.parametrize("text", ["carte", "carte ", "radio", "opera"])
@pytest.mark.parametrize("offset", [0, 5])
def test_the_first_of_a_common_word_are_told_from_titles_alone(
    text: str, offset: int, folder: Path
) -> None:
    reader = Reader(folder)
    commit = reader._current()
    wanted = plan(text, limit=10, offset=offset)
    asked = Asked(reader._schema, wanted, commit.searcher, commit.stamp)

    hits = leading(asked, commit.documents)

    ranked = reader._ranked(asked)
    assert hits is not None
    assert [place for _, place in hits] == [place for _, place in ranked]


def test_where_it_cannot_be_proven_all_are_scored(folder: Path) -> None:
    reader = Reader(folder)
    commit = reader._current()

    def leads(wanted: Plan) -> bool:
        asked = Asked(reader._schema, wanted, commit.searcher, commit.stamp)
        return leading(asked, commit.documents) is not None

    assert leads(plan("carte", limit=10))
    assert not leads(plan("carte", limit=10, offset=40))
    assert not leads(plan("carte", limit=200))
    assert not leads(plan("carte mer", limit=10))
    assert not leads(plan("carte", limit=10, has_typos=True))
    # Were a release the livelier, the fresher, one without the word in its title could lead.
    assert not leads(plan("carte", limit=10, now_s=NOW_S + 50 * 365 * 86_400))


def test_counts_of_large_finds_are_kept_for_seconds_and_hits_are_not(
    folder: Path, much: pytest.MonkeyPatch
) -> None:
    reader = Reader(folder)
    newest = {"order": Order("by_date"), "limit": 2}
    before = reader.search(plan("", **newest))
    writer = Writer(folder)
    writer.add([entry(700, random.Random(1))._replace(published_s=NOW_S + 60)])
    writer.commit()
    writer.close()

    after = reader.search(plan("", **newest, now_s=NOW_S + 4))
    later = reader.search(plan("", **newest, now_s=NOW_S + 10))

    assert (before.ids[0], after.ids[0]) == (1, 700)
    assert (before.total, after.total, later.total) == (596, 596, 597)
    assert after.facets == before.facets != later.facets


def test_kept_counts_never_contradict_a_page_that_shows_all(
    folder: Path, much: pytest.MonkeyPatch
) -> None:
    reader = Reader(folder)
    before = reader.search(plan("radio", chosen={"tag": ("sujet-3",)}, limit=50))
    writer = Writer(folder)
    writer.remove(before.ids[:3])
    writer.commit()
    writer.close()

    after = reader.search(plan("radio", chosen={"tag": ("sujet-3",)}, limit=50))

    assert after.total == len(after.ids) == before.total - 3


@pytest.mark.parametrize(
    "text", ["carte", "chanson livre", "file:carte", "tag:sujet-3", "open:yes"]
)
def test_more_is_never_found_than_was_expected(text: str, folder: Path) -> None:
    reader = Reader(folder)
    commit = reader._current()
    wanted = plan(text)
    asked = Asked(reader._schema, wanted, commit.searcher, commit.stamp)

    assert reader.search(wanted).total <= asked.at_most
    assert asked.at_most < commit.documents or text == "carte"
