"""Reads of the catalogue, each with its number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from django.db.models import Count, F, QuerySet, Sum, prefetch_related_objects

from bottin.accounts.models import Account
from bottin.accounts.viewer import Viewer
from bottin.catalog.errors import CategoryNotFound, ReleaseGone, ReleaseNotFound, SortUnknown
from bottin.catalog.models import (
    Category,
    Licence,
    LicenceFamily,
    Release,
    ReleaseQuerySet,
    StateChange,
    StoredMetainfo,
)
from bottin.catalog.paging import PUBLIC_SORTS, Pager
from bottin.catalog.states import TOMBSTONES, ReleaseState
from bottin.catalog.text import fold
from bottin.metainfo.model import File
from bottin.metainfo.tree import Folder, natural_key, tree_of

# Counting more rows than this costs more than showing them: beyond, `Category.listed_count`.
COUNTED: Final = 10_000

_LINE: Final = ("category__parent", "licence", "publisher")
_COUNTS: Final = ("seeders", "leechers", "completed", "updated_at")
# What a page of one release names.
_BESIDE: Final = ("edition__work", "replaced_by")
# Texts that no line of a list shows: the largest part of a row.
_FETCHED: Final = (
    *("state", "title", "publisher_id", "is_open", "info_hash_v1", "info_hash_v2"),
    *("metainfo__info", "metainfo__piece_layers", "metainfo__web_seeds", "metainfo__served_seeds"),
    *("metainfo__created_by", "metainfo__creation_date"),
)
_LONG: Final = ("description", "description_html", "provenance_statement", "publisher__password")


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """One page of a list. `total` is exact up to 10,000, then as of the last recount."""

    rows: tuple[Release, ...]
    next_cursor: str | None
    previous_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category, how many published releases stand there and below, and its sub-categories."""

    category: Category
    listed: int
    shelves: tuple["Shelf", ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a folder: a file, or a sub-folder with the sums of all below it."""

    name: str
    size_bytes: int = 0
    file_count: int = 0
    is_folder: bool = False


def release_for(release_id: int, viewer: Viewer) -> Release:
    """Return a release with its category, licence, publisher, swarm and tags. Two queries.

    Raises ReleaseNotFound when there is none that this viewer may know of, and
    ReleaseGone (`legal`: whether the law asked for it) for a removed one, unless
    the viewer is of the team.
    """
    release = untagged_release_for(release_id, viewer)
    prefetch_related_objects([release], "tags")
    return release


def untagged_release_for(release_id: int, viewer: Viewer) -> Release:
    """Return a release as `release_for` does, its tags left out. One query.

    Raises ReleaseNotFound, ReleaseGone.
    """
    rows = Release.objects.visible_to(viewer).select_related(*_LINE, "swarm", *_BESIDE)
    return _one_of(rows, release_id, viewer)


def bare_release_for(release_id: int, viewer: Viewer) -> Release:
    """Return a release alone, for what shows none of its relations. One query.

    Raises ReleaseNotFound, ReleaseGone.
    """
    return _one_of(Release.objects.visible_to(viewer), release_id, viewer)


def fetched_release_for(release_id: int, viewer: Viewer) -> Release:
    """Return of a release what its `.torrent` is made of, with its metainfo. One query.

    Raises ReleaseNotFound, ReleaseGone.
    """
    rows = Release.objects.visible_to(viewer).select_related("metainfo").only(*_FETCHED)
    return _one_of(rows, release_id, viewer)


def _one_of(rows: QuerySet[Release], release_id: int, viewer: Viewer) -> Release:
    release = rows.filter(pk=release_id).order_by().first()
    if release is None:
        raise ReleaseNotFound(release_id=release_id)
    if ReleaseState(release.state) in TOMBSTONES and not viewer.is_moderator:
        raise ReleaseGone(release_id=release_id, legal=release.state == ReleaseState.REMOVED_LEGAL)
    return release


def list_page(  # noqa: PLR0913 - a list is what, of whom, in which order, from where, how long
    viewer: Viewer,
    *,
    category: Category | None = None,
    publisher: Account | None = None,
    licence: Licence | None = None,
    sort: str = "newest",
    cursor: str | None = None,
    limit: int = 50,
) -> ReleasePage:
    """Return a page of published releases, each with category, licence, publisher and counts.

    `sort` is one of newest, oldest, size, seeders, leechers, completed, title.
    `category` may be a family. At most 200 rows. Three queries at most, one more
    where a page crosses from live swarms to dead ones.

    Raises SortUnknown, and BadCursor for a cursor of another list or not ours.
    """
    if sort not in PUBLIC_SORTS:
        raise SortUnknown(sort=sort[:40], known=sorted(PUBLIC_SORTS))
    releases = listed_of(viewer, category=category, publisher=publisher)
    scope = f"list|{category.pk if category else ''}|{publisher.pk if publisher else ''}"
    if licence is not None:
        releases = releases.filter(licence=licence)
        scope += f"|{licence.pk}"
    page = Pager(sort, scope, limit).cut(lines(releases), cursor)
    total = _total(releases, category, is_whole_shelf=publisher is None and licence is None)
    return ReleasePage(page.rows, page.next_cursor, page.previous_cursor, total)


def listed_of(
    viewer: Viewer, *, category: Category | None = None, publisher: Account | None = None
) -> ReleaseQuerySet:
    """Return the published releases that this viewer sees, of a shelf and of a person if given."""
    releases = Release.objects.visible_to(viewer).listed()
    if category is not None:
        releases = releases.of_family(category)
    if publisher is not None:
        releases = releases.filter(publisher=publisher)
    return releases


def lines(releases: "QuerySet[Release]") -> "QuerySet[Release]":
    """Read with each release what a line of a list shows of it, and leave the long texts behind."""
    # Django cannot defer fields beside a relation without a column: its counts come by name.
    counts = {f"swarm_{name}": F(f"swarm__{name}") for name in _COUNTS}
    return releases.select_related(*_LINE).annotate(**counts).defer(*_LONG)


def own_page(
    viewer: Viewer, *, state: ReleaseState | None = None, cursor: str | None = None, limit: int = 50
) -> ReleasePage:
    """Return a page of the viewer's own releases, in any state or one, latest first. Two queries.

    Raises BadCursor.
    """
    releases = Release.objects.visible_to(viewer).filter(publisher_id=viewer.user_id or 0)
    if state is not None:
        releases = releases.filter(state=state)
    scope = f"own|{viewer.user_id}|{state or ''}"
    page = Pager("latest", scope, limit).cut(lines(releases), cursor)
    return ReleasePage(page.rows, page.next_cursor, page.previous_cursor, releases.count())


def by_ids(viewer: Viewer, release_ids: list[int]) -> tuple[Release, ...]:
    """Return the published ones among these that the viewer sees, in the order given. One query."""
    rows = Release.objects.visible_to(viewer).listed().filter(pk__in=release_ids)
    found = {row.pk: row for row in lines(rows)}
    return tuple(found[release_id] for release_id in release_ids if release_id in found)


def with_info_hash(viewer: Viewer, info_hash: bytes) -> ReleaseQuerySet:
    """Return the releases with this info-hash: v1 (20 bytes), v2 (32) or v2 cut (20)."""
    releases = Release.objects.visible_to(viewer)
    if len(info_hash) == 32:  # noqa: PLR2004 - SHA-256
        return releases.filter(info_hash_v2=info_hash)
    cut = releases.filter(info_hash_v2__gte=info_hash, info_hash_v2__lte=info_hash + b"\xff" * 12)
    return releases.filter(info_hash_v1=info_hash) | cut


def category_tree(viewer: Viewer) -> tuple[Shelf, ...]:
    """Return the families with their shelves and counts, in the tree's order. Three queries."""
    categories = Category.objects.filter(is_active=True, alias_of=None)
    counts = _counts(viewer)
    below: dict[int | None, list[Category]] = {}
    for category in categories:
        below.setdefault(category.parent_id, []).append(category)
    return tuple(_shelf(family, below, counts) for family in below.get(None, []))


def category_by_slug(slug: str) -> Category:
    """Return a category with its parent; an alias gives what it stands for. One query.

    Raises CategoryNotFound.
    """
    if "\x00" in slug:  # PostgreSQL has no such text
        raise CategoryNotFound(slug="")
    wanted = Category.objects.filter(slug=slug, is_active=True)
    category = wanted.select_related("parent", "alias_of__parent").first()
    if category is None:
        raise CategoryNotFound(slug=slug)
    return category.alias_of or category


def licences_by_family() -> tuple[tuple[LicenceFamily, tuple[Licence, ...]], ...]:
    """Return the licences in use, by family, in the order of the seeds. One query."""
    found: dict[str, list[Licence]] = {}
    for licence in Licence.objects.filter(is_active=True):
        found.setdefault(licence.family, []).append(licence)
    return tuple((LicenceFamily(family), tuple(rows)) for family, rows in found.items())


def files_of(release: Release) -> tuple[File, ...]:
    """Return the files of a release in the torrent's order, padding left out. One query."""
    return files_in(StoredMetainfo.objects.values_list("files", flat=True).get(pk=release.pk))


def files_in(text: str) -> tuple[File, ...]:
    """Return the files that `files_text` wrote."""
    return tuple(_file(line) for line in text.split("\n") if line)


def content_of(
    release: Release, *, with_files: bool, beside: Mapping[str, Any] | None = None
) -> StoredMetainfo:
    """Return what is kept of a torrent without its bytes, its files if wanted. One query.

    `beside` are columns of a layer above, read in the same query; `release_id` is the number.
    """
    rows = StoredMetainfo.objects.defer("info", "piece_layers").annotate(**(beside or {}))
    return (rows if with_files else rows.defer("files")).get(pk=release.pk)


def file_tree(release: Release) -> Folder:
    """Return the files of a release as folders with sums. One query."""
    return tree_of(files_of(release), release.name)


def tree_in(release: Release, stored: StoredMetainfo) -> Folder:
    """Return the same of a list of files that was read already."""
    return tree_of(files_in(stored.files), release.name)


def folder_of(release: Release, path: str) -> tuple[Entry, ...]:
    """Return what is in a folder of a release, sub-folders first; nothing when there is none.

    `path` as in the file list, "" for the root. One query. Reads the list line by
    line: a tree of fifty thousand files is not made for one folder of it.
    """
    text = StoredMetainfo.objects.values_list("files", flat=True).get(pk=release.pk)
    start = f"{path}/" if path else ""
    folders: dict[str, tuple[int, int]] = {}
    files: list[Entry] = []
    for line in filter(None, text.split("\n")):
        size, _attr, full = line.split("\t", 2)
        if not full.startswith(start):
            continue
        name, is_below, _rest = full[len(start) :].partition("/")
        if is_below:
            sizes, count = folders.get(name, (0, 0))
            folders[name] = sizes + int(size), count + 1
        else:
            files.append(Entry(name, int(size), 1))
    below = [Entry(name, *sums, is_folder=True) for name, sums in folders.items()]
    found = [(not entry.is_folder, natural_key(entry.name), entry) for entry in (*below, *files)]
    return tuple(entry for *_order, entry in sorted(found, key=itemgetter(0, 1)))


def files_matching(release: Release, text: str, limit: int) -> tuple[tuple[File, ...], int]:
    """Return the files whose path has these words, at most `limit`, and how many there are.

    Case and accents do not matter. One query. Reads the list as one text, then line by line.
    """
    words = fold(text).split()
    listed = StoredMetainfo.objects.values_list("files", flat=True).get(pk=release.pk)
    lines = listed.split("\n")
    found = [
        line
        for line, folded in zip(lines, fold(listed).split("\n"), strict=True)
        if line and all(word in folded.split("\t", 2)[2] for word in words)
    ]
    return tuple(_file(line) for line in found[:limit]), len(found)


def history_of(release: Release) -> tuple[StateChange, ...]:
    """Return the changes of state of a release, oldest first, each with its actor. One query."""
    return tuple(StateChange.objects.filter(release=release).select_related("actor"))


def files_text(files: tuple[File, ...]) -> str:
    """Return files as `StoredMetainfo.files` keeps them: `size<tab>flags<tab>path`, a line each."""
    return "\n".join(f"{file.size_bytes}\t{file.attr}\t{file.display_path}" for file in files)


def _file(line: str) -> File:
    size, attr, path = line.split("\t", 2)
    return File(tuple(path.split("/")), int(size), attr=attr)


def _shelf(
    category: Category, below: dict[int | None, list[Category]], counts: dict[int, int]
) -> Shelf:
    shelves = tuple(_shelf(child, below, counts) for child in below.get(category.pk, []))
    listed = counts.get(category.pk, 0) + sum(shelf.listed for shelf in shelves)
    return Shelf(category, listed, shelves)


def _counts(viewer: Viewer) -> dict[int, int]:
    listed = listed_of(viewer).order_by()
    seen = listed[: COUNTED + 1].count()
    if seen > COUNTED:
        return dict(Category.objects.values_list("pk", "listed_count"))
    return dict(listed.values_list("category_id").annotate(listed=Count("pk")))


def _total(releases: ReleaseQuerySet, category: Category | None, *, is_whole_shelf: bool) -> int:
    counted = releases.order_by()[: COUNTED + 1].count()
    if counted <= COUNTED:
        return counted
    if not is_whole_shelf:
        return releases.count()
    shelves = Category.objects.all()
    if category is not None:
        shelves = shelves.filter(pk=category.pk) | shelves.filter(parent_id=category.pk)
    return max(counted, shelves.aggregate(total=Sum("listed_count"))["total"] or 0)
