"""From a query as typed to a page of releases that the viewer may see."""

import re
from base64 import b32decode
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from django.conf import settings

from bottin.accounts.viewer import Viewer
from bottin.catalog import queries as catalog
from bottin.catalog.errors import SortUnknown
from bottin.catalog.models import Category, Release
from bottin.lib import clock
from bottin.lib.paging import BadCursor
from bottin.search import cursors, readers, resolving, spelling, synonyms, unindexed
from bottin.search.bands import VALUES
from bottin.search.entries import BY_NAME, Hits, Order, Plan
from bottin.search.errors import SearchNotReady
from bottin.search.language import AllOf, Word, parse, written
from bottin.search.requests import FacetCount, SearchPage, SearchRequest

__all__ = ["SORTS", "SearchPage", "SearchRequest", "facets_of", "search"]

LIMIT_MAX: Final = 200
DEEPEST: Final = 10_000
# Fewer hits than this, and near spellings are looked for.
LITTLE: Final = 3

_ORDERS: Final[dict[str, Order]] = {
    "relevance": Order(),
    "newest": Order("by_date"),
    "oldest": Order("by_date", is_descending=False),
    "size": Order("by_size"),
    "seeders": Order("by_seeders"),
    "leechers": Order("by_leechers"),
    "completed": Order("by_completed"),
    "title": Order(BY_NAME, is_descending=False),
}
SORTS: Final = tuple(_ORDERS)
_HASH: Final = re.compile(
    r"(?:magnet:\?\S*?xt=urn:bt(?:ih|mh):(?:1220)?)?([0-9a-f]{64}|[0-9a-f]{40}|[a-z2-7]{32})(?:&\S*)?",
    re.IGNORECASE,
)
_BASE32: Final = 32
_NOTHING: Final = SearchPage((), None, None, 0, {})


def search(viewer: Viewer, request: SearchRequest) -> SearchPage:
    """Return the releases that match and that this viewer may see.

    Two queries for a query without `category:`, besides the index, one more with
    `mine`, one more for a family. An info-hash or a magnet link finds its release.
    At most 200 rows; relevance goes 10,000 hits deep. Without an index the page
    comes from the database and says so.

    Raises BadQuery, SortUnknown, BadCursor.
    """
    if request.sort not in _ORDERS:
        raise SortUnknown(sort=request.sort[:40], known=sorted(_ORDERS))
    typed = parse(request.text)
    if viewer.user_id is None and settings.BOTTIN_ACCESS == "private":
        return _NOTHING
    by_hash = _by_hash(viewer, request)
    if by_hash:
        return replace(_NOTHING, rows=by_hash, total=len(by_hash))
    plan = _plan(viewer, typed, request)
    try:
        plan, hits = _hits(plan, request)
    except SearchNotReady:
        return unindexed.page(viewer, typed, _without_place(request))
    return _told(_page(viewer, plan, hits, request), typed, hits, request)


def facets_of(
    viewer: Viewer, category: Category | None = None
) -> dict[str, tuple[FacetCount, ...]]:
    """Return the counts of every facet of a shelf, of everything for None.

    No query, one for a family. Nothing while there is no index.
    """
    if viewer.user_id is None and settings.BOTTIN_ACCESS == "private":
        return {}
    request = SearchRequest(category=category, limit=1, with_facets=True)
    try:
        hits = readers.hits_of(_plan(viewer, AllOf(()), request))
    except SearchNotReady:
        return {}
    return _counted(hits)


def _plan(viewer: Viewer, typed: AllOf, request: SearchRequest) -> Plan:
    node = resolving.as_identifier(request.text) or synonyms.widened(resolving.resolved(typed))
    order = _ORDERS[request.sort]
    if request.sort == "relevance" and not resolving.words_of(node):
        order = _ORDERS["newest"]
    only, never = resolving.own_releases(viewer, request)
    plan = Plan(
        node=node,
        order=order,
        limit=max(1, min(request.limit, LIMIT_MAX)) + 1,
        category_ids=resolving.shelves_of(request.category),
        chosen=resolving.chosen(request.filters),
        only=only,
        never=never,
        with_facets=request.with_facets,
        now_s=int(clock.now().timestamp()),
    )
    return _placed(plan, request)


def _placed(plan: Plan, request: SearchRequest) -> Plan:
    """Start where the cursor says. Raises BadCursor."""
    place = cursors.read(request)
    if place is None:
        return plan
    plan = replace(plan, has_typos=place.has_typos)
    order = plan.order
    if isinstance(place.start, str) is not (order.field == BY_NAME):
        raise BadCursor
    if order.field is None:
        return replace(plan, offset=min(int(place.start), DEEPEST))
    is_descending = order.is_descending is not place.is_backwards
    return replace(plan, order=Order(order.field, is_descending, place.start))


def _hits(plan: Plan, request: SearchRequest) -> tuple[Plan, Hits]:
    """Look for what is spelt like that; where that is little, for what is near too."""
    hits = readers.hits_of(plan)
    may_be_near = any(isinstance(word, Word) for word in resolving.words_of(plan.node))
    # Who asks about releases of their own choice asks whether they match, not what is near.
    is_open = request.cursor is None and request.among is None
    if hits.total < LITTLE and is_open and may_be_near:
        near = replace(plan, has_typos=True)
        nearly = readers.hits_of(near)
        if nearly.total > hits.total:
            return near, nearly
    return plan, hits


def _page(viewer: Viewer, plan: Plan, hits: Hits, request: SearchRequest) -> SearchPage:
    limit = plan.limit - 1
    ids, keys, has_more = hits.ids[:limit], hits.keys[:limit], len(hits.ids) > limit
    place = cursors.read(request)
    backwards = place is not None and place.is_backwards
    if backwards and plan.order.field is not None:
        ids, keys = ids[::-1], keys[::-1]
    after: int | str | None
    before: int | str | None
    if plan.order.field is None:
        after = plan.offset + limit if plan.offset + limit < DEEPEST else None
        before = max(0, plan.offset - limit)
        has_next, has_previous = has_more, plan.offset > 0
    else:
        after, before = (keys[-1], keys[0]) if keys else (None, None)
        has_next = has_more or backwards
        has_previous = has_more if backwards else place is not None
    typos = plan.has_typos
    following = cursors.write(cursors.AFTER, after, request, has_typos=typos)
    preceding = cursors.write(cursors.BEFORE, before, request, has_typos=typos)
    return SearchPage(
        rows=catalog.by_ids(viewer, list(ids)),
        next_cursor=following if has_next else None,
        previous_cursor=preceding if has_previous else None,
        total=hits.total,
        categories=_with_families(hits.categories),
        has_typos=typos,
    )


def _told(page: SearchPage, typed: AllOf, hits: Hits, request: SearchRequest) -> SearchPage:
    """Add what the page says of itself: counts, a better spelling, what was understood."""
    suggestion = ""
    if page.has_typos and request.cursor is None:
        words = [word.text for word in resolving.words_of(typed) if isinstance(word, Word)]
        suggestion = spelling.corrected(request.text, words, [row.title for row in page.rows])
    is_plain = all(isinstance(node, Word) for node in typed.nodes)
    return replace(
        page,
        facets=_counted(hits),
        suggestion=suggestion,
        understood="" if is_plain else written(_as_typed(typed)),
    )


def _counted(hits: Hits) -> dict[str, tuple[FacetCount, ...]]:
    return {name: _listed(name, counts) for name, counts in hits.facets.items()}


def _as_typed(node: AllOf) -> AllOf:
    """Leave out the sign of a beginning that nobody typed."""
    *before, last = node.nodes
    return AllOf((*before, Word(last.text))) if isinstance(last, Word) else node


def _listed(name: str, counts: Mapping[str, int]) -> tuple[FacetCount, ...]:
    """Return choices in their own order where they have one, else the most frequent first."""
    known = VALUES.get(name)
    if known:
        return tuple(FacetCount(value, counts[value]) for value in known if value in counts)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return tuple(FacetCount(value, count) for value, count in rows if value)


def _without_place(request: SearchRequest) -> SearchRequest:
    """Forget a cursor of the index's: the database has other places."""
    try:
        cursors.read(request)
    except BadCursor:
        return request
    return replace(request, cursor=None)


def _with_families(categories: dict[int, int]) -> dict[int, int]:
    counts = dict(categories)
    for category_id, count in categories.items():
        family = category_id // 10_000 * 10_000
        if family != category_id:
            counts[family] = counts.get(family, 0) + count
    return counts


def _by_hash(viewer: Viewer, request: SearchRequest) -> tuple[Release, ...]:
    match = _HASH.fullmatch(request.text.strip())
    if match is None:
        return ()
    digest = match[1]
    raw = b32decode(digest.upper()) if len(digest) == _BASE32 else bytes.fromhex(digest)
    found = catalog.with_info_hash(viewer, raw).listed().values_list("pk", flat=True)
    return catalog.by_ids(viewer, list(found))
