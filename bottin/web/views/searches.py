"""Kept searches: saved from the page of results, named, paced, opened, forgotten."""

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bottin.accounts.permissions import Permission
from bottin.catalog import queries as catalog
from bottin.community import actions, hooks, queries
from bottin.community.actions import Wanted
from bottin.community.hooks import Made
from bottin.community.models import Pace
from bottin.lib.clock import now
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of

# Of an address, what says where one reads and not what is looked for.
_PLACES: Final = ("cursor", "sort", "lang")


@needs(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def me_searches(request: HttpRequest) -> HttpResponseBase:
    """List the member's searches; keep another one, from the form of the results."""
    if request.method == "POST":
        return _keep(request)
    return _listed(request)


def _listed(request: HttpRequest, made: Made | None = None) -> HttpResponse:
    context = {
        "here": "me",
        "me_page": "searches",
        "lines": queries.saved_searches(viewer_of(request)),
        "has_hooks": settings.BOTTIN_HOOKS_MAX > 0,
        "made": made,
        "email": request.user.email if request.user.is_authenticated else "",
    }
    return render(request, "me/searches.html", context)


@needs(Permission.OWN_ACCOUNT)
def open_search(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Go to the results, the latest first; from now on they are seen."""
    found = actions.look_at_search(pk, by=viewer_of(request), at=now())
    return redirect(f"{reverse('web:search')}?{found.parameters}&sort=newest")


@needs(Permission.OWN_ACCOUNT)
@require_POST
def change_search(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Rename it, or change when letters come; or forget it."""
    viewer = viewer_of(request)
    if "delete" in request.POST:
        actions.delete_search(pk, by=viewer)
        messages.success(request, _("The search is forgotten."))
    else:
        actions.change_search(
            pk, name=request.POST.get("name", ""), pace=request.POST.get("pace", ""), by=viewer
        )
        messages.success(request, _("Saved."))
    return redirect("web:me_searches")


@needs(Permission.OWN_ACCOUNT)
@require_POST
def search_hook(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give a kept search a webhook, whose secret is shown this once; check it, or remove it."""
    viewer = viewer_of(request)
    if "remove" in request.POST:
        hooks.remove_hook(pk, by=viewer)
        messages.success(request, _("The webhook is removed."))
    elif "check" in request.POST:
        hooks.check_hook(pk, by=viewer, at=now())
        messages.success(request, _("A check is on its way."))
    else:
        made = hooks.set_hook(pk, request.POST.get("url", ""), by=viewer, at=now())
        return _listed(request, made)
    return redirect("web:me_searches")


def _keep(request: HttpRequest) -> HttpResponseBase:
    asked = QueryDict(request.POST.get("parameters", ""), mutable=True)
    for name in _PLACES:
        asked.pop(name, None)
    text = " ".join(asked.get("q", "").split())
    slug = asked.get("category", "")
    for key in [key for key, value in asked.items() if not value]:
        del asked[key]
    category = catalog.category_by_slug(slug) if slug else None
    wanted = Wanted(
        name=request.POST.get("name", "") or text,
        text=text,
        parameters=asked.urlencode(),
        category_id=category.pk if category else None,
        pace=request.POST.get("pace", Pace.NEVER),
    )
    actions.save_search(wanted, by=viewer_of(request), at=now())
    messages.success(request, _("The search is kept: what comes from now on is new."))
    return redirect("web:me_searches")
