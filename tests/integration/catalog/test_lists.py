"""Lists: stable pages in every order, no row twice, no row a viewer may not see."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import ANONYMOUS
from bottin.catalog import actions, queries
from bottin.catalog.errors import ReleaseGone, ReleaseNotFound, SortUnknown
from bottin.catalog.models import Category, Release
from bottin.catalog.states import ReleaseState
from bottin.lib.paging import BadCursor
from tests.factories import catalog as make
from tests.factories.catalog import LINUX, MUSIC, NOON

pytestmark = pytest.mark.django_db

SORTS = ["newest", "oldest", "size", "seeders", "leechers", "completed", "title"]


@pytest.fixture
def shelf() -> list[Release]:
    """Nine releases; a third has no swarm, a third a dead one, and values repeat."""
    owner = make.viewer()
    releases = []
    for number in range(9):
        release = make.published(
            owner, at=NOON + timedelta(hours=number // 2), title=f"Œuvre {10 - number // 2}"
        )
        if number % 3:
            make.swarm(release, (number % 3 - 1) * (number % 4), number // 4, number % 2)
        releases.append(release)
    return releases


@pytest.mark.parametrize("sort", SORTS)
def test_pages_give_each_release_once_and_walk_back_the_same_way(
    sort: str, shelf: list[Release]
) -> None:
    whole = [row.pk for row in queries.list_page(ANONYMOUS, sort=sort).rows]

    pages, cursor = [], None
    while True:
        page = queries.list_page(ANONYMOUS, sort=sort, cursor=cursor, limit=2)
        pages.append([row.pk for row in page.rows])
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    back = []
    while page.previous_cursor is not None:
        page = queries.list_page(ANONYMOUS, sort=sort, cursor=page.previous_cursor, limit=2)
        back.append([row.pk for row in page.rows])

    assert sorted(whole) == sorted(release.pk for release in shelf)
    assert [pk for rows in pages for pk in rows] == whole
    assert [*reversed(back), pages[-1]] == pages


@pytest.mark.parametrize("field", ["seeders", "leechers", "completed"])
def test_the_largest_swarms_come_first_and_the_dead_last(field: str, shelf: list[Release]) -> None:
    rows = queries.list_page(ANONYMOUS, sort=field).rows

    counts = [getattr(row, field) for row in rows]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 0
    assert counts[-1] == 0


def test_titles_sort_as_a_reader_would() -> None:
    owner = make.viewer()
    for title in ["Zèbre", "« Être »", "album 10", "Album 9", "etre b", "Œil"]:
        make.published(owner, title=title)

    titles = [row.title for row in queries.list_page(ANONYMOUS, sort="title").rows]

    assert titles == ["Album 9", "album 10", "« Être »", "etre b", "Œil", "Zèbre"]


def test_a_new_release_moves_nothing_on_the_next_page(shelf: list[Release]) -> None:
    first = queries.list_page(ANONYMOUS, limit=3)
    expected = queries.list_page(ANONYMOUS, cursor=first.next_cursor, limit=3).rows

    make.published(at=NOON + timedelta(days=1))

    assert queries.list_page(ANONYMOUS, cursor=first.next_cursor, limit=3).rows == expected


@pytest.mark.parametrize("sort", SORTS)
def test_a_page_costs_at_most_three_queries(
    sort: str, shelf: list[Release], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(3):
        page = queries.list_page(ANONYMOUS, sort=sort, limit=4)
        [
            (str(row.category), str(row.category and row.category.parent), str(row.licence))
            for row in page.rows
        ]
        [(row.publisher.name, row.seeders, row.leechers, row.completed) for row in page.rows]


def test_the_total_is_that_of_the_shelf_and_a_family_holds_its_shelves(
    shelf: list[Release],
) -> None:
    make.published(category_id=LINUX)

    music = queries.list_page(ANONYMOUS, category=Category.objects.get(pk=MUSIC), limit=2)
    audio = queries.list_page(ANONYMOUS, category=Category.objects.get(pk=130000), limit=2)

    assert (music.total, len(music.rows)) == (9, 2)
    assert audio.total == 9
    assert queries.list_page(ANONYMOUS).total == 10


def test_beyond_the_counted_rows_the_last_recount_is_given(
    shelf: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "COUNTED", 3)
    before = queries.list_page(ANONYMOUS).total

    wrong = actions.recount_listed()

    assert before == 4
    assert wrong == {MUSIC: (0, 9)}
    assert queries.list_page(ANONYMOUS).total == 9
    assert {s.listed for s in queries.category_tree(ANONYMOUS) if s.category.pk == 130000} == {9}


def test_the_tree_counts_published_releases_only(shelf: list[Release]) -> None:
    make.pending()

    audio = next(s for s in queries.category_tree(ANONYMOUS) if s.category.pk == 130000)

    assert audio.listed == 9
    assert {s.category.pk: s.listed for s in audio.shelves}[MUSIC] == 9


def test_the_tree_costs_three_queries(
    shelf: list[Release], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(3):
        queries.category_tree(ANONYMOUS)


@pytest.mark.parametrize(
    "cursor", ["", "x", "a" * 5000, "é", "AAAA", "bm90IG91cnM", "\x00", "🧀", "=" * 8]
)
def test_a_cursor_we_did_not_make_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        queries.list_page(ANONYMOUS, cursor=cursor)


def test_a_cursor_is_good_for_one_list_only(shelf: list[Release]) -> None:
    cursor = queries.list_page(ANONYMOUS, limit=2).next_cursor

    with pytest.raises(BadCursor):
        queries.list_page(ANONYMOUS, sort="size", cursor=cursor)
    with pytest.raises(BadCursor):
        queries.list_page(ANONYMOUS, category=Category.objects.get(pk=MUSIC), cursor=cursor)


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(SortUnknown):
        queries.list_page(ANONYMOUS, sort="; DROP TABLE")


@pytest.mark.parametrize("state", [s for s in ReleaseState if s is not ReleaseState.PUBLISHED])
def test_only_published_releases_are_listed_to_anyone(state: ReleaseState) -> None:
    owner = make.viewer()
    release = make.published(owner)
    Release.objects.filter(pk=release.pk).update(state=state)

    for viewer in (ANONYMOUS, make.viewer(), owner, make.viewer(Role.ADMINISTRATOR)):
        assert queries.list_page(viewer).rows == ()


def test_ones_own_list_has_every_state_and_nobody_elses() -> None:
    owner = make.viewer()
    drafted, waiting = make.draft(owner), make.pending(owner)
    make.published()

    rows = queries.own_page(owner).rows

    assert [row.pk for row in rows] == [waiting.pk, drafted.pk]
    assert queries.own_page(ANONYMOUS).rows == ()


@pytest.mark.parametrize(
    ("state", "stranger", "owner", "moderator"),
    [
        (ReleaseState.DRAFT, False, True, False),
        (ReleaseState.PENDING, False, True, True),
        (ReleaseState.CHANGES_REQUESTED, False, True, True),
        (ReleaseState.REJECTED, False, True, True),
        (ReleaseState.WITHDRAWN, False, True, True),
        (ReleaseState.QUARANTINED, False, True, True),
        (ReleaseState.PUBLISHED, True, True, True),
    ],
)
def test_who_may_know_of_a_release(
    state: ReleaseState,
    stranger: bool,  # noqa: FBT001 - a column of the table
    owner: bool,  # noqa: FBT001
    moderator: bool,  # noqa: FBT001
) -> None:
    publisher = make.viewer()
    release = make.published(publisher)
    Release.objects.filter(pk=release.pk).update(state=state)
    viewers = {
        ANONYMOUS: stranger,
        make.viewer(): stranger,
        publisher: owner,
        make.viewer(Role.MODERATOR): moderator,
    }

    for viewer, sees in viewers.items():
        if sees:
            assert queries.release_for(release.pk, viewer).pk == release.pk
        else:
            with pytest.raises(ReleaseNotFound):
                queries.release_for(release.pk, viewer)


@pytest.mark.parametrize(
    ("state", "legal"), [(ReleaseState.REMOVED_LEGAL, True), (ReleaseState.REMOVED_TERMS, False)]
)
def test_a_removed_release_is_gone_for_all_but_the_team(state: ReleaseState, legal: bool) -> None:  # noqa: FBT001
    publisher = make.viewer()
    release = make.published(publisher)
    actions.change_state(release.pk, to=state, by=make.SYSTEM, at=NOON, reason="why")

    for viewer in (ANONYMOUS, make.viewer(), publisher):
        with pytest.raises(ReleaseGone) as refused:
            queries.release_for(release.pk, viewer)
        assert refused.value.context == {"release_id": release.pk, "legal": legal}
    assert queries.release_for(release.pk, make.viewer(Role.MODERATOR)).pk == release.pk


def test_a_private_site_shows_nothing_to_a_stranger(settings: Settings) -> None:
    release = make.published()
    settings.BOTTIN_ACCESS = "private"

    assert queries.list_page(ANONYMOUS).total == 0
    with pytest.raises(ReleaseNotFound):
        queries.release_for(release.pk, ANONYMOUS)
    assert queries.list_page(make.viewer()).total == 1


def test_the_files_of_a_release_come_back_as_a_tree() -> None:
    content = make.metainfo(files=[("cd1/02 b.ogg", 20_000), ("cd1/1 a.ogg", 10_000), ("i.txt", 9)])
    release = make.published(of=content)

    root = queries.file_tree(release)

    assert [leaf.name for leaf in root.files] == ["i.txt"]
    assert [leaf.name for leaf in root.folders[0].files] == ["1 a.ogg", "02 b.ogg"]
    assert (root.size_bytes, root.file_count) == (30_009, 3)


@pytest.mark.parametrize("version", ["v1", "v2", "hybrid"])
def test_a_release_is_found_by_each_of_its_hashes(version: str) -> None:
    from bottin.metainfo.parser import parse

    content = parse(make.torrent(version=version))
    release = make.published(of=content)
    make.published()

    hashes = [content.info_hash_v1, content.info_hash_v2, content.info_hash_v2_truncated]
    for info_hash in filter(None, hashes):
        assert list(queries.with_info_hash(ANONYMOUS, info_hash)) == [release]
    assert not queries.with_info_hash(ANONYMOUS, bytes(20)).exists()
