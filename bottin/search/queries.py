"""From a query as typed to a page of releases that the viewer may see."""

import re
from base64 import b32decode
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Final

from django.conf import settings

from bottin.accounts.viewer import Viewer
from bottin.catalog import queries as catalog
from bottin.catalog.errors import SortUnknown
from bottin.catalog.models import Category, Release
from bottin.catalog.paging import Pager
from bottin.lib import paging
from bottin.lib.paging import BadCursor
from bottin.search import places
from bottin.search.entries import Hits, Order, Plan
from bottin.search.errors import BadQuery, SearchNotReady
from bottin.search.index import Reader
from bottin.search.language import AllOf, AnyOf, Filter, Node, Not, Phrase, Word, parse
from bottin.search.requests import SearchPage, SearchRequest

LIMIT_MAX: Final = 200
DEEPEST: Final = 10_000
BY_TITLE: Final = 2_000

_ORDERS: Final[dict[str, Order]] = {
    "relevance": Order(),
    "newest": Order("by_date"),
    "oldest": Order("by_date", is_descending=False),
    "size": Order("by_size"),
    "seeders": Order("by_seeders"),
    "leechers": Order("by_leechers"),
    "completed": Order("by_completed"),
    "title": Order(),
}
SORTS: Final = tuple(_ORDERS)
__all__ = ["SORTS", "SearchPage", "SearchRequest", "search"]
_HASH: Final = re.compile(
    r"(?:magnet:\?\S*?xt=urn:bt(?:ih|mh):(?:1220)?)?([0-9a-f]{64}|[0-9a-f]{40}|[a-z2-7]{32})(?:&\S*)?",
    re.IGNORECASE,
)
_BASE32: Final = 32


_NOTHING: Final = SearchPage((), None, None, 0, {})


def search(viewer: Viewer, request: SearchRequest) -> SearchPage:
    """Return the releases that match and that this viewer may see.

    Two queries for a query without `category:`, besides the index. An info-hash or
    a magnet link finds its release. At most 200 rows; relevance goes
    10,000 hits deep, titles 2,000.

    Raises BadQuery, SortUnknown, BadCursor, SearchNotReady.
    """
    if request.sort not in _ORDERS:
        raise SortUnknown(sort=request.sort[:40], known=sorted(_ORDERS))
    node = _resolved(parse(request.text))
    if viewer.user_id is None and settings.BOTTIN_ACCESS == "private":
        return _NOTHING
    by_hash = _by_hash(viewer, request.text)
    if by_hash:
        return replace(_NOTHING, rows=by_hash, total=len(by_hash))
    plan = _plan(node, request)
    hits = _reader().search(plan)
    if not hits.total and request.cursor is None and _may_have_typos(node):
        near = replace(plan, has_typos=True)
        nearly = _reader().search(near)
        if nearly.total:
            plan, hits = near, nearly
    if request.sort == "title":
        return _by_title(viewer, plan, request)
    return _page(viewer, plan, hits, request)


def _plan(node: AllOf, request: SearchRequest) -> Plan:
    order = _ORDERS[request.sort]
    if request.sort == "relevance" and not _has_words(node):
        order = _ORDERS["newest"]
    plan = Plan(
        node=node,
        order=order,
        limit=max(1, min(request.limit, LIMIT_MAX)) + 1,
        category_ids=_shelves(request.category),
    )
    if request.cursor is None or request.sort == "title":
        return plan
    direction, start, has_typos = _read_cursor(request)
    plan = replace(plan, has_typos=has_typos)
    if order.field is None:
        return replace(plan, offset=min(start, DEEPEST))
    is_descending = order.is_descending is (direction == "a")
    return replace(plan, order=Order(order.field, is_descending, start))


def _page(viewer: Viewer, plan: Plan, hits: Hits, request: SearchRequest) -> SearchPage:
    limit = plan.limit - 1
    ids, keys, has_more = hits.ids[:limit], hits.keys[:limit], len(hits.ids) > limit
    backwards = request.cursor is not None and _read_cursor(request)[0] == "b"
    if backwards and plan.order.field is not None:
        ids, keys = ids[::-1], keys[::-1]
    if plan.order.field is None:
        after: int | None = plan.offset + limit if plan.offset + limit < DEEPEST else None
        before: int | None = max(0, plan.offset - limit)
        has_next, has_previous = has_more, plan.offset > 0
    else:
        after, before = (keys[-1], keys[0]) if keys else (None, None)
        has_next = has_more or backwards
        has_previous = has_more if backwards else request.cursor is not None
    return SearchPage(
        rows=catalog.by_ids(viewer, list(ids)),
        next_cursor=_cursor("a", after, plan, request) if has_next else None,
        previous_cursor=_cursor("b", before, plan, request) if has_previous else None,
        total=hits.total,
        categories=_with_families(hits.categories),
        has_typos=plan.has_typos,
    )


def _by_title(viewer: Viewer, plan: Plan, request: SearchRequest) -> SearchPage:
    """Titles are ordered by the database, over the 2,000 most relevant hits."""
    hits = _reader().search(replace(plan, limit=BY_TITLE))
    rows = Release.objects.visible_to(viewer).listed().filter(pk__in=hits.ids)
    scope = f"search|{request.text}|{plan.category_ids}"
    page = Pager("title", scope, plan.limit - 1).cut(catalog.lines(rows), request.cursor)
    return SearchPage(
        rows=page.rows,
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
        total=hits.total,
        categories=_with_families(hits.categories),
        has_typos=plan.has_typos,
    )


def _with_families(categories: dict[int, int]) -> dict[int, int]:
    counts = dict(categories)
    for category_id, count in categories.items():
        family = category_id // 10_000 * 10_000
        if family != category_id:
            counts[family] = counts.get(family, 0) + count
    return counts


# --- cursors ----------------------------------------------------------------------------------


def _scope(request: SearchRequest) -> str:
    shelf = request.category.pk if request.category else ""
    return f"search|{request.sort}|{shelf}|{request.text}"


def _cursor(direction: str, start: int | None, plan: Plan, request: SearchRequest) -> str | None:
    if start is None:
        return None
    position = (direction, start, int(plan.has_typos))
    return paging.encode(position, scope=_scope(request), key=settings.SECRET_KEY.encode())


def _read_cursor(request: SearchRequest) -> tuple[str, int, bool]:
    found = paging.decode(
        request.cursor or "", scope=_scope(request), key=settings.SECRET_KEY.encode()
    )
    if len(found) != 3:  # noqa: PLR2004
        raise BadCursor
    return str(found[0]), int(found[1] or 0), bool(found[2])


# --- what words stand for ---------------------------------------------------------------------


def _resolved(node: AllOf) -> AllOf:
    """Replace the names of categories by their ids. Raises BadQuery for one that is not there."""
    return AllOf(tuple(map(_resolve, node.nodes)))


def _resolve(node: Node) -> Node:
    if isinstance(node, AllOf | AnyOf):
        return type(node)(tuple(map(_resolve, node.nodes)))
    if isinstance(node, Not):
        return Not(_resolve(node.node))
    if isinstance(node, Filter) and node.field == "category":
        return replace(node, value=_category_id(str(node.value)))
    return node


def _category_id(value: str) -> int:
    wanted = Category.objects.filter(is_active=True)
    if value.isascii() and value.isdigit():
        found = wanted.filter(pk=int(value)).first()
    else:
        found = wanted.filter(slug=value).first()
    if found is None:
        raise BadQuery(reason="unknown_category", field="category", value=value[:60], at=0)
    return found.alias_of_id or found.pk


def _shelves(category: Category | None) -> tuple[int, ...]:
    if category is None:
        return ()
    if not category.is_family:
        return (category.alias_of_id or category.pk,)
    children = Category.objects.filter(parent_id=category.pk).values_list("pk", flat=True)
    return (category.pk, *children)


def _words(node: Node) -> list[Word | Phrase]:
    if isinstance(node, Word | Phrase):
        return [node]
    if isinstance(node, AllOf | AnyOf):
        return [word for inner in node.nodes for word in _words(inner)]
    return []


def _has_words(node: AllOf) -> bool:
    return bool(_words(node))


def _may_have_typos(node: AllOf) -> bool:
    return any(isinstance(word, Word) for word in _words(node))


def _by_hash(viewer: Viewer, text: str) -> tuple[Release, ...]:
    match = _HASH.fullmatch(text.strip())
    if match is None:
        return ()
    digest = match[1]
    raw = b32decode(digest.upper()) if len(digest) == _BASE32 else bytes.fromhex(digest)
    found = catalog.with_info_hash(viewer, raw).listed().values_list("pk", flat=True)
    return catalog.by_ids(viewer, list(found))


# --- the reader of this process ---------------------------------------------------------------


_readers: Final[dict[Path, Reader]] = {}
_opening: Final = Lock()


def _reader() -> Reader:
    """Return the reader of the build in force, opening it when that changed."""
    for _ in range(2):
        folder = places.in_force()
        if folder is None:
            break
        found = _readers.get(folder)
        if found is not None:
            return found
        try:
            return _opened(folder)
        except (OSError, ValueError):
            continue  # replaced between the pointer and the files: look again
    raise SearchNotReady


def _opened(folder: Path) -> Reader:
    with _opening:
        reader = _readers.get(folder) or Reader(folder)
        _readers.clear()
        _readers[folder] = reader
    return reader
