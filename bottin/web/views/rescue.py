"""What needs seeds: the ranked list, a plan that fits a disk, the promises and their keeping."""

from decimal import Decimal, InvalidOperation
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bottin.accounts.permissions import Permission
from bottin.catalog import queries as catalog
from bottin.community import keepers, pledges, queries
from bottin.community.rules import LAPSE
from bottin.lib.clock import now
from bottin.web import formats, lists
from bottin.web.permissions import needs
from bottin.web.templatetags.words import gigabytes
from bottin.web.viewer import viewer_of
from bottin.web.views.bookmarks import read_id

_GB: Final = 1_000_000_000
_LONGEST: Final = 12


@needs(Permission.BROWSE)
def rescue(request: HttpRequest) -> HttpResponse:
    """Rank what needs seeds; on a shelf, or where somebody or nobody seeds, when asked."""
    viewer = viewer_of(request)
    slug = request.GET.get("category", "")
    category = catalog.category_by_slug(slug) if slug else None
    sort, held = request.GET.get("sort", "score"), request.GET.get("held", "")
    number = request.GET.get("page", "")
    page = queries.needs_page(
        viewer,
        sort=sort,
        category=category,
        held=held,
        number=int(number) if number.isdecimal() and len(number) < _LONGEST else 1,
    )
    context = {
        "here": "rescue",
        "page": page,
        "sort": sort,
        "sorts": lists.need_links(request, sort),
        "held": held if held in queries.HELD else "",
        "shelf": category,
        "shelves": lists.shelves_of(viewer),
        "offered": queries.offer_of(viewer.user_id) if viewer.user_id else None,
    }
    return render(request, "community/rescue.html", context)


@needs(Permission.OWN_ACCOUNT)
def rescue_plan(request: HttpRequest) -> HttpResponse:
    """Show what fits the disk that the member gives, before anything is promised."""
    viewer = viewer_of(request)
    asked = request.GET.get("gigabytes", "")
    room = read_gigabytes(asked) if asked else None
    plan = queries.plan_for(viewer, room)
    context = {
        "here": "rescue",
        "plan": plan,
        "columns": lists.need_heads(),
        "gigabytes": gigabytes(plan.offered_bytes),
    }
    return render(request, "community/plan.html", context)


@needs(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def me_pledges(request: HttpRequest) -> HttpResponseBase:
    """Show the member's promises and who keeps them; take new ones, end one, change the space."""
    if request.method == "POST":
        return _change(request)
    viewer = viewer_of(request)
    offered = queries.offer_of(viewer.user_id or 0)
    promises = queries.promises(viewer)
    taken = sum(promise.release.size_bytes for promise in promises)
    context = {
        "here": "me",
        "me_page": "pledges",
        "promises": promises,
        "seeding": sum(promise.state == "seeding" for promise in promises),
        "taken": taken,
        "offered": offered,
        "gigabytes": gigabytes(offered or 0),
        "lost": queries.lost_keepers(viewer),
        "lapse_days": LAPSE.days,
        "pace": keepers.pace_of(viewer.user_id or 0),
    }
    return render(request, "me/pledges.html", context)


def _change(request: HttpRequest) -> HttpResponseBase:
    viewer, at = viewer_of(request), now()
    if "seen" in request.POST:
        pledges.see_lost_keepers(by=viewer, at=at)
    elif "pace" in request.POST:
        keepers.set_pace(request.POST["pace"], by=viewer)
        messages.success(request, _("Saved."))
    elif "end" in request.POST:
        told = pledges.release_pledge(read_id(request.POST["end"]), by=viewer, at=at)
        words = ngettext(
            "The pledge is released; %(n)s other keeper is told.",
            "The pledge is released; %(n)s other keepers are told.",
            told,
        )
        messages.success(request, words % {"n": formats.count(told)})
    elif "release" in request.POST:
        if request.POST.get("gigabytes"):
            room = read_gigabytes(request.POST["gigabytes"])
            pledges.offer_space(room, by=viewer, at=at)
        ids = [read_id(text) for text in request.POST.getlist("release")]
        made = pledges.make_pledges(ids, by=viewer, at=at)
        words = ngettext("%(n)s release is pledged.", "%(n)s releases are pledged.", made)
        messages.success(request, words % {"n": formats.count(made)})
    else:
        pledges.offer_space(read_gigabytes(request.POST.get("gigabytes", "")), by=viewer, at=at)
        messages.success(request, _("Saved."))
    return redirect("web:me_pledges")


def read_gigabytes(text: str) -> int:
    """Return the bytes of a number of gigabytes; what is no number is 0, which is refused."""
    try:
        number = Decimal(text.strip()[:_LONGEST].replace(",", "."))
    except InvalidOperation:
        return 0
    return int(number * _GB) if number.is_finite() else 0
