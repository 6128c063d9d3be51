"""Ways in beside search: lists of the best, the index by kind, something by chance."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from bottin.accounts.permissions import Permission
from bottin.catalog import queries as catalog
from bottin.catalog.text import slug_of
from bottin.community import queries
from bottin.community.models import Chart, Span
from bottin.web import lists
from bottin.web.permissions import needs
from bottin.web.templatetags.words import language_name
from bottin.web.viewer import viewer_of

CHARTS: Final = (Chart.COMPLETED, Chart.SEEDERS, Chart.NEW)
_SHOWN: Final = 50


@needs(Permission.BROWSE)
def top(request: HttpRequest, chart: str = "completed", span: str = "week") -> HttpResponse:
    """List the best of a time, as the worker last worked it out."""
    if chart not in CHARTS or span not in Span.values:
        raise Http404
    places = queries.chart(viewer_of(request), Chart(chart), Span(span), limit=_SHOWN)
    context = {
        "places": places,
        "charts": CHARTS,
        "chart": Chart(chart),
        "spans": list(Span),
        "span": Span(span),
        "columns": lists.column_heads(),
        "rows": [release for _, release in places],
    }
    return render(request, "community/top.html", context)


@needs(Permission.BROWSE)
def by_chance(request: HttpRequest) -> HttpResponseBase:
    """Open some release."""
    found = queries.any_release(viewer_of(request))
    if found is None:
        return redirect("web:search")
    answer = redirect("web:release", found.pk, slug_of(found.title))
    answer["Cache-Control"] = "no-store"
    return answer


@needs(Permission.BROWSE)
def browse(request: HttpRequest) -> HttpResponse:
    """Give the index of the directory: by licence, by language, by publisher."""
    tallies = queries.tallies()
    counted = dict(tallies.get("licence", []))
    families = [
        (family, [(row, counted[row.code], _search(f"licence:{row.code}")) for row in rows])
        for family, licences in catalog.licences_by_family()
        if (rows := [row for row in licences if row.code in counted])
    ]
    languages = [
        (language_name(code), listed, _search(f"language:{code}"))
        for code, listed in tallies.get("language", [])
    ]
    publishers = [
        (name, listed, reverse("web:publisher", args=[name]))
        for name, listed in tallies.get("publisher", [])
    ]
    context = {
        "families": families,
        "languages": sorted(languages),
        "publishers": sorted(publishers, key=lambda row: row[0].casefold()),
    }
    return render(request, "community/browse.html", context)


def _search(query: str) -> str:
    return f"{reverse('web:search')}?{urlencode({'q': query})}"
