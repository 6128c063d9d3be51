"""What is found, by whom, in which order."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import ANONYMOUS, Viewer
from bottin.catalog.errors import SortUnknown
from bottin.catalog.models import Category, Release
from bottin.catalog.states import ReleaseState
from bottin.lib.paging import BadCursor
from bottin.metainfo.parser import parse
from bottin.search import tasks
from bottin.search.errors import BadQuery
from bottin.search.queries import SORTS, SearchPage, SearchRequest, search
from tests.factories import catalog as make
from tests.factories.catalog import LINUX, MUSIC, NOON

pytestmark = pytest.mark.django_db


def find(text: str, viewer: Viewer = ANONYMOUS, **asked: Any) -> SearchPage:
    return search(viewer, SearchRequest(text, **asked))


def titles(text: str) -> set[str]:
    return {row.title for row in find(text).rows}


@pytest.fixture
def library() -> None:
    """Five works, indexed."""
    owner = make.viewer(Role.TRUSTED_PUBLISHER)
    works: list[dict[str, Any]] = [
        {"title": "Les Misérables, tome 1", "description": "Un roman de Victor Hugo."},
        {"title": "L'Œuvre au noir", "description": "Les chevaux de l’alchimiste.", "tags": ("a",)},
        {
            "title": "Debian 12.5.0 amd64",
            "language": "en",
            "description": "The running distributions",
            "category_id": LINUX,
            "licence_code": "GPL-3.0-or-later",
            "tags": ("linux", "iso"),
            "is_open": True,
            "of": make.metainfo(files=[("debian-12.5.0-amd64-netinst.iso", 700_000)]),
        },
        {"title": "Airs de la mer", "of": make.metainfo(files=[("01 Sirènes.flac", 50_000)])},
        {"title": "Chats et chiens", "licence_code": "CC0-1.0"},
    ]
    for number, work in enumerate(works):
        make.published(owner, at=NOON + timedelta(hours=number), **work)
    tasks.index_changes()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("misérables", {"Les Misérables, tome 1"}),
        ("miserables", {"Les Misérables, tome 1"}),
        ("MISÉRABLE", {"Les Misérables, tome 1"}),
        ("oeuvre", {"L'Œuvre au noir"}),
        ("l'œuvre", {"L'Œuvre au noir"}),
        ("l’oeuvre", {"L'Œuvre au noir"}),
        ("alchimiste", {"L'Œuvre au noir"}),
        ("cheval", {"L'Œuvre au noir"}),
        ("distribution run", {"Debian 12.5.0 amd64"}),
        ("mis", {"Les Misérables, tome 1"}),
        ("12.5", {"Debian 12.5.0 amd64"}),
        ("debian-12", {"Debian 12.5.0 amd64"}),
        ("netinst", {"Debian 12.5.0 amd64"}),
        ("sirenes", {"Airs de la mer"}),
        ("netinst.iso", {"Debian 12.5.0 amd64"}),
        ("iso", {"Debian 12.5.0 amd64"}),
        ("victor hugo", {"Les Misérables, tome 1"}),
        ('"victor hugo"', {"Les Misérables, tome 1"}),
        ('"hugo victor"', set()),
        ("les chats", {"Chats et chiens"}),
        ("debain", {"Debian 12.5.0 amd64"}),
        ("chast", {"Chats et chiens"}),
        ("misserables", {"Les Misérables, tome 1"}),
        ("chats or debian", {"Chats et chiens", "Debian 12.5.0 amd64"}),
        ("airs or chats -chiens", {"Airs de la mer"}),
        ("licence:cc0", {"Chats et chiens"}),
        ("licence:CC0-1.0", {"Chats et chiens"}),
        ("licence:gpl", {"Debian 12.5.0 amd64"}),
        ("licence:free_software", {"Debian 12.5.0 amd64"}),
        ("tag:linux", {"Debian 12.5.0 amd64"}),
        ("language:en", {"Debian 12.5.0 amd64"}),
        ("langue:en tag:iso", {"Debian 12.5.0 amd64"}),
        ("category:distributions-linux", {"Debian 12.5.0 amd64"}),
        ("cat:110000", {"Debian 12.5.0 amd64"}),
        ("open:oui", {"Debian 12.5.0 amd64"}),
        ("size>600ko", {"Debian 12.5.0 amd64"}),
        ("taille>=700ko taille<=700ko", {"Debian 12.5.0 amd64"}),
        ("size:50000", {"Airs de la mer"}),
        ("airs size>1To", set()),
        ("zzzzqqq", set()),
        ("***", set()),
    ],
)
def test_what_is_typed_finds_what_is_meant(library: None, text: str, found: set[str]) -> None:
    if text == "***":
        # Nothing to look for is everything, as an empty query is.
        assert len(titles(text)) == 5
    else:
        assert titles(text) == found


def test_a_title_comes_before_a_description() -> None:
    owner = make.viewer()
    make.published(owner, title="Autre chose", description="Un livre sur la lune et les étoiles.")
    make.published(owner, title="La lune")
    tasks.index_changes()

    assert [row.title for row in find("lune").rows] == ["La lune", "Autre chose"]


def test_near_spellings_are_said_to_be_near(library: None) -> None:
    assert find("debain").has_typos
    assert not find("debian").has_typos


def test_an_unknown_category_is_refused(library: None) -> None:
    with pytest.raises(BadQuery) as refused:
        find("category:nulle-part")

    assert refused.value.context["reason"] == "unknown_category"


def test_a_shelf_narrows_results_and_leaves_the_counts_of_the_others(library: None) -> None:
    page = find("", category=Category.objects.get(pk=130000))

    assert page.total == 4
    assert page.categories[MUSIC] == 4
    assert page.categories[110000] == page.categories[LINUX] == 1
    assert {row.category_id for row in page.rows} == {MUSIC}


@pytest.mark.parametrize("sort", SORTS)
def test_pages_give_each_hit_once_and_walk_back_the_same_way(sort: str) -> None:
    owner = make.viewer()
    for number in range(9):
        release = make.published(
            owner, at=NOON + timedelta(hours=number // 2), title=f"Chanson {number // 3}"
        )
        make.swarm(release, number % 3, number // 4, number % 2)
    other = make.metainfo(files=[("autre.bin", 9)])
    make.published(owner, title="Autre", description="", tags=(), of=other)
    tasks.index_changes()

    pages, cursor = [], None
    while True:
        page = find("chanson", sort=sort, cursor=cursor, limit=2)
        pages.append([row.pk for row in page.rows])
        assert page.total == 9
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    back = []
    while page.previous_cursor is not None:
        page = find("chanson", sort=sort, cursor=page.previous_cursor, limit=2)
        back.append([row.pk for row in page.rows])

    whole = [row.pk for row in find("chanson", sort=sort).rows]
    assert len(whole) == 9
    assert [pk for rows in pages for pk in rows] == whole
    assert [*reversed(back), pages[-1]] == pages


@pytest.mark.parametrize("field", ["seeders", "leechers", "completed"])
def test_hits_are_ordered_by_their_swarms(field: str) -> None:
    owner = make.viewer()
    for count in (3, 0, 12, 1):
        make.swarm(make.published(owner), **{field: count})
    tasks.index_changes()

    assert [getattr(row, field) for row in find("chansons", sort=field).rows] == [12, 3, 1, 0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("seeders>3", {12}),
        ("seeders>=3", {3, 12}),
        ("seeders<3", {0, 1}),
        ("seeders<=3", {0, 1, 3}),
        ("seeders:3", {3}),
        ("sources:0", {0}),
    ],
)
def test_hits_are_chosen_by_their_swarms(text: str, found: set[int]) -> None:
    owner = make.viewer()
    for count in (3, 0, 12, 1):
        make.swarm(make.published(owner), count)
    tasks.index_changes()

    assert {row.seeders for row in find(text).rows} == found


@pytest.mark.parametrize("version", ["v1", "v2", "hybrid"])
def test_a_hash_or_a_magnet_link_finds_its_release(version: str) -> None:
    content = parse(make.torrent(version=version))
    release = make.published(of=content)
    make.published()
    tasks.index_changes()

    digests = [digest.hex() for digest in (content.info_hash_v1, content.info_hash_v2) if digest]
    for digest in digests:
        kind = "btih:" if len(digest) == 40 else "btmh:1220"
        for text in (digest, digest.upper(), f"magnet:?xt=urn:{kind}{digest}&dn=x"):
            assert [row.pk for row in find(text).rows] == [release.pk]


@pytest.mark.parametrize("state", [s for s in ReleaseState if s is not ReleaseState.PUBLISHED])
def test_a_stale_index_shows_nothing_that_left_the_list(state: ReleaseState) -> None:
    owner = make.viewer()
    release = make.published(owner)
    tasks.index_changes()

    # Behind the back of every action: the index has not heard of it.
    Release.objects.filter(pk=release.pk).update(state=state)

    for viewer in (ANONYMOUS, owner, make.viewer(Role.ADMINISTRATOR)):
        assert find("chansons", viewer).rows == ()


def test_a_private_site_finds_nothing_for_a_stranger(settings: Settings) -> None:
    make.published()
    tasks.index_changes()
    settings.BOTTIN_ACCESS = "private"

    assert find("chansons") == SearchPage((), None, None, 0, {})
    assert find("chansons", make.viewer()).total == 1


def test_a_search_costs_two_queries(
    library: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(2):
        [(row.title, row.seeders, str(row.category)) for row in find("chats or debian").rows]


def test_without_an_index_the_latest_come_from_the_database_and_the_page_says_so() -> None:
    make.published(title="Chats et chiens")
    make.published(title="Autre chose", at=NOON + timedelta(hours=1))

    page = find("CHATS")

    assert page.is_rebuilding
    assert [row.title for row in page.rows] == ["Chats et chiens"]
    assert [row.title for row in find("").rows] == ["Autre chose", "Chats et chiens"]


def test_orders_and_cursors_that_are_not_ours_are_refused(library: None) -> None:
    with pytest.raises(SortUnknown):
        find("chat", sort="random")
    with pytest.raises(BadCursor):
        find("chat", cursor="x")
    other = find("", limit=2).next_cursor
    with pytest.raises(BadCursor):
        find("chat", cursor=other)
