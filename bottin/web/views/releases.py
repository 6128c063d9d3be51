"""The page of a release, its file list, its `.torrent`, its tombstone."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog import (
    availability,
    citations,
    downloads,
    facts,
    queries,
    states,
    tags,
    web_seeds,
    works,
)
from bottin.catalog.errors import AccountNeeded
from bottin.catalog.models import Release, StateChange, StoredMetainfo
from bottin.catalog.states import ReleaseState
from bottin.catalog.text import slug_of
from bottin.ledger import queries as ledger
from bottin.lib.clock import now
from bottin.metainfo.tree import Folder
from bottin.pictures import queries as pictures
from bottin.web.linked_data import linked_data
from bottin.web.permissions import needs, to_sign_in
from bottin.web.swarm_plots import SPANS, release_plot
from bottin.web.viewer import account_of, viewer_of

# Above this the page shows the largest folders closed and links to the plain list.
TREE_FILES: Final = 1_000
_OWNERS_STATES: Final = frozenset(
    {
        ReleaseState.DRAFT,
        ReleaseState.CHANGES_REQUESTED,
        ReleaseState.PENDING,
        ReleaseState.PUBLISHED,
    }
)


@dataclass(frozen=True, slots=True)
class Rights:
    """What the viewer may do with the release; the domain decides again when they do it."""

    is_own: bool
    may_download: bool
    may_edit: bool
    may_withdraw: bool
    may_moderate: bool
    may_place: bool = False
    may_vote: bool = False

    @classmethod
    def of(cls, release: Release, viewer: Viewer) -> "Rights":
        """Work them out."""
        state = ReleaseState(release.state)
        is_own = viewer.is_signed_in and release.publisher_id == viewer.user_id
        return cls(
            is_own=is_own,
            may_download=downloads.may_download(release, viewer),
            may_edit=is_own and state in _OWNERS_STATES,
            may_withdraw=is_own and states.may_change(state, ReleaseState.WITHDRAWN),
            may_moderate=viewer.is_moderator,
            may_place=(is_own and state in _OWNERS_STATES) or viewer.may(Permission.CURATE),
            may_vote=viewer.may(Permission.VOTE) and state is ReleaseState.PUBLISHED,
        )


@needs(Permission.BROWSE)
def release(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Show a release; a wrong slug leads to the right one."""
    viewer = viewer_of(request)
    found = queries.untagged_release_for(pk, viewer)
    if slug != slug_of(str(found)):
        return redirect("web:release", pk, slug_of(str(found)), permanent=True)
    rights = Rights.of(found, viewer)
    span = request.GET.get("span", "month")
    stored = queries.content_of(
        found, with_files=found.file_count <= TREE_FILES, beside=pictures.beside("release_id")
    )
    context = _context(found, rights, stored) | _beside(found, viewer, stored)
    if found.is_published:
        context["swarm_plot"] = release_plot(found, span)
        context["copies"] = availability.of(found, at=now())
        context |= {"spans": list(SPANS), "span": span if span in SPANS else "month"}
    return render(request, "release/release.html", context)


@needs(Permission.BROWSE)
def cite(request: HttpRequest, pk: int, written: str) -> HttpResponse:
    """Give the citation of a release as a file."""
    found = queries.untagged_release_for(pk, viewer_of(request))
    citation = citations.cite(found, written)
    response = HttpResponse(citation.text, content_type=f"{citation.media_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{citation.name}"'
    return response


@needs(Permission.BROWSE)
def permalink(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead the short address, the one in `.torrent` files, to the page."""
    found = queries.release_for(pk, viewer_of(request))
    return redirect("web:release", pk, slug_of(str(found)))


@needs(Permission.BROWSE)
def release_files(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the file list as text: bytes, a tab, the path."""
    found = queries.bare_release_for(pk, viewer_of(request))
    lines = (f"{file.size_bytes}\t{file.display_path}\n" for file in queries.files_of(found))
    return HttpResponse("".join(lines), content_type="text/plain; charset=utf-8")


@needs(Permission.DOWNLOAD_OPEN)
def release_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand over the viewer's own `.torrent`; a stranger is asked to sign in for members' ones."""
    viewer = viewer_of(request)
    found = queries.fetched_release_for(pk, viewer)
    try:
        torrent = downloads.personal_torrent(found, viewer=viewer, account=account_of(request))
    except AccountNeeded:
        return to_sign_in(request)
    response = HttpResponse(torrent.content, content_type="application/x-bittorrent")
    response["Content-Disposition"] = f'attachment; filename="{torrent.name}"'
    # It may hold a key: no cache keeps it.
    response["Cache-Control"] = "private, no-store"
    return response


def _context(found: Release, rights: Rights, stored: StoredMetainfo) -> dict[str, object]:
    return {
        "release": found,
        "category": found.category,
        "rights": rights,
        "tree": queries.tree_in(found, stored) if found.file_count <= TREE_FILES else None,
        "tree_is_open": found.file_count <= 20,  # noqa: PLR2004 - fits a screen
        "magnets": downloads.magnets_of(found, stored),
        "history": history_for(found, rights),
        "people": ledger.history_of(found.pk),
        "canonical": downloads.page_url(found),
    }


def _beside(found: Release, viewer: Viewer, stored: StoredMetainfo) -> dict[str, object]:
    """Return what stands beside the torrent: facts, votes, other versions, web seeds, citations."""
    scores = tags.scores_of(found, viewer)
    shown = [one.tag.slug for one in scores if one.is_shown]
    enclosed = pictures.enclosed_in(stored)
    return {
        "said": facts.said_of(found.facts),
        "tags": scores,
        "others": works.others_of(found, viewer),
        "seeds": web_seeds.seeds_of(found, stored),
        "citations": [(end, label) for end, (_w, _m, label) in citations.FORMATS.items()],
        "enclosed": enclosed,
        "linked_data": linked_data(found, shown, _image(enclosed)) if found.is_published else "",
    }


def _image(enclosed: pictures.Enclosed) -> str:
    """Return the address of the cover for programs, "" when there is none."""
    if enclosed.cover is None:
        return ""
    shown = enclosed.cover.largest
    return settings.BOTTIN.origin + reverse("web:picture", args=[shown.digest, shown.form])


def shown_tree(found: Release) -> Folder | None:
    """Return the files as folders, or None when there are too many for a page."""
    return queries.file_tree(found) if found.file_count <= TREE_FILES else None


def history_for(found: Release, rights: Rights) -> tuple[StateChange, ...]:
    """Return the changes of state, for the publisher and the team only."""
    return queries.history_of(found) if rights.is_own or rights.may_moderate else ()
