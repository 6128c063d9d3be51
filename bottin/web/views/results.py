"""A search: what was found, what narrows it, what was understood."""

import re
from collections.abc import Mapping
from time import perf_counter
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bottin.accounts import throttle
from bottin.accounts.viewer import Viewer
from bottin.catalog.models import Category
from bottin.catalog.text import slug_of
from bottin.community import queries as community
from bottin.lib.errors import DomainError
from bottin.search import queries as search
from bottin.search.errors import BadQuery
from bottin.search.queries import SearchPage
from bottin.search.requests import FacetCount, SearchRequest
from bottin.web import facets, lists
from bottin.web.errors import sentence_of, status_of
from bottin.web.signed_in import origin_of
from bottin.web.viewer import viewer_of

_IS_HASH: Final = re.compile(r"magnet:\?.*|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|[A-Za-z2-7]{32}")


def is_narrowed(request: HttpRequest) -> bool:
    """Whether an address chooses something besides a category."""
    return bool(facets.chosen_in(request) or request.GET.get("mine"))


def results(request: HttpRequest, text: str, category: Category | None) -> HttpResponse:
    """Answer a query, with its facets; a query that is not understood is explained."""
    viewer = viewer_of(request)
    bucket = throttle.by_address("search", origin_of(request).address)
    throttle.require(bucket, settings.BOTTIN_THROTTLE_SEARCH)
    asked = _asked(request, viewer, text, category)
    context: dict[str, object] = {"category": category, "query": text, "sort": asked.sort}
    start = perf_counter()
    try:
        found = search.search(viewer, asked)
    except BadQuery as refusal:
        context |= _explained(refusal, text)
        return render(request, "lists/results.html", context, status=status_of(refusal))
    if len(found.rows) == 1 and _IS_HASH.fullmatch(text):
        return redirect("web:release", found.rows[0].pk, slug_of(found.rows[0].title))
    context |= {"took_ms": round((perf_counter() - start) * 1000)}
    context |= _shown(request, viewer, found, category)
    return render(request, "lists/results.html", context)


def facets_of(request: HttpRequest, category: Category | None) -> list[facets.Facet]:
    """Return what narrows a list that is not a search; nothing while there is no index."""
    viewer = viewer_of(request)
    counts = search.facets_of(viewer, category)
    return _groups(request, viewer, counts, category.slug if category else "") if counts else []


def _asked(
    request: HttpRequest, viewer: Viewer, text: str, category: Category | None
) -> SearchRequest:
    mine = request.GET.get("mine", "")
    among = None
    if mine == facets.BOOKMARKED:
        mine, among = "", community.bookmarked_ids(viewer.user_id or 0)
    return SearchRequest(
        text=text,
        category=category,
        filters=facets.chosen_in(request),
        mine=mine,
        among=among,
        sort=request.GET.get("sort", "relevance"),
        cursor=request.GET.get("cursor"),
        with_facets=True,
    )


def _shown(
    request: HttpRequest, viewer: Viewer, found: SearchPage, category: Category | None
) -> dict[str, object]:
    shelves = lists.shelves_of(viewer)
    return {
        "page": found,
        "sorts": lists.sort_links(request, request.GET.get("sort", "relevance")),
        "facets": lists.result_facets(request, shelves, found.categories, category),
        "filters": _groups(request, viewer, found.facets),
        "suggestion_url": lists.address(request, q=found.suggestion, cursor=None),
        "is_narrowed": is_narrowed(request),
    }


def _groups(
    request: HttpRequest,
    viewer: Viewer,
    counts: Mapping[str, tuple[FacetCount, ...]],
    category_slug: str = "",
) -> list[facets.Facet]:
    return facets.groups(
        request, counts, category_slug=category_slug, is_signed_in=viewer.is_signed_in
    )


def _explained(refusal: DomainError, text: str) -> dict[str, object]:
    """Return the sentence, and the query cut where the fault is."""
    at = min(int(str(refusal.context.get("at", 0))), len(text))
    fault = re.match(r'"[^"]*"?|[^\s()]+', text[at:])
    end = at + (len(fault[0]) if fault else 1)
    return {
        "refusal": sentence_of(refusal),
        "before": text[:at],
        "fault": text[at:end],
        "after": text[end:],
        "understood": refusal.context.get("understood", ""),
    }
