"""What the team recommends on the home page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bottin.accounts.permissions import Permission
from bottin.catalog import queries as catalog
from bottin.community import actions, queries
from bottin.lib.clock import now
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of
from bottin.web.views.bookmarks import read_id


@needs(Permission.MODERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def picks(request: HttpRequest) -> HttpResponseBase:
    """List the recommendations; add one, with a sentence in each language, or take one away."""
    viewer = viewer_of(request)
    if request.method == "POST":
        return _change(request)
    asked = request.GET.get("release", "")
    chosen = catalog.untagged_release_for(read_id(asked), viewer) if asked else None
    context = {
        "here": "moderation",
        "picks": queries.picks(viewer, limit=50),
        "chosen": chosen,
        "words": queries.pick_of(chosen.pk) if chosen else None,
        "length": actions.SENTENCE_LENGTH,
        "shown": queries.PICKS,
    }
    return render(request, "community/picks.html", context)


def _change(request: HttpRequest) -> HttpResponseBase:
    viewer = viewer_of(request)
    if "remove" in request.POST:
        actions.unpick_release(read_id(request.POST["remove"]), by=viewer)
        messages.success(request, _("It is no longer recommended."))
    else:
        actions.pick_release(
            read_id(request.POST.get("release", "")),
            sentence_fr=request.POST.get("sentence_fr", ""),
            sentence_en=request.POST.get("sentence_en", ""),
            by=viewer,
            at=now(),
        )
        messages.success(request, _("It stands on the home page."))
    return redirect("web:picks")
