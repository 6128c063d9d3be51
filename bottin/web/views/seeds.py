"""The web seeds of a release: given, dropped, and what was found."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from bottin.accounts.permissions import Permission
from bottin.catalog import queries, web_seeds
from bottin.catalog.errors import ReleaseNotFound, WebSeedRefused
from bottin.lib.clock import now
from bottin.web.errors import sentence_of
from bottin.web.forms.releases import whole
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of


@needs(Permission.PUBLISH)
def seeds(request: HttpRequest, pk: int) -> HttpResponse:
    """Add or drop an address that holds the content."""
    viewer = viewer_of(request)
    release = queries.untagged_release_for(pk, viewer)
    if release.publisher_id != viewer.user_id and not viewer.may(Permission.CURATE):
        raise ReleaseNotFound(release_id=pk)
    sentence, typed = "", ""
    if request.method == "POST":
        typed = request.POST.get("url", "")[:1000]
        try:
            if "drop" in request.POST:
                web_seeds.remove_seed(pk, whole(request.POST["drop"]) or 0, by=viewer)
            else:
                web_seeds.add_seed(pk, typed, by=viewer, at=now())
        except WebSeedRefused as refusal:
            sentence = sentence_of(refusal)
        else:
            messages.success(request, _("Done."))
            return redirect("web:release_seeds", pk)
    context = {
        "release": release,
        "category": release.category,
        "seeds": web_seeds.seeds_of(release),
        "hosts": settings.BOTTIN_WEB_SEED_HOSTS,
        "is_checked": settings.BOTTIN_WEB_SEED_CHECKS,
        "sentence": sentence,
        "typed": typed,
    }
    return render(request, "release/seeds.html", context, status=422 if sentence else 200)
