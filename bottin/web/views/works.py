"""Works: found, shown with their editions, and the place of a release among them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog import gathering, queries, replacing, works
from bottin.catalog.errors import (
    BadReplacement,
    CannotMerge,
    CannotSplit,
    CannotUndo,
    InvalidWork,
    ReleaseNotFound,
    WorkNotFound,
)
from bottin.catalog.gathering import UNDOABLE, EditionFields, WorkFields
from bottin.catalog.models import Release, Work, WorkKind
from bottin.catalog.text import slug_of
from bottin.lib.clock import now
from bottin.lib.errors import DomainError
from bottin.pictures.queries import enclosed_of
from bottin.pictures.rights import Place
from bottin.web.errors import sentence_of
from bottin.web.forms.releases import whole
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of

_REFUSALS = (InvalidWork, CannotMerge, CannotSplit, CannotUndo, WorkNotFound, BadReplacement)
_KIND_OF_FAMILY = {
    110000: WorkKind.SOFTWARE,
    120000: WorkKind.VIDEO,
    130000: WorkKind.SOUND,
    140000: WorkKind.TEXT,
    150000: WorkKind.DATASET,
    160000: WorkKind.IMAGE,
    170000: WorkKind.GAME,
}


@needs(Permission.BROWSE)
def all_works(request: HttpRequest) -> HttpResponse:
    """List works, or those that a text or an identifier finds."""
    text = request.GET.get("q", "")[:200]
    context = {"asked": text, "works": works.find_works(text, viewer_of(request))}
    return render(request, "works/works.html", context)


@needs(Permission.BROWSE)
def work(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Show a work; one that was merged leads to where it went."""
    viewer = viewer_of(request)
    found = works.work_for(pk, viewer)
    stands = found.merged_into or found
    if stands.pk != pk or slug != slug_of(stands.title):
        return redirect("web:work", stands.pk, slug_of(stands.title), permanent=stands.pk == pk)
    context = _context(stands, viewer) | {
        "is_curator": viewer.may(Permission.CURATE),
        "enclosed": enclosed_of(Place(work_id=stands.pk)),
    }
    return render(request, "works/work.html", context)


@needs(Permission.BROWSE)
def work_permalink(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead the short address to the page."""
    found = works.work_for(pk, viewer_of(request))
    stands = found.merged_into or found
    return redirect("web:work", stands.pk, slug_of(stands.title))


@needs(Permission.CURATE)
def curate(request: HttpRequest, pk: int) -> HttpResponse:
    """Describe a work anew, merge it, split it, take a change back."""
    viewer = viewer_of(request)
    found = works.work_for(pk, viewer)
    if request.method != "POST":
        return _curate_page(request, found.merged_into or found, viewer)
    try:
        stands = _curated(found, request.POST, viewer)
    except _REFUSALS as refusal:
        return _curate_page(request, found, viewer, refusal)
    messages.success(request, _("Done. It can be taken back from the history of the work."))
    return redirect("web:work_curate", stands.pk)


@needs(Permission.PUBLISH)
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the work and the edition that a release is of, or what replaced it."""
    viewer = viewer_of(request)
    release = _placeable(pk, viewer)
    if request.method != "POST":
        return _place_page(request, release, viewer)
    try:
        _placed(release, request.POST, viewer)
    except _REFUSALS as refusal:
        return _place_page(request, release, viewer, refusal)
    messages.success(request, _("Done."))
    return redirect("web:release_place", pk)


@require_POST
@needs(Permission.CURATE)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one change of a work back."""
    viewer = viewer_of(request)
    number = whole(request.POST.get("change", "")) or 0
    try:
        gathering.undo_change(number, by=viewer, at=now(), reason=_reason(request.POST))
    except CannotUndo as refusal:
        messages.error(request, sentence_of(refusal))
    else:
        messages.success(request, _("Taken back."))
    return redirect("web:work_curate", pk)


def _context(found: Work, viewer: Viewer) -> dict[str, object]:
    return {
        "work": found,
        "editions": works.editions_of(found, viewer),
        "changes": works.changes_of(found),
        "undoable": UNDOABLE,
    }


def _curate_page(
    request: HttpRequest, found: Work, viewer: Viewer, refusal: DomainError | None = None
) -> HttpResponse:
    target = request.GET.get("q", "")[:200]
    others = works.find_works(target, viewer, limit=12) if target else ()
    context = _context(found, viewer) | {
        "kinds": WorkKind.choices,
        "asked": target,
        "others": [other for other in others if other.pk != found.pk],
        "sentence": sentence_of(refusal) if refusal else "",
    }
    return render(request, "works/curate.html", context, status=422 if refusal else 200)


def _curated(found: Work, typed: QueryDict, viewer: Viewer) -> Work:
    at, reason = now(), _reason(typed)
    if "merge" in typed:
        into = whole(typed.get("merge", "")) or 0
        return gathering.merge_works(found.pk, into, by=viewer, at=at, reason=reason)
    if "split" in typed:
        going = [number for one in typed.getlist("release") if (number := whole(one))]
        fields = WorkFields(typed.get("title", ""), found.kind)
        return gathering.split_work(found.pk, going, fields, by=viewer, at=at, reason=reason)
    return gathering.edit_work(found.pk, _fields(typed), by=viewer, at=at, reason=reason)


def _place_page(
    request: HttpRequest, release: Release, viewer: Viewer, refusal: DomainError | None = None
) -> HttpResponse:
    text = request.GET.get("q", "")[:200]
    found = works.find_works(text, viewer, limit=12) if text else works.likely_works(release)
    context = {
        "release": release,
        "category": release.category,
        "asked": text,
        "works": found,
        "others": works.others_of(release, viewer),
        "sentence": sentence_of(refusal) if refusal else "",
    }
    return render(request, "works/place.html", context, status=422 if refusal else 200)


def _placed(release: Release, typed: QueryDict, viewer: Viewer) -> None:
    at = now()
    if "replaced" in typed:
        replacing.set_replacement(release.pk, whole(typed.get("replaced", "")), by=viewer, at=at)
        return
    if "detach" in typed:
        gathering.detach_release(release.pk, by=viewer, at=at)
        return
    work_id = whole(typed.get("work", "")) or 0
    if "create" in typed:
        fields = WorkFields(
            title=typed.get("title", ""),
            kind=_KIND_OF_FAMILY.get(release.category.family_id, WorkKind.OTHER)
            if release.category
            else WorkKind.OTHER,
            original_title=release.original_title,
            authors=tuple(release.authors),
            year=release.year,
        )
        work_id = gathering.create_work(fields, by=viewer, at=at).pk
    edition = EditionFields(
        typed.get("label", ""), typed.get("language", release.language), typed.get("format", "")
    )
    gathering.attach_release(release.pk, work_id, edition, by=viewer, at=at)


def _placeable(pk: int, viewer: Viewer) -> Release:
    release = queries.untagged_release_for(pk, viewer)
    if release.publisher_id != viewer.user_id and not viewer.may(Permission.CURATE):
        raise ReleaseNotFound(release_id=pk)
    return release


def _fields(typed: QueryDict) -> WorkFields:
    return WorkFields(
        title=typed.get("title", ""),
        kind=typed.get("kind", ""),
        original_title=typed.get("original_title", ""),
        authors=tuple(typed.get("authors", "").splitlines()),
        year=whole(typed.get("year", "")[:5]),
        identifiers=tuple(filter(str.strip, typed.get("identifiers", "").splitlines())),
    )


def _reason(typed: QueryDict) -> str:
    return typed.get("reason", "")[:500]
