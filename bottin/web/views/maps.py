"""For programs that look a site over: its map in parts, and how browsers may search it."""

from typing import Final

from django.conf import settings
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import ANONYMOUS
from bottin.catalog import queries
from bottin.catalog.text import slug_of
from bottin.web import lists
from bottin.web.permissions import needs

# A part holds the releases of so many numbers; the format allows 50,000 addresses a file.
PART: Final = 20_000


@needs(Permission.BROWSE)
def sitemap(request: HttpRequest) -> HttpResponse:
    """Name the parts of the map."""
    last = queries.listed_of(ANONYMOUS).order_by().aggregate(last=Max("pk"))["last"]
    paths = [reverse("web:sitemap_shelves")]
    if last is not None:
        numbers = range(last // PART + 1)
        paths += [reverse("web:sitemap_part", args=[number]) for number in numbers]
    return _xml(request, "about/sitemap_index.xml", {"paths": paths})


@needs(Permission.BROWSE)
def shelves(request: HttpRequest) -> HttpResponse:
    """Map the pages that are lists."""
    names = ("home", "browse", "rescue", "top", "licences", "status")
    paths = [reverse(f"web:{name}") for name in names] + [
        reverse("web:category", args=[shelf.category.slug])
        for family in lists.shelves_of(ANONYMOUS)
        for shelf in (family, *family.shelves)
        if shelf.listed
    ]
    return _xml(request, "about/sitemap.xml", {"pages": [(path, None) for path in paths]})


@needs(Permission.BROWSE)
def releases(request: HttpRequest, part: int) -> HttpResponse:
    """Map the releases of one part, by their numbers: a part never changes its members."""
    start = part * PART
    rows = queries.listed_of(ANONYMOUS).filter(pk__gte=start, pk__lt=start + PART)
    pages = [
        (reverse("web:release", args=[pk, slug_of(title)]), edited or published)
        for pk, title, published, edited in rows.order_by("pk").values_list(
            "pk", "title", "published_at", "edited_at"
        )
    ]
    if not pages and part:
        raise Http404
    return _xml(request, "about/sitemap.xml", {"pages": pages})


@needs(Permission.SIGN_IN)
def opensearch(request: HttpRequest) -> HttpResponse:
    """Say how a browser searches here from its own field."""
    response = render(request, "about/opensearch.xml")
    response["Content-Type"] = "application/opensearchdescription+xml; charset=utf-8"
    return response


def _xml(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    given = context | {"origin": settings.BOTTIN.origin}
    return render(request, template, given, content_type="application/xml; charset=utf-8")
