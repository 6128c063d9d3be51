"""Earlier versions of a release: read, compared, brought back, hidden (TOR-4)."""

from dataclasses import dataclass, fields
from datetime import datetime

from django.db import transaction

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.catalog.errors import ReleaseNotFound
from bottin.catalog.models import Release, ReleaseVersion
from bottin.uploads import actions
from bottin.uploads.describing import fields_of
from bottin.uploads.errors import VersionNotFound
from bottin.uploads.fields import ReleaseFields


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two versions fill differently."""

    field: str
    before: object
    after: object


def versions_of(release: Release, viewer: Viewer) -> tuple[ReleaseVersion, ...]:
    """Return the versions that this viewer may read, newest first. One query.

    The team reads all; others not those that were hidden.
    """
    rows = ReleaseVersion.objects.filter(release=release).select_related("actor")
    return tuple(rows if viewer.is_moderator else rows.filter(hidden_at=None))


def version_for(release: Release, number: int, viewer: Viewer) -> ReleaseVersion:
    """Return one version. One query. Raises VersionNotFound, also for a hidden one."""
    found = next((v for v in versions_of(release, viewer) if v.number == number), None)
    if found is None:
        raise VersionNotFound(release_id=release.pk, number=number)
    return found


def differences(before: ReleaseVersion, after: ReleaseVersion) -> tuple[Difference, ...]:
    """Return the fields that differ, in the order of the form."""
    was, now = fields_of(before), fields_of(after)
    return tuple(
        Difference(field.name, getattr(was, field.name), getattr(now, field.name))
        for field in fields(ReleaseFields)
        if getattr(was, field.name) != getattr(now, field.name)
    )


@transaction.atomic
def restore_version(
    release_id: int, number: int, *, by: Viewer, at: datetime, seen_edit: datetime | None = None
) -> Release:
    """Have a release say again what a version said: an edit like any other, by the same rules.

    Raises ReleaseNotFound unless it is the person's own or they are of the team,
    VersionNotFound, NotEditable, EditConflict, InvalidFields when a category or a
    licence is no longer in use.
    """
    release = Release.objects.filter(pk=release_id).first()
    is_own = release is not None and release.publisher_id == by.user_id
    if release is None or not (by.is_moderator or (is_own and by.is_signed_in)):
        raise ReleaseNotFound(release_id=release_id)
    version = version_for(release, number, by)
    return actions.edit_release(
        release_id, fields_of(version), by=by, at=at, seen_edit=seen_edit, restored_from=number
    )


@transaction.atomic
def hide_version(
    release_id: int, number: int, *, by: Viewer, at: datetime, reason: str
) -> ReleaseVersion:
    """Hide an earlier version from all but the team, or show a hidden one again.

    For what should never have been written there; the present version is edited instead.

    Raises NotAllowed, VersionNotFound, also for the present version.
    """
    by.require(Permission.MODERATE)
    rows = ReleaseVersion.objects.select_for_update().filter(release_id=release_id)
    version = rows.filter(number=number).first()
    last = rows.order_by("-number").values_list("number", flat=True).first()
    if version is None or (number == last and version.hidden_at is None):
        raise VersionNotFound(release_id=release_id, number=number)
    version.hidden_at = None if version.hidden_at else at
    version.save(update_fields=["hidden_at"])
    log.record(
        "release.version_hidden" if version.hidden_at else "release.version_shown",
        actor_id=by.user_id,
        subject=f"release:{release_id}",
        reason=reason.strip()[:500],
        detail={"number": number},
    )
    return version
