"""From a dropped `.torrent` to a listing: receive, describe, preview, hand in, withdraw."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog import markdown, queries, tags
from bottin.catalog.errors import ReleaseNotFound
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from bottin.catalog.text import slug_of, suggested_title
from bottin.lib.clock import now
from bottin.lib.errors import DomainError
from bottin.metainfo.errors import MetainfoRefusal
from bottin.uploads import actions, duplicates
from bottin.uploads.errors import (
    DuplicateRelease,
    EditConflict,
    InvalidFields,
    RefusedTorrent,
    TooManyDrafts,
    TooManyUploads,
)
from bottin.uploads.fields import ReleaseFields
from bottin.web.errors import sentence_of, status_of
from bottin.web.forms.releases import ReleaseForm
from bottin.web.permissions import needs
from bottin.web.receipts import keep_receipt, receipt_of
from bottin.web.viewer import viewer_of
from bottin.web.views.releases import shown_tree

_AT_THE_DOOR: Final = (
    MetainfoRefusal,
    DuplicateRelease,
    RefusedTorrent,
    TooManyUploads,
    TooManyDrafts,
)
_BEFORE_REVIEW: Final = frozenset({ReleaseState.DRAFT, ReleaseState.CHANGES_REQUESTED})


@needs(Permission.PUBLISH)
def publish(request: HttpRequest) -> HttpResponse:
    """Take a `.torrent` and open its form; show the drafts that wait."""
    if request.method != "POST":
        return _door(request)
    torrent = request.FILES.get("torrent")
    if torrent is None:
        return _door(request, _("Choose a .torrent file first."), status=422)
    try:
        receipt = actions.receive_torrent(torrent.read(), by=viewer_of(request), at=now())
    except _AT_THE_DOOR as refusal:
        return _door(request, sentence_of(refusal), refusal, status=status_of(refusal))
    keep_receipt(request, receipt)
    return redirect("web:publish_draft", receipt.release.pk)


@needs(Permission.PUBLISH)
def publish_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was understood and the form; save it, preview it, or hand it in."""
    viewer = viewer_of(request)
    release = _own(pk, viewer)
    if request.method != "POST":
        return _form_page(request, release, ReleaseForm(kept=_kept(release)))
    form = ReleaseForm(request.POST)
    if "preview" in request.POST or "refresh" in request.POST:
        return _form_page(request, release, form)
    try:
        return _act(request, release, form, viewer)
    except InvalidFields as refusal:
        form.refuse(refusal)
    except EditConflict as refusal:
        form.add_error(None, sentence_of(refusal))
        return _form_page(request, release, form, status=409)
    return _form_page(request, release, form, status=422)


@require_POST
@needs(Permission.PUBLISH)
def publish_preview(request: HttpRequest) -> HttpResponse:
    """Render a description as the page would show it, for htmx."""
    html = markdown.render(request.POST.get("description", ""))
    return render(request, "publish/preview.html", {"preview": html})


@require_POST
@needs(Permission.PUBLISH)
def publish_facts(request: HttpRequest) -> HttpResponse:
    """Draw the technical facts that the chosen shelf asks for, for htmx."""
    return render(request, "publish/facts.html", {"form": ReleaseForm(request.POST)})


@require_POST
@needs(Permission.PUBLISH)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a draft."""
    actions.discard_draft(pk, by=viewer_of(request))
    messages.success(request, _("The draft was deleted."))
    return redirect("web:publish")


@require_POST
@needs(Permission.PUBLISH)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own release back."""
    release = actions.withdraw_release(
        pk, by=viewer_of(request), at=now(), reason=request.POST.get("reason", "")[:500]
    )
    messages.success(request, _("The release was withdrawn; the tracker no longer answers for it."))
    return redirect("web:release", pk, slug_of(str(release)))


def _door(
    request: HttpRequest,
    sentence: str = "",
    refusal: DomainError | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    viewer = viewer_of(request)
    context = {
        "here": "publish",
        "sentence": sentence,
        "existing": refusal.context if isinstance(refusal, DuplicateRelease) else None,
        "drafts": queries.own_page(viewer, state=ReleaseState.DRAFT, limit=20).rows,
        "sent_back": queries.own_page(viewer, state=ReleaseState.CHANGES_REQUESTED, limit=20).rows,
    }
    response = render(request, "publish/door.html", context, status=status)
    if isinstance(refusal, TooManyUploads):
        response["Retry-After"] = str(refusal.context["retry_after_s"])
    return response


def _form_page(
    request: HttpRequest, release: Release, form: ReleaseForm, *, status: int = 200
) -> HttpResponse:
    viewer = viewer_of(request)
    context: dict[str, Any] = {
        "here": "publish",
        "release": release,
        "form": form,
        "is_draft": release.state == ReleaseState.DRAFT,
        "is_before_review": ReleaseState(release.state) in _BEFORE_REVIEW,
        "is_at_once": viewer.may(Permission.PUBLISH_AT_ONCE),
        "tree": shown_tree(release),
        "receipt": receipt_of(request, release.pk),
        "overlaps": duplicates.overlaps_of(release, viewer),
        "history": queries.history_of(release),
        "official_tags": list(tags.suggestions()),
        "seen_edit": _seen_edit(request) or (release.edited_at or now()).isoformat(),
    }
    if "preview" in request.POST:
        context["preview"] = markdown.render(form.typed().description)
    return render(request, "publish/draft.html", context, status=status)


def _act(request: HttpRequest, release: Release, form: ReleaseForm, viewer: Viewer) -> HttpResponse:
    typed, at = form.typed(), now()
    if ReleaseState(release.state) not in _BEFORE_REVIEW:
        release = actions.edit_release(
            release.pk, typed, by=viewer, at=at, seen_edit=_moment(_seen_edit(request))
        )
        messages.success(request, _("Your changes were saved."))
    elif "pictures" in request.POST:
        actions.save_draft(release.pk, typed, by=viewer, at=at)
        return redirect("web:release_pictures", release.pk)
    elif "save" in request.POST:
        actions.save_draft(release.pk, typed, by=viewer, at=at)
        messages.success(request, _("The draft was saved. You can come back to it from Publish."))
        return redirect("web:publish_draft", release.pk)
    else:
        release = actions.submit_release(release.pk, typed, by=viewer, at=at)
        messages.success(request, _said_of(release))
    return redirect("web:release", release.pk, slug_of(str(release)))


def _kept(release: Release) -> ReleaseFields:
    """Return what the form begins with: a draft without a title has that of its torrent."""
    fields = ReleaseFields.of(release)
    if fields.title:
        return fields
    return replace(fields, title=suggested_title(release.name, is_file=release.file_count == 1))


def _seen_edit(request: HttpRequest) -> str:
    return request.POST.get("seen_edit", "")[:40]


def _moment(text: str) -> datetime | None:
    """Read what the form wrote; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _said_of(release: Release) -> str:
    if release.is_published:
        return _("Published. Download your .torrent and start seeding: people can find it now.")
    return _("Handed in. The team looks at it next; download your .torrent and get ready to seed.")


def _own(pk: int, viewer: Viewer) -> Release:
    release = queries.release_for(pk, viewer)
    if release.publisher_id != viewer.user_id:
        raise ReleaseNotFound(release_id=pk)
    return release
