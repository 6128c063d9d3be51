"""Tags: all of them, votes on those of a release, and how the team keeps them in order."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bottin.accounts.permissions import Permission
from bottin.catalog import queries, tagging
from bottin.catalog import tags as domain
from bottin.catalog.errors import BadAlias, TagNotFound
from bottin.catalog.text import slug_of
from bottin.lib.clock import now
from bottin.web.errors import sentence_of
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of


@needs(Permission.BROWSE)
def tags(request: HttpRequest) -> HttpResponse:
    """List tags, or those that begin so."""
    text = request.GET.get("q", "")[:40]
    may_curate = viewer_of(request).may(Permission.CURATE)
    context = {"asked": text, "tags": domain.listed_tags(text), "may_curate": may_curate}
    return render(request, "tags/tags.html", context)


@needs(Permission.BROWSE)
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead to the releases of a tag; an alias leads to those of what it stands for."""
    del request
    found = domain.tag_by_slug(slug)
    return redirect(f"{reverse('web:search')}?{urlencode({'q': f'tag:{found.slug}'})}")


@require_POST
@needs(Permission.VOTE)
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a tag fits a release, does not, or take that back."""
    viewer = viewer_of(request)
    release = queries.untagged_release_for(pk, viewer)
    said = {"up": 1, "down": -1}.get(request.POST.get("vote", ""), 0)
    tagging.vote(pk, request.POST.get("tag", "")[:40], said, by=viewer, at=now())
    return redirect(reverse("web:release", args=[pk, slug_of(str(release))]) + "#tags")


@needs(Permission.CURATE)
def moderation_tags(request: HttpRequest) -> HttpResponse:
    """Approve tags, make one stand for another, free an alias."""
    text = request.GET.get("q", "")[:40]
    sentence = ""
    if request.method == "POST":
        try:
            _kept_in_order(request)
        except (TagNotFound, BadAlias) as refusal:
            sentence = sentence_of(refusal)
        else:
            messages.success(request, _("Done."))
            return redirect(request.get_full_path())
    context = {
        "asked": text,
        "tags": domain.listed_tags(text, limit=50),
        "aliases": domain.aliases(),
        "sentence": sentence,
        "here": "moderation",
    }
    return render(request, "tags/moderation.html", context, status=422 if sentence else 200)


def _kept_in_order(request: HttpRequest) -> None:
    viewer, typed = viewer_of(request), request.POST
    slug = typed.get("tag", "")[:80]
    if "alias" in typed:
        stands_for, reason = typed["alias"][:80], typed.get("reason", "")[:500]
        tagging.set_alias(slug, stands_for, by=viewer, at=now(), reason=reason)
    elif "free" in typed:
        tagging.free_alias(slug, by=viewer)
    else:
        tagging.approve_tag(slug, is_official="approve" in typed, by=viewer)
