"""May this person make this change of state? One named check each, asked in order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog.errors import (
    ChangeNotAllowed,
    ImpossibleChange,
    ReasonRequired,
    StaleDecision,
    WithdrawalTooLate,
)
from bottin.catalog.models import Release, StateChange
from bottin.catalog.states import NEEDS_REASON, TOMBSTONES, ReleaseState, may_change

WITHDRAW_FREELY: Final = timedelta(hours=24)

_TEAM: Final = {
    ReleaseState.PENDING: Permission.MODERATE,
    ReleaseState.PUBLISHED: Permission.MODERATE,
    ReleaseState.CHANGES_REQUESTED: Permission.MODERATE,
    ReleaseState.REJECTED: Permission.MODERATE,
    ReleaseState.WITHDRAWN: Permission.MODERATE,
    ReleaseState.QUARANTINED: Permission.MODERATE,
    ReleaseState.REMOVED_LEGAL: Permission.REMOVE,
    ReleaseState.REMOVED_TERMS: Permission.REMOVE,
}


@dataclass(frozen=True, slots=True)
class Change:
    """A change of state that someone asks for; `release` is locked and as it was before.

    `seen_change_id` is the last change that the person had before their eyes,
    0 for a release that had none, None when they saw no history.
    """

    release: Release
    to: ReleaseState
    by: Viewer
    at: datetime
    reason: str = ""
    reason_code: str = ""
    seen_change_id: int | None = None

    @property
    def current(self) -> ReleaseState:
        """The state it is in."""
        return ReleaseState(self.release.state)

    @property
    def is_own(self) -> bool:
        """Whether the person published it."""
        return self.by.user_id is not None and self.by.user_id == self.release.publisher_id


def nobody_decided_in_between(change: Change) -> None:
    """Raise StaleDecision when the history has a line that the person has not seen."""
    if change.seen_change_id is None:
        return
    last = StateChange.objects.filter(release=change.release).select_related("actor").last()
    if last is not None and last.pk != change.seen_change_id:
        raise StaleDecision(
            state=last.to_state,
            by=last.actor.name if last.actor else None,
            at=last.at.isoformat(),
            change_id=last.pk,
        )


def the_table_allows_it(change: Change) -> None:
    """Raise ImpossibleChange for a step that `states.py` does not have (LAW-6)."""
    if not may_change(change.current, change.to):
        raise ImpossibleChange(from_state=change.current.value, to_state=change.to.value)


def the_person_may(change: Change) -> None:
    """Raise ChangeNotAllowed unless the table of roles, or owning the release, allows it."""
    if change.is_own and _owner_may(change):
        return
    leaves_removal = change.current in TOMBSTONES
    if not change.by.may(Permission.REMOVE if leaves_removal else _TEAM[change.to]):
        raise ChangeNotAllowed(to_state=change.to.value)


def a_reason_is_given(change: Change) -> None:
    """Raise ReasonRequired where the publisher has to be told why."""
    if change.is_own and change.to is ReleaseState.WITHDRAWN:
        return
    if change.to in NEEDS_REASON and not (change.reason or change.reason_code):
        raise ReasonRequired(to_state=change.to.value)


CHECKS: Final[tuple[Callable[[Change], None], ...]] = (
    nobody_decided_in_between,
    the_table_allows_it,
    the_person_may,
    a_reason_is_given,
)


def check(change: Change) -> None:
    """Raise the first refusal: StaleDecision, ImpossibleChange, ChangeNotAllowed, ReasonRequired.

    WithdrawalTooLate when a publisher withdraws a release published for more than a day.
    """
    for ask in CHECKS:
        ask(change)


def _owner_may(change: Change) -> bool:
    if change.to is ReleaseState.PENDING:
        return True
    if change.to is ReleaseState.PUBLISHED:
        return change.current is ReleaseState.PENDING and change.by.may(Permission.PUBLISH_AT_ONCE)
    if change.to is ReleaseState.WITHDRAWN:
        _withdrawn_in_time(change)
        return True
    return False


def _withdrawn_in_time(change: Change) -> None:
    since = change.release.published_at
    if change.current is not ReleaseState.PUBLISHED or since is None:
        return
    if change.at - since > WITHDRAW_FREELY and not change.by.may(Permission.MODERATE):
        raise WithdrawalTooLate(hours=int(WITHDRAW_FREELY.total_seconds() // 3600))
