"""The decisions a moderator may take on a release now: their words, keys, reasons and actions."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog.models import Release
from bottin.catalog.states import TOMBSTONES, ReleaseState, may_change
from bottin.moderation import actions, reasons
from bottin.web import formats

_S = ReleaseState
_RESTORED_FROM: Final = frozenset({_S.REJECTED, _S.WITHDRAWN, _S.QUARANTINED}) | TOMBSTONES


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of decision: what it leads to and what it says it will do."""

    name: str
    to: ReleaseState
    key: str
    label: Promise
    effect: Promise
    act: Callable[..., Release]
    needs_removal: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of decision as the page offers it, with its reasons in the reader's language."""

    kind: Kind
    reasons: list[tuple[str, str]]

    @property
    def needs_reason(self) -> bool:
        """Whether the publisher has to be told why; approval and restoration go without."""
        return self.kind.to is not _S.PUBLISHED


KINDS: Final = (
    Kind(
        "approve",
        _S.PUBLISHED,
        "a",
        _("Approve"),
        _("It is listed and announced at once."),
        actions.approve_release,
    ),
    Kind(
        "restore",
        _S.PUBLISHED,
        "a",
        _("Restore"),
        _("It is listed and announced again; its content may be published again."),
        actions.restore_release,
    ),
    Kind(
        "changes",
        _S.CHANGES_REQUESTED,
        "c",
        _("Ask for changes"),
        _("The publisher reads the reason, corrects the form and hands it in again."),
        actions.request_changes,
    ),
    Kind(
        "reject",
        _S.REJECTED,
        "r",
        _("Reject"),
        _("The publisher reads the reason. It leaves the queue; the team can restore it."),
        actions.reject_release,
    ),
    Kind(
        "quarantine",
        _S.QUARANTINED,
        "q",
        _("Quarantine"),
        _("It is hidden and no longer announced while you look into it; reversible."),
        actions.quarantine_release,
    ),
    Kind(
        "remove_terms",
        _S.REMOVED_TERMS,
        "t",
        _("Remove (terms)"),
        _("It leaves lists and tracker within a second, and its content cannot come back."),
        partial(actions.take_down_release, is_legal=False),
        needs_removal=True,
    ),
    Kind(
        "remove_legal",
        _S.REMOVED_LEGAL,
        "l",
        _("Remove (law)"),
        _("Same, with a page that says the law asked for it (451)."),
        partial(actions.take_down_release, is_legal=True),
        needs_removal=True,
    ),
)
BY_NAME: Final = {kind.name: kind for kind in KINDS}


def choices_for(release: Release, viewer: Viewer) -> list[Choice]:
    """Return what the state table and the viewer's role allow."""
    state = ReleaseState(release.state)
    return [
        Choice(kind, _reasons(kind))
        for kind in KINDS
        if may_change(state, kind.to)
        and (not kind.needs_removal or viewer.may(Permission.REMOVE))
        and (kind.name != "approve" or state is _S.PENDING)
        and (kind.name != "restore" or state in _RESTORED_FROM)
    ]


def decide(kind: Kind, release_id: int, **decision: Any) -> Release:  # noqa: ANN401 - passed on as it is
    """Take the decision; raises what the action raises."""
    return kind.act(release_id, **decision)


def _reasons(kind: Kind) -> list[tuple[str, str]]:
    language = formats.language()
    return [(reason.code, reason.label(language)) for reason in reasons.reasons_for(kind.to)]
