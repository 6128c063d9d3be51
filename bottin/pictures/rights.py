"""Who may change the pictures and texts of what; reads it locked."""

from dataclasses import dataclass
from typing import Final

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog import actions as catalog
from bottin.catalog.errors import ReleaseNotFound, WorkNotFound
from bottin.catalog.models import Release, Work
from bottin.catalog.states import ReleaseState
from bottin.pictures.errors import PicturesLocked

_BEFORE: Final = frozenset(
    {ReleaseState.DRAFT, ReleaseState.CHANGES_REQUESTED, ReleaseState.PENDING}
)
_EDITABLE: Final = _BEFORE | {ReleaseState.PUBLISHED}


@dataclass(frozen=True, slots=True)
class Place:
    """What pictures belong to: a release or a work, by number."""

    release_id: int | None = None
    work_id: int | None = None

    @property
    def subject(self) -> str:
        """Name it as the audit does."""
        if self.work_id is not None:
            return f"work:{self.work_id}"
        return f"release:{self.release_id}"

    @property
    def key(self) -> dict[str, int | None]:
        """Return the columns of a row that belongs here."""
        return {"release_id": self.release_id, "work_id": self.work_id}


def locked(place: Place, by: Viewer, *, adds: bool) -> Release | Work:
    """Read what the pictures are of and hold its row until the transaction ends.

    A publisher changes their own release, a curator any work and any release.
    `adds`: something new comes, which on a published release the team sees no more
    before others do.

    Raises NotAllowed, ReleaseNotFound, WorkNotFound, PicturesLocked.
    """
    by.require(Permission.PUBLISH)
    if place.work_id is not None:
        return _work(place.work_id, by)
    release = catalog.locked(place.release_id or 0)
    check(release, by, adds=adds)
    return release


def check(release: Release, by: Viewer, *, adds: bool) -> None:
    """Decide for a release that was read. Raises ReleaseNotFound, PicturesLocked."""
    is_own = by.is_signed_in and release.publisher_id == by.user_id
    state = ReleaseState(release.state)
    is_team = by.may(Permission.CURATE) and state is not ReleaseState.DRAFT
    if not is_own and not is_team:
        raise ReleaseNotFound(release_id=release.pk)
    if state not in _EDITABLE:
        raise PicturesLocked(state=state.value)
    if adds and state not in _BEFORE and not by.may(Permission.PUBLISH_AT_ONCE):
        raise PicturesLocked(state=state.value)


def may_add(release: Release, by: Viewer) -> bool:
    """Whether something new may be put beside a release."""
    try:
        check(release, by, adds=True)
    except (ReleaseNotFound, PicturesLocked):
        return False
    return True


def _work(work_id: int, by: Viewer) -> Work:
    work = Work.objects.select_for_update().filter(pk=work_id, merged_into=None).first()
    if work is None:
        raise WorkNotFound(work_id=work_id)
    by.require(Permission.CURATE)
    return work
