"""Beside the search: suggestions while one types, how to search, the team's synonyms."""

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bottin.accounts import throttle
from bottin.accounts.permissions import Permission
from bottin.catalog.text import slug_of
from bottin.lib import clock
from bottin.search import actions
from bottin.search.errors import BadSynonyms
from bottin.search.models import SynonymGroup
from bottin.search.suggestions import LENGTH_MAX, Suggestion, suggest
from bottin.web.errors import sentence_of
from bottin.web.permissions import needs
from bottin.web.signed_in import origin_of
from bottin.web.viewer import viewer_of

_KEPT_S: Final = 30


@require_safe
@needs(Permission.BROWSE)
def suggestions(request: HttpRequest) -> HttpResponse:
    """Answer what begins like `q`, as JSON: `text`, `kind`, `url`, `count`."""
    bucket = throttle.by_address("suggest", origin_of(request).address)
    throttle.require(bucket, settings.BOTTIN_THROTTLE_SUGGEST)
    found = suggest(viewer_of(request), request.GET.get("q", "")[: LENGTH_MAX + 1])
    response = JsonResponse({"suggestions": [_written(one) for one in found]})
    response["Cache-Control"] = f"private, max-age={_KEPT_S}"
    return response


@require_safe
@needs(Permission.BROWSE)
def search_help(request: HttpRequest) -> HttpResponse:
    """Explain the language of queries by examples that are links."""
    return render(request, "lists/search_help.html", {"examples": _examples()})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.EDIT_SYNONYMS)
def synonyms(request: HttpRequest) -> HttpResponse:
    """List the groups of words that find each other, and keep another one."""
    typed, refusal = "", ""
    if request.method == "POST":
        typed = request.POST.get("words", "")
        try:
            actions.add_synonyms(typed, by=viewer_of(request), at=clock.now())
        except BadSynonyms as error:
            refusal = sentence_of(error)
        else:
            messages.success(request, _("These words find each other now."))
            return redirect("web:synonyms")
    context = {
        "here": "moderation",
        "moderation_page": "synonyms",
        "groups": SynonymGroup.objects.order_by("-pk"),
        "typed": typed,
        "refusal": refusal,
    }
    return render(request, "moderation/synonyms.html", context, status=422 if refusal else 200)


@require_POST
@needs(Permission.EDIT_SYNONYMS)
def remove_synonyms(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a group away."""
    actions.remove_synonyms(pk, by=viewer_of(request))
    messages.success(request, _("The group was removed."))
    return redirect("web:synonyms")


def _written(one: Suggestion) -> dict[str, object]:
    return {"text": one.text, "kind": one.kind, "url": _address(one), "count": one.count}


def _address(one: Suggestion) -> str:
    if one.release_id is not None:
        return reverse("web:release", args=[one.release_id, slug_of(one.text)])
    if one.kind == "category":
        return reverse("web:category", args=[one.slug])
    return f"{reverse('web:search')}?tag={one.slug}"


def _examples() -> list[tuple[str, str]]:
    return [
        (
            "debian linux",
            _("both words, in any order; the last may be the beginning of one"),
        ),
        ('"victor hugo"', _("these words side by side, in this order")),
        ("chat -chien", _("the first word, without the second")),
        ("film or video", _("one word or the other")),
        ("(film or video) carte", _("brackets group")),
        ("biblio*", _("words that begin so")),
        ("title:debian", _("in the title only; also author:, file:, tag:, by:")),
        ("size:>1G", _("larger than a gigabyte; also year:, seeders:, leechers:, completed:")),
        ("year:1900..1950", _("from one year to another, both included; one end may be left out")),
        ("added:<30d", _("added less than thirty days ago; also 12h, 2w, 6mo, 1y, 2026-05")),
        ("seeders:>0", _("somebody seeds it")),
        ("licence:cc-by", _("this licence and its variants; also family:public_domain")),
        ("language:fr", _("in this language")),
        ("status:alive", _("three seeders or more; also fragile, dying, dormant")),
        ("webseed:yes open:yes", _("with a web server that answers, open to all")),
        ("isbn:9782070409228", _("by identifier; also doi:, issn:, ark:, wikidata:, swh:")),
    ]
