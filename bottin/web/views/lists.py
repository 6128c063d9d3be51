"""Lists: everything or a search, a category, a publisher."""

from time import perf_counter
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bottin.accounts.permissions import Permission
from bottin.accounts.queries import account_named
from bottin.catalog import queries
from bottin.catalog.models import Category
from bottin.web import lists
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of
from bottin.web.views import results

_QUERY_LENGTH: Final = 400


@needs(Permission.BROWSE)
def search(request: HttpRequest) -> HttpResponse:
    """Answer a query, or list everything when there is none."""
    text = " ".join(request.GET.get("q", "")[:_QUERY_LENGTH].split())
    slug = request.GET.get("category", "")
    category = queries.category_by_slug(slug) if slug else None
    if text or results.is_narrowed(request):
        return results.results(request, text, category)
    if category is not None:
        return redirect("web:category", category.slug)
    return _list(request, None, {"is_everything": True})


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
        "filters": results.facets_of(request, category),
    }
    return render(request, "lists/list.html", context | more)
