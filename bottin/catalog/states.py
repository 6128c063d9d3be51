"""The state machine of a release (LAW-6): pure, and the only place that knows it."""

from enum import StrEnum
from typing import Final


class ReleaseState(StrEnum):
    """Where a release is on its way. Only `PUBLISHED` is listed and announced (LAW-1)."""

    DRAFT = "draft"
    PENDING = "pending"
    PUBLISHED = "published"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    QUARANTINED = "quarantined"
    REMOVED_LEGAL = "removed_legal"
    REMOVED_TERMS = "removed_terms"


_S = ReleaseState
_REMOVED: Final = frozenset({_S.REMOVED_LEGAL, _S.REMOVED_TERMS})

# `restored` of the reference is a change back to PUBLISHED, told apart by the history.
NEXT: Final[dict[ReleaseState, frozenset[ReleaseState]]] = {
    _S.DRAFT: frozenset({_S.PENDING}),
    _S.PENDING: frozenset({_S.PUBLISHED, _S.CHANGES_REQUESTED, _S.REJECTED, _S.WITHDRAWN})
    | _REMOVED,
    _S.CHANGES_REQUESTED: frozenset({_S.PENDING, _S.WITHDRAWN}),
    _S.REJECTED: frozenset({_S.PUBLISHED}),
    # Back to PENDING: its publisher changed what the team had approved (TOR-3).
    _S.PUBLISHED: frozenset(
        {_S.PENDING, _S.CHANGES_REQUESTED, _S.REJECTED, _S.WITHDRAWN, _S.QUARANTINED} | _REMOVED
    ),
    _S.WITHDRAWN: frozenset({_S.PUBLISHED}),
    _S.QUARANTINED: frozenset({_S.PUBLISHED}) | _REMOVED,
    _S.REMOVED_LEGAL: frozenset({_S.PUBLISHED}),
    _S.REMOVED_TERMS: frozenset({_S.PUBLISHED}),
}

TOMBSTONES: Final = _REMOVED
NEEDS_REASON: Final = frozenset(
    {_S.CHANGES_REQUESTED, _S.REJECTED, _S.WITHDRAWN, _S.QUARANTINED} | _REMOVED
)


def may_change(current: ReleaseState, to: ReleaseState) -> bool:
    """Whether the table allows this change."""
    return to in NEXT[current]
