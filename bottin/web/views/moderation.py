"""The moderation queue: the next item with its evidence, decisions by button or key."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog import queries as catalog
from bottin.catalog.errors import ImpossibleChange, ReasonRequired, StaleDecision
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from bottin.lib.clock import now
from bottin.lib.errors import DomainError
from bottin.moderation import actions, queries
from bottin.moderation.errors import NotInQueue, ReasonTextNeeded, UnknownReason
from bottin.web import decisions
from bottin.web.errors import sentence_of, status_of
from bottin.web.permissions import needs
from bottin.web.receipts import caution_sentence
from bottin.web.viewer import viewer_of

_SHOWN_AGAIN: Final = (
    StaleDecision,
    ImpossibleChange,
    NotInQueue,
    ReasonRequired,
    ReasonTextNeeded,
    UnknownReason,
)
_TREE_FILES: Final = 500


@needs(Permission.MODERATE)
def queue(request: HttpRequest) -> HttpResponse:
    """Show the queue and open what waits longest."""
    viewer = viewer_of(request)
    page = queries.queue(viewer, at=now(), cursor=request.GET.get("cursor"))
    chosen = page.rows[0].release if page.rows else None
    return _page(request, page, chosen)


@needs(Permission.MODERATE)
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one release with its evidence; take a decision on POST and go to the next."""
    viewer = viewer_of(request)
    release = catalog.untagged_release_for(pk, viewer)
    if request.method != "POST":
        return _page(request, queries.queue(viewer, at=now()), release)
    try:
        return _decide(request, release, viewer)
    except _SHOWN_AGAIN as refusal:
        release = catalog.untagged_release_for(pk, viewer)
        return _page(request, queries.queue(viewer, at=now()), release, refusal)


@require_POST
@needs(Permission.MODERATE)
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Let go of an item without deciding: others are no longer told that it is being looked at."""
    actions.close_review(pk, by=viewer_of(request))
    return redirect("web:moderation")


def _decide(request: HttpRequest, release: Release, viewer: Viewer) -> HttpResponse:
    kind = decisions.BY_NAME.get(request.POST.get("decision", ""))
    if kind is None:
        return redirect("web:moderation_release", release.pk)
    was_waiting = release.state == ReleaseState.PENDING
    following = queries.next_waiting(viewer, release) if was_waiting else None
    seen = request.POST.get("seen_change_id", "")
    decided = decisions.decide(
        kind,
        release.pk,
        by=viewer,
        at=now(),
        reason=request.POST.get("reason", "")[:2000],
        reason_code=request.POST.get("reason_code", ""),
        seen_change_id=int(seen) if seen.isdecimal() else None,
    )
    messages.success(
        request,
        _("“%(title)s”: %(state)s.")
        % {"title": decided, "state": decided.get_state_display().lower()},
    )
    if following is not None:
        return redirect("web:moderation_release", following.pk)
    if was_waiting:
        return redirect("web:moderation")
    return redirect("web:moderation_release", release.pk)


def _page(
    request: HttpRequest,
    page: queries.QueuePage,
    release: Release | None,
    refusal: DomainError | None = None,
) -> HttpResponse:
    viewer = viewer_of(request)
    context: dict[str, Any] = {
        "here": "moderation",
        "moderation_page": "queue",
        "page": page,
        "release": release,
        "is_chosen": release is not None,
    }
    if release is not None:
        context |= _evidence(release, viewer, page)
    if refusal is not None:
        context |= {"refusal": sentence_of(refusal), "typed": request.POST}
    status = 200 if refusal is None else status_of(refusal)
    return render(request, "moderation/queue.html", context, status=status)


def _evidence(release: Release, viewer: Viewer, page: queries.QueuePage) -> dict[str, Any]:
    at = now()
    if release.state == ReleaseState.PENDING:
        actions.open_review(release.pk, by=viewer, at=at)
    evidence = queries.evidence(release, viewer, at=at)
    waiting = [row.release.pk for row in page.rows]
    place = waiting.index(release.pk) if release.pk in waiting else None
    return {
        "evidence": evidence,
        "states": [(str(state), number) for state, number in evidence.publisher.by_state.items()],
        "tree": evidence.files if release.file_count <= _TREE_FILES else None,
        "cautions": [
            caution_sentence(caution.code, caution.subject) for caution in evidence.cautions
        ],
        "choices": decisions.choices_for(release, viewer),
        "previous_pk": waiting[place - 1] if place else None,
        "next_pk": _after(waiting, place),
    }


def _after(waiting: list[int], place: int | None) -> int | None:
    if place is None:
        return waiting[0] if waiting else None
    return waiting[place + 1] if place + 1 < len(waiting) else None
