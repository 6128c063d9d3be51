"""Reads of the directory: lists, a release, its files, the tree, the licences (API-5, API-15)."""

from typing import Annotated, Final, Literal

from django.conf import settings
from django.http import HttpResponse
from ninja import Field, Query, Schema

from bottin.accounts.permissions import Permission, Scope
from bottin.api import lookups, schemas, shapes
from bottin.api.callers import SEARCH_WEIGHT, ApiRequest
from bottin.api.doors import door
from bottin.api.paging import LIMIT_DEFAULT, LIMIT_MAX, link_pages, place_of
from bottin.api.routers import RELEASES
from bottin.api.searching import search_page
from bottin.catalog import downloads, queries
from bottin.catalog.models import Release
from bottin.catalog.queries import Shelf
from bottin.lib import paging
from bottin.lib.paging import BadCursor
from bottin.wording.marks import marked as _

Sort = Literal["newest", "oldest", "size", "seeders", "leechers", "completed", "title", "relevance"]
FILES_LIMIT_MAX: Final = 5_000
TORRENT: Final = "application/x-bittorrent"
Limit = Annotated[int, Field(ge=1, le=LIMIT_MAX)]
Cursor = Annotated[str, Field(max_length=1_024, description=_("From a page before or after."))]


class ListFilters(Schema):
    """Which releases, in which order."""

    q: str = Field(
        "", max_length=500, description=_("Words to search for, in the site's language.")
    )
    category: str = Field("", max_length=60, description=_("The id or the slug of a category."))
    licence: str = Field("", max_length=40, description=_("The code of a licence."))
    publisher: str = Field("", max_length=32, description=_("The name of a publisher."))
    sort: Sort | None = Field(
        None, description=_("Absent: newest, or relevance when there are words to search for.")
    )
    cursor: Cursor = ""
    limit: Limit = LIMIT_DEFAULT


class FilePaging(Schema):
    """Which part of the files."""

    cursor: Cursor = ""
    limit: Annotated[int, Field(ge=1, le=FILES_LIMIT_MAX)] = 1_000


@RELEASES.get(
    "/releases",
    response=schemas.ReleaseList,
    operation_id="listReleases",
    summary=_("List or search releases"),
    description=_("Published releases, newest first, or those that match `q`."),
)
@door(Permission.BROWSE)
def list_releases(
    request: ApiRequest, filters: Query[ListFilters], response: HttpResponse
) -> schemas.ReleaseList:
    """Published releases, newest first, or those that match `q`."""
    if filters.q:
        request.caller.count_call(SEARCH_WEIGHT - 1)
    page = shapes.release_list(_found(request, filters))
    link_pages(
        response,
        place_of(request, filters.limit),
        following=page.page.next,
        previous=page.page.prev,
    )
    return page


@RELEASES.get(
    "/releases/{release_id}",
    response=schemas.ReleaseDetail,
    operation_id="getRelease",
    summary=_("Read a release"),
    description=_("All that its page says. Removed releases answer 410, or 451 for legal reasons."),
)
@door(Permission.BROWSE)
def get_release(request: ApiRequest, release_id: str) -> schemas.ReleaseDetail:
    """All that its page says. Removed releases answer 410, or 451 for legal reasons."""
    return shapes.release_detail(_release(request, release_id))


@RELEASES.get(
    "/releases/{release_id}/torrent",
    response={200: None},
    operation_id="getTorrent",
    summary=_("Download the torrent file"),
    description=_(
        "With a token, it carries the account's key for this torrent: keep it to yourself."
        " Without a token, open releases only, and no key in it."
    ),
    openapi_extra={
        "responses": {
            200: {"content": {TORRENT: {"schema": {"type": "string", "format": "binary"}}}}
        }
    },
)
@door(Permission.DOWNLOAD_OPEN, Scope.DOWNLOAD)
def get_torrent(request: ApiRequest, release_id: str) -> HttpResponse:
    """With a token, it carries the account's key for this torrent: keep it to yourself.

    Without a token, open releases only, and no key in it.
    """
    release = queries.fetched_release_for(lookups.id_of(release_id), request.caller.viewer)
    torrent = downloads.personal_torrent(release, viewer=request.caller.viewer)
    response = HttpResponse(torrent.content, content_type=TORRENT)
    response["Content-Disposition"] = f'attachment; filename="{torrent.name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@RELEASES.get(
    "/releases/{release_id}/files",
    response=schemas.FileList,
    operation_id="listFiles",
    summary=_("List the files of a release"),
    description=_("Paths and sizes in the order of the torrent, padding left out."),
)
@door(Permission.BROWSE)
def list_files(
    request: ApiRequest, release_id: str, paging_: Query[FilePaging], response: HttpResponse
) -> schemas.FileList:
    """Paths and sizes in the order of the torrent, padding left out."""
    release = _release(request, release_id)
    files = queries.files_of(release)
    start = _read_start(release, paging_.cursor)
    page = schemas.Page(
        next=_start_after(release, start + paging_.limit, len(files)),
        prev=_start_after(release, max(0, start - paging_.limit), len(files)) if start else None,
        total=len(files),
    )
    link_pages(response, place_of(request, paging_.limit), following=page.next, previous=page.prev)
    rows = files[start : start + paging_.limit]
    return schemas.FileList(data=[shapes.file(row) for row in rows], page=page)


@RELEASES.get(
    "/categories",
    response=schemas.CategoryList,
    operation_id="listCategories",
    summary=_("List the categories"),
    description=_("The whole tree in both languages, each family before its shelves."),
)
@door(Permission.BROWSE)
def list_categories(request: ApiRequest) -> schemas.CategoryList:
    """The whole tree in both languages, each family before its shelves."""
    tree = queries.category_tree(request.caller.viewer)
    return schemas.CategoryList(data=[shapes.category(shelf) for shelf in _flat(tree)])


@RELEASES.get(
    "/licences",
    response=schemas.LicenceList,
    operation_id="listLicences",
    summary=_("List the licences"),
    description=_("Every licence or ground that a release may claim."),
)
@door(Permission.BROWSE)
def list_licences(request: ApiRequest) -> schemas.LicenceList:
    """Every licence or ground that a release may claim."""
    del request
    families = queries.licences_by_family()
    return schemas.LicenceList(
        data=[shapes.licence(row) for _family, rows in families for row in rows]
    )


def _found(request: ApiRequest, filters: ListFilters) -> queries.ReleasePage:
    if filters.q or filters.sort == "relevance":
        return search_page(request.caller.viewer, filters)
    return queries.list_page(
        request.caller.viewer,
        category=lookups.category_of(filters.category),
        licence=lookups.licence_of(filters.licence),
        publisher=lookups.publisher_of(filters.publisher),
        sort=filters.sort or "newest",
        cursor=filters.cursor or None,
        limit=filters.limit,
    )


def _release(request: ApiRequest, release_id: str) -> Release:
    return queries.release_for(lookups.id_of(release_id), request.caller.viewer)


def _flat(shelves: tuple[Shelf, ...]) -> list[Shelf]:
    return [each for shelf in shelves for each in (shelf, *_flat(shelf.shelves))]


def _start_after(release: Release, start: int, total: int) -> str | None:
    if start >= total:
        return None
    return paging.encode((start,), scope=f"files|{release.pk}", key=_key())


def _read_start(release: Release, cursor: str) -> int:
    """Return the place in the list of files, which never changes: an offset is exact here."""
    if not cursor:
        return 0
    position = paging.decode(cursor, scope=f"files|{release.pk}", key=_key())
    if len(position) != 1 or not isinstance(position[0], int):
        raise BadCursor
    return position[0]


def _key() -> bytes:
    return settings.SECRET_KEY.encode()
