"""Search with its facets, and suggestions while one types (SRCH-4, SRCH-10)."""

from typing import Annotated, Final

from django.http import HttpResponse
from ninja import Field, Query, Schema

from bottin.accounts.permissions import Permission
from bottin.api import lookups, schemas, shapes
from bottin.api.callers import SEARCH_WEIGHT, ApiRequest
from bottin.api.doors import door
from bottin.api.paging import link_pages, place_of
from bottin.api.routers import RELEASES
from bottin.api.views.catalogue import Cursor, Limit, Sort
from bottin.catalog.downloads import page_url
from bottin.catalog.models import Release
from bottin.search import queries
from bottin.search.errors import SearchNotReady
from bottin.search.queries import SearchPage
from bottin.search.requests import FACETS, SearchRequest
from bottin.search.suggestions import LENGTH_MAX, Suggestion, suggest
from bottin.wording.marks import marked as _

_LIMIT: Final = 50
Values = Annotated[list[str], Field(max_length=20)]


class Filters(Schema):
    """What is searched, and what narrows it: repeat a parameter for several values."""

    q: str = Field("", max_length=500, description=_("Words and fields, as on the page."))
    category: str = Field("", max_length=60, description=_("The id or the slug of a category."))
    status: Values = Field([], description=_("alive, fragile, dying or dormant."))
    family: Values = Field([], description=_("The ground of the licence."))
    licence: Values = Field([], description=_("The code of a licence."))
    language: Values = Field([], description=_("BCP 47, “und” for none."))
    year: Values = Field([], description=_("A band, as the answer names them."))
    size: Values = Field([], description=_("A band, as the answer names them."))
    kind: Values = Field([], description=_("A kind of files."))
    tag: Values = Field([], description=_("A tag."))
    version: Values = Field([], description=_("v1, v2 or hybrid."))
    open: Values = Field([], description=_("yes or no."))
    webseed: Values = Field([], description=_("yes or no."))
    publisher: Values = Field([], description=_("The name of a publisher."))
    sort: Sort = "relevance"
    cursor: Cursor = ""
    limit: Limit = _LIMIT


class Choice(Schema):
    """A value of a facet, and how many releases it would leave."""

    value: str
    count: int


class Found(schemas.ReleaseList):
    """A page of results, with the counts that narrow them."""

    facets: dict[str, list[Choice]] = Field(description=_("Exact counts by facet and value."))
    categories: dict[str, int] = Field(description=_("Exact counts by category id."))
    is_near: bool = Field(description=_("Whether these are near spellings."))
    suggestion: str = Field(description=_("The query with a likelier spelling, or empty."))
    understood: str = Field(description=_("The query in its one form, or empty for plain words."))


class Suggested(Schema):
    """Something that begins like what is typed."""

    kind: str = Field(description=_("title, tag or category."))
    text: str
    page: str | None = Field(description=_("The address of its page, for a title."))
    slug: str
    count: int


class SuggestionList(Schema):
    """Suggestions, categories and tags first."""

    data: list[Suggested]


@RELEASES.get(
    "/search",
    response=Found,
    operation_id="search",
    summary=_("Search with facets"),
    description=_("Releases that match, and what each further choice would leave."),
)
@door(Permission.BROWSE, weight=SEARCH_WEIGHT)
def search(request: ApiRequest, filters: Query[Filters], response: HttpResponse) -> Found:
    """Releases that match, and what each further choice would leave."""
    asked = SearchRequest(
        text=filters.q,
        category=lookups.category_of(filters.category),
        filters={name: tuple(values) for name in FACETS if (values := getattr(filters, name))},
        sort=filters.sort,
        cursor=filters.cursor or None,
        limit=filters.limit,
        with_facets=True,
    )
    found = queries.search(request.caller.viewer, asked)
    if found.is_rebuilding:
        raise SearchNotReady
    place = place_of(request, filters.limit)
    link_pages(response, place, following=found.next_cursor, previous=found.previous_cursor)
    return _shown(found)


@RELEASES.get(
    "/search/suggest",
    response=SuggestionList,
    operation_id="suggest",
    summary=_("Suggest while one types"),
    description=_("Categories, tags and titles that begin so, the most seeded titles first."),
)
@door(Permission.BROWSE)
def suggestions(
    request: ApiRequest, q: Annotated[str, Query(max_length=LENGTH_MAX)] = ""
) -> SuggestionList:
    """Categories, tags and titles that begin so, the most seeded titles first."""
    return SuggestionList(data=[_suggested(one) for one in suggest(request.caller.viewer, q)])


def _shown(found: SearchPage) -> Found:
    page = schemas.Page(next=found.next_cursor, prev=found.previous_cursor, total=found.total)
    return Found(
        data=[shapes.release(row) for row in found.rows],
        page=page,
        facets={
            name: [Choice(value=row.value, count=row.count) for row in rows]
            for name, rows in found.facets.items()
        },
        categories={str(pk): count for pk, count in found.categories.items()},
        is_near=found.has_typos,
        suggestion=found.suggestion,
        understood=found.understood,
    )


def _suggested(one: Suggestion) -> Suggested:
    page = page_url(Release(pk=one.release_id, title=one.text)) if one.release_id else None
    return Suggested(kind=one.kind, text=one.text, page=page, slug=one.slug, count=one.count)
