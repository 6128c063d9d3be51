"""Lists: everything or a search, a category, a publisher."""

import re
from time import perf_counter
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bottin.accounts import throttle
from bottin.accounts.permissions import Permission
from bottin.accounts.queries import account_named
from bottin.catalog import queries
from bottin.catalog.models import Category
from bottin.catalog.text import slug_of
from bottin.search import queries as search_queries
from bottin.search.errors import BadQuery, SearchNotReady
from bottin.search.queries import SearchRequest
from bottin.web import lists
from bottin.web.errors import sentence_of, status_of
from bottin.web.permissions import needs
from bottin.web.signed_in import origin_of
from bottin.web.viewer import viewer_of

_QUERY_LENGTH: Final = 400
_IS_HASH: Final = re.compile(r"magnet:\?.*|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|[A-Za-z2-7]{32}")


@needs(Permission.BROWSE)
def search(request: HttpRequest) -> HttpResponse:
    """Answer a query, or list everything when there is none."""
    text = " ".join(request.GET.get("q", "")[:_QUERY_LENGTH].split())
    slug = request.GET.get("category", "")
    category = queries.category_by_slug(slug) if slug else None
    if not text:
        if category is not None:
            return redirect("web:category", category.slug)
        return _list(request, None, {"is_everything": True})
    return _results(request, text, category)


@needs(Permission.BROWSE)
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """List a family or one of its shelves."""
    found = queries.category_by_slug(slug)
    if found.slug != slug:
        return redirect("web:category", found.slug, permanent=True)
    family = found.parent_id or found.pk
    shelves = next(
        (s.shelves for s in lists.shelves_of(viewer_of(request)) if s.category.pk == family), ()
    )
    return _list(request, found, {"facets": lists.shelf_facets(shelves, found)})


@needs(Permission.BROWSE)
def publisher(request: HttpRequest, name: str) -> HttpResponse:
    """List what one account published."""
    account = account_named(name)
    if account.name != name:
        return redirect("web:publisher", account.name, permanent=True)
    sort = request.GET.get("sort", "newest")
    page = queries.list_page(
        viewer_of(request), publisher=account, sort=sort, cursor=request.GET.get("cursor")
    )
    context = {"publisher": account, "page": page, "sorts": lists.sort_links(request, sort)}
    return render(request, "lists/publisher.html", context)


def _list(request: HttpRequest, category: Category | None, more: dict[str, object]) -> HttpResponse:
    sort = request.GET.get("sort", "newest")
    start = perf_counter()
    page = queries.list_page(
        viewer_of(request), category=category, sort=sort, cursor=request.GET.get("cursor")
    )
    context = {
        "category": category,
        "page": page,
        "took_ms": round((perf_counter() - start) * 1000),
        "sort": sort,
        "sorts": lists.sort_links(request, sort),
    }
    return render(request, "lists/list.html", context | more)


def _results(request: HttpRequest, text: str, category: Category | None) -> HttpResponse:
    viewer = viewer_of(request)
    bucket = throttle.by_address("search", origin_of(request).address)
    throttle.require(bucket, settings.BOTTIN_THROTTLE_SEARCH)
    sort = request.GET.get("sort", "relevance")
    asked = SearchRequest(text, category, sort=sort, cursor=request.GET.get("cursor"))
    context: dict[str, object] = {"category": category, "query": text, "sort": sort}
    start = perf_counter()
    try:
        found = search_queries.search(viewer, asked)
    except (BadQuery, SearchNotReady) as refusal:
        context |= {"refusal": sentence_of(refusal)}
        return render(request, "lists/results.html", context, status=status_of(refusal))
    if len(found.rows) == 1 and _IS_HASH.fullmatch(text):
        return redirect("web:release", found.rows[0].pk, slug_of(found.rows[0].title))
    context |= {
        "page": found,
        "took_ms": round((perf_counter() - start) * 1000),
        "sorts": lists.sort_links(request, sort),
        "facets": lists.result_facets(
            request, lists.shelves_of(viewer), found.categories, category
        ),
    }
    return render(request, "lists/results.html", context)
