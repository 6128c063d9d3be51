"""A release draws attention to what replaced it: a notice on its page, no link rewritten."""

from datetime import datetime
from typing import Final

from django.db import transaction

from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.catalog import actions
from bottin.catalog.errors import BadReplacement
from bottin.catalog.gathering import own_or_curated
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState

_CHAIN_MAX: Final = 50


@transaction.atomic
def set_replacement(
    release_id: int, replacement_id: int | None, *, by: Viewer, at: datetime
) -> Release:
    """Say which published release replaced this one (None: none did).

    Raises ReleaseNotFound unless it is the person's own or they curate,
    BadReplacement for itself, for one that is not published, or that it replaced.
    """
    release = own_or_curated(release_id, by)
    if replacement_id is not None and not _may_replace(release, replacement_id):
        raise BadReplacement(release_id=replacement_id)
    if release.replaced_by_id == replacement_id:
        return release
    release.replaced_by_id = replacement_id
    release.save(update_fields=["replaced_by"])
    actions.touch([release.pk], at=at)
    log.record(
        "release.replaced" if replacement_id else "release.not_replaced",
        actor_id=by.user_id,
        subject=f"release:{release.pk}",
        detail={"by": replacement_id},
    )
    return release


def _may_replace(release: Release, replacement_id: int) -> bool:
    next_id: int | None = replacement_id
    is_published = Release.objects.filter(pk=replacement_id, state=ReleaseState.PUBLISHED).exists()
    for _step in range(_CHAIN_MAX):
        if next_id is None or next_id == release.pk:
            break
        next_id = Release.objects.values_list("replaced_by_id", flat=True).get(pk=next_id)
    return is_published and next_id is None
