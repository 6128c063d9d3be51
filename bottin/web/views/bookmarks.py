"""Bookmarks: one button, one list."""

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bottin.accounts.permissions import Permission
from bottin.catalog.errors import ReleaseNotFound
from bottin.community import actions, queries
from bottin.lib.clock import now
from bottin.web import lists
from bottin.web.permissions import needs
from bottin.web.preferences import way_back
from bottin.web.viewer import viewer_of

_LONGEST_ID: Final = 18


@needs(Permission.OWN_ACCOUNT)
@require_POST
def bookmark(request: HttpRequest) -> HttpResponseBase:
    """Keep the release named in `add`, or keep that in `remove` no longer; a script gets 204."""
    viewer = viewer_of(request)
    if "remove" in request.POST:
        actions.remove_bookmark(read_id(request.POST["remove"]), by=viewer)
    else:
        actions.add_bookmark(read_id(request.POST.get("add", "")), by=viewer, at=now())
    if request.headers.get("X-Quiet"):
        return HttpResponse(status=204)
    return HttpResponseRedirect(way_back(request))


@needs(Permission.OWN_ACCOUNT)
def me_bookmarks(request: HttpRequest) -> HttpResponse:
    """List what the member keeps for later, the last kept first."""
    kept = queries.bookmarks(viewer_of(request), cursor=request.GET.get("cursor"))
    context = {
        "here": "me",
        "me_page": "bookmarks",
        "kept": kept,
        "title": _("Bookmarks"),
        "columns": lists.column_heads(),
    }
    return render(request, "me/bookmarks.html", context)


def read_id(text: str) -> int:
    """Return the number of a release in a form. Raises ReleaseNotFound for anything else."""
    if not text.isdecimal() or len(text) > _LONGEST_ID:
        raise ReleaseNotFound(release_id=0)
    return int(text)
