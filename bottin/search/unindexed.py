"""Answers while there is no index: from the database, latest first, as far as it goes quickly."""

from typing import Final

from django.db.models import Q

from bottin.accounts.viewer import Viewer
from bottin.catalog import queries as catalog
from bottin.catalog.models import Release
from bottin.catalog.paging import Pager
from bottin.catalog.text import title_key
from bottin.search.language import AllOf, Phrase, Word
from bottin.search.requests import SearchPage, SearchRequest

# How many of the latest releases are looked through: more would take longer than a page may.
LATEST: Final = 20_000
_SHELVES_COUNTED: Final = 0


def page(viewer: Viewer, node: AllOf, request: SearchRequest) -> SearchPage:
    """Return those of the latest releases whose titles hold the words, by date.

    Fields, facets and what must not match are left aside, and the page says so. At
    most four queries. Raises BadCursor.
    """
    listed = catalog.listed_of(viewer, category=request.category)
    if request.among is not None:
        listed = listed.filter(pk__in=request.among)
    words = [title_key(one.text) for one in node.nodes if isinstance(one, Word | Phrase)]
    if any(words):
        latest = listed.newest_first().values("pk")[:LATEST]
        listed = Release.objects.filter(pk__in=list(latest.values_list("pk", flat=True)))
        listed = listed.filter(_holding(words))
    cut = Pager("newest", f"unindexed|{request.text}", request.limit).cut(
        catalog.lines(listed), request.cursor
    )
    total = listed.order_by()[: LATEST + 1].count()
    return SearchPage(
        rows=cut.rows,
        next_cursor=cut.next_cursor,
        previous_cursor=cut.previous_cursor,
        total=total,
        categories={},
        is_rebuilding=True,
    )


def _holding(words: list[str]) -> Q:
    condition = Q()
    for word in filter(None, words):
        condition &= Q(title_key__contains=word)
    return condition
