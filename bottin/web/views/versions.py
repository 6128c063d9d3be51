"""The versions of a release: listed, compared, brought back, hidden."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog import queries
from bottin.catalog.models import Release
from bottin.catalog.text import slug_of
from bottin.lib.clock import now
from bottin.uploads import versions as domain
from bottin.uploads.errors import InvalidFields
from bottin.web.errors import sentence_of
from bottin.web.permissions import needs
from bottin.web.version_words import fields_in_words, shown_differences
from bottin.web.viewer import viewer_of


@needs(Permission.BROWSE)
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """List the versions of a release, latest first."""
    viewer = viewer_of(request)
    release = queries.untagged_release_for(pk, viewer)
    found = domain.versions_of(release, viewer)
    rows = [(version, fields_in_words(version.changed)) for version in found]
    context = {"release": release, "rows": rows, "category": release.category}
    return render(request, "release/versions.html", context)


@needs(Permission.BROWSE)
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show what a version changed, or what brings it back would change."""
    viewer = viewer_of(request)
    release = queries.untagged_release_for(pk, viewer)
    found = domain.versions_of(release, viewer)
    here = domain.version_for(release, number, viewer)
    older = next((one for one in found if one.number < number), None)
    latest = found[0]
    context = {
        "release": release,
        "category": release.category,
        "version": here,
        "older": older,
        "newer": next((one for one in reversed(found) if one.number > number), None),
        "changes": shown_differences(domain.differences(older, here)) if older else [],
        "is_latest": here.number == latest.number,
        "may_restore": may_edit(release, viewer) and here.number != latest.number,
        "since": shown_differences(domain.differences(here, latest)),
    }
    return render(request, "release/version.html", context)


@require_POST
@needs(Permission.PUBLISH)
def restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Have the release say again what this version said."""
    try:
        release = domain.restore_version(pk, number, by=viewer_of(request), at=now())
    except InvalidFields as refusal:
        messages.error(request, sentence_of(refusal))
        return redirect("web:release_version", pk, number)
    if release.is_published:
        messages.success(request, _("The version is back."))
    else:
        messages.success(request, _("The version is back, and waits for the team."))
    return redirect("web:release", pk, slug_of(str(release)))


@require_POST
@needs(Permission.MODERATE)
def hide(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Hide an earlier version from all but the team, or show it again."""
    reason = request.POST.get("reason", "")[:500]
    kept = domain.hide_version(pk, number, by=viewer_of(request), at=now(), reason=reason)
    if kept.hidden_at:
        messages.success(request, _("The version is hidden: only the team reads it."))
    else:
        messages.success(request, _("The version is shown again."))
    return redirect("web:release_version", pk, number)


def may_edit(release: Release, viewer: Viewer) -> bool:
    """Whether this viewer may bring a version back; the domain decides again."""
    is_own = viewer.is_signed_in and release.publisher_id == viewer.user_id
    return is_own or viewer.is_moderator
