"""Counts of facets are those of a recount, whatever is chosen; pages hold while releases arrive."""

import itertools
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import ANONYMOUS, Viewer
from bottin.catalog.models import Release
from bottin.ledger.models import PeerSession, Transfer
from bottin.lib import clock
from bottin.search import tasks
from bottin.search.bands import size_band
from bottin.search.errors import BadQuery
from bottin.search.queries import SearchPage, SearchRequest, search
from tests.factories import catalog as make
from tests.factories.catalog import LINUX, MUSIC, NOON

pytestmark = pytest.mark.django_db


def find(text: str = "", viewer: Viewer = ANONYMOUS, **asked: Any) -> SearchPage:
    return search(viewer, SearchRequest(text, with_facets=True, **asked))


def counts(page: SearchPage, facet: str) -> dict[str, int]:
    return {row.value: row.count for row in page.facets[facet]}


@pytest.fixture
def shelf() -> list[Release]:
    """Twelve releases of many kinds, indexed."""
    owner = make.viewer(Role.TRUSTED_PUBLISHER)
    kinds = itertools.product((0, 1, 4), ("fr", "en"), (("mer",), ("mer", "vent")))
    made: list[Release] = []
    for seeders, language, tags in kinds:
        number = len(made)
        release = make.published(
            owner,
            title=f"Chanson {number} {1900 + 20 * (number % 7)}",
            language=language,
            tags=tags,
            category_id=MUSIC if number % 3 else LINUX,
            licence_code="CC0-1.0" if number % 4 == 0 else "CC-BY-SA-4.0",
            is_open=number % 2 == 0,
            of=make.metainfo(files=[("a.flac" if number % 2 else "b.iso", 1000 * number + 1)]),
        )
        make.swarm(release, seeders)
        made.append(release)
    tasks.index_changes()
    return made


def facts(release: Release) -> dict[str, set[str]]:
    """What each facet says of a release, from the database."""
    row = Release.objects.select_related("licence", "publisher", "swarm").get(pk=release.pk)
    seeders = row.seeders
    status = "alive" if seeders >= 3 else "fragile" if seeders else "dormant"
    return {
        "status": {status},
        "family": {row.licence.family if row.licence else ""},
        "licence": {row.licence_id or ""},
        "language": {row.language},
        "size": {size_band(row.size_bytes)},
        "kind": set(row.file_kinds),
        "tag": {tag.slug for tag in row.tags.all()},
        "version": {row.version},
        "open": {"yes" if row.is_open else "no"},
        "webseed": {"no"},
        "publisher": {row.publisher.name},
    }


CHOSEN: list[dict[str, tuple[str, ...]]] = [
    {},
    {"status": ("alive",)},
    {"status": ("alive", "fragile"), "language": ("fr",)},
    {"tag": ("vent",), "open": ("yes",), "kind": ("archive",)},
    {"licence": ("CC0-1.0",), "status": ("dormant",)},
    {"tag": ("rien",)},
]


@pytest.mark.parametrize("chosen", CHOSEN)
@pytest.mark.parametrize("text", ["", "chanson"])
def test_counts_are_those_of_a_recount(
    shelf: list[Release], text: str, chosen: dict[str, tuple[str, ...]]
) -> None:
    page = find(text, filters=chosen)

    known = [facts(release) for release in shelf]
    for facet in known[0]:
        others = {name: values for name, values in chosen.items() if name != facet}
        left = [f for f in known if all(f[name] & set(v) for name, v in others.items())]
        recount = Counter(value for f in left for value in f[facet])
        zero = {value: 0 for value in chosen.get(facet, ()) if value not in recount}
        assert counts(page, facet) == dict(recount) | zero, facet
    fitting = [f for f in known if all(f[name] & set(v) for name, v in chosen.items())]
    assert page.total == len(fitting)


def test_kept_counts_are_of_the_same_query_and_good_until_the_next_change(
    shelf: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bottin.search.index.counting.MUCH", 0)

    before = find("chanson")
    again = find("chanson", sort="oldest")
    other = find('"chanson 1"')
    make.published(title="Chanson douce", language="fr")
    tasks.index_changes()
    after = find("chanson")

    assert again.facets == before.facets
    assert (before.total, other.total, after.total) == (12, 1, 13)
    assert counts(after, "language") == {"fr": 7, "en": 6}


def test_years_are_counted_by_bands(shelf: list[Release]) -> None:
    years = [1900 + 20 * (number % 7) for number in range(12)]

    found = counts(find("chanson"), "year")

    assert sum(found.values()) == 12
    assert found["1900-1949"] == sum(1 for year in years if year < 1950)
    assert find("", filters={"year": ("1900-1949",)}).total == found["1900-1949"]


def test_a_facet_or_a_value_that_is_not_known_is_refused(shelf: list[Release]) -> None:
    for wrong in ({"colour": ("red",)}, {"status": ("undead",)}, {"size": ("1",)}):
        with pytest.raises(BadQuery):
            find("", filters=wrong)


def test_one_finds_what_one_seeds_downloaded_or_never_touched() -> None:
    member = make.viewer()
    seeded, taken, never = (
        make.published(title=title) for title in ("premier", "deuxième", "troisième")
    )
    now = clock.now()
    for release in (seeded, taken):
        Transfer.objects.create(
            user_id=member.user_id or 0,
            release_id=release.pk,
            first_at=now,
            last_at=now,
            completed_at=now,
        )
    _session(member, seeded)
    tasks.index_changes()

    def mine(which: str, viewer: Viewer = member) -> set[int]:
        return {row.pk for row in find("", viewer, mine=which).rows}

    assert mine("seeding") == {seeded.pk}
    assert mine("downloaded") == {seeded.pk, taken.pk}
    assert mine("not_yet") == {never.pk}
    assert mine("seeding", ANONYMOUS) == set()
    with pytest.raises(BadQuery):
        mine("stolen")


def test_a_search_may_be_held_to_releases_that_the_caller_knows(shelf: list[Release]) -> None:
    kept = frozenset(release.pk for release in shelf[:2])

    page = find("chanson", among=kept)

    assert {row.pk for row in page.rows} == kept
    assert page.total == sum(counts(page, "status").values()) == 2
    assert not find("chansson", among=kept).rows


@pytest.mark.parametrize("sort", ["newest", "size", "seeders", "title"])
def test_pages_hold_while_releases_arrive(sort: str) -> None:
    owner = make.viewer(Role.TRUSTED_PUBLISHER)
    for number in range(8):
        at = NOON + timedelta(hours=number)
        release = make.published(owner, title=f"Chanson du matin {number}", at=at)
        make.swarm(release, number)
    tasks.index_changes()
    shown, cursor = [], None
    whole = [row.pk for row in find("chanson", sort=sort).rows]

    for turn in range(4):
        page = find("chanson", sort=sort, cursor=cursor, limit=2)
        shown += [row.pk for row in page.rows]
        cursor = page.next_cursor
        late = make.published(owner, title=f"Chanson {'a' * 20} {turn}", at=NOON + timedelta(9))
        make.swarm(late, 99)
        tasks.index_changes()

    old = [pk for pk in shown if pk in whole]
    assert old == [pk for pk in whole if pk in set(old)]
    assert len(shown) == len(set(shown))
    if sort != "size":
        assert old == whole


def test_names_are_in_order_however_alike_they_begin() -> None:
    owner = make.viewer(Role.TRUSTED_PUBLISHER)
    for number in (10, 2, 1, 30, 3):
        make.published(owner, title=f"Bibliothèque de chansons, tome {number}")
    make.published(owner, title="Élan de chansons")
    tasks.index_changes()

    pages, cursor = [], None
    while True:
        page = find("chansons", sort="title", cursor=cursor, limit=2)
        pages += [row.title for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break

    tomes = [f"Bibliothèque de chansons, tome {number}" for number in (1, 2, 3, 10, 30)]
    assert pages == [*tomes, "Élan de chansons"]


def _session(member: Viewer, release: Release) -> None:
    now = clock.now()
    PeerSession.objects.create(
        user_id=member.user_id or 0,
        release_id=release.pk,
        session=1,
        uploaded=0,
        downloaded=0,
        left=0,
        first_at=now,
        last_at=now,
    )
