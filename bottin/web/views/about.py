"""What the site says of itself: licences, contact, status; rules and a map for robots."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from bottin.accounts.permissions import Permission
from bottin.catalog import queries
from bottin.catalog.models import Licence
from bottin.lib.clock import now
from bottin.tracker.models import TrackerNode
from bottin.web import lists, swarm_plots
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of

_ALIVE_WITHIN: Final = timedelta(minutes=1)
_HIDDEN_PATHS: Final = (
    *("/search", "/me", "/account/", "/publish", "/moderation", "/design", "/api/"),
    *("/permissions", "/mailbox", "/random", "/layout", "/bookmarks", "/rescue/plan"),
)


@needs(Permission.BROWSE)
def licences(request: HttpRequest) -> HttpResponse:
    """List the licences and grounds, with what each allows."""
    families = [(family, _by_meaning(rows)) for family, rows in queries.licences_by_family()]
    return render(request, "about/licences.html", {"families": families})


def _by_meaning(licences: Iterable[Licence]) -> list[tuple[str, bool, list[Licence]]]:
    """Gather licences that let one do the same, in the order of the first of each."""
    groups: dict[tuple[str, bool], list[Licence]] = {}
    for licence in licences:
        groups.setdefault((licence.summary, licence.needs_statement), []).append(licence)
    return [(summary, is_needed, rows) for (summary, is_needed), rows in groups.items()]


@needs(Permission.SIGN_IN)
def contact(request: HttpRequest) -> HttpResponse:
    """Say who runs the site and how to reach them."""
    return render(request, "about/contact.html", {"email": settings.BOTTIN.contact_email})


@needs(Permission.SIGN_IN)
def status(request: HttpRequest) -> HttpResponse:
    """Say whether the tracker is alive, and the true figures of the moment."""
    at = now()
    nodes = list(TrackerNode.objects.order_by("name"))
    alive = [node for node in nodes if at - node.seen_at <= _ALIVE_WITHIN]
    context = {
        "plots": swarm_plots.site_plots(at),
        "figures": lists.figures_of(viewer_of(request)),
        "nodes": nodes,
        "alive": alive,
        "checked_at": at,
    }
    return render(request, "about/status.html", context)


@needs(Permission.SIGN_IN)
def robots(request: HttpRequest) -> HttpResponse:
    """Keep robots out of personal and search pages; a private site keeps them out of all."""
    del request
    hidden = ("/",) if settings.BOTTIN.access == "private" else _HIDDEN_PATHS
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in hidden)]
    lines.append(f"Sitemap: {settings.BOTTIN.origin}{reverse('web:sitemap')}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
