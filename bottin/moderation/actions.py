"""Decisions of the team on a release. Each is one transaction, and told to the publisher."""

from datetime import datetime, timedelta
from typing import Final, NotRequired, TypedDict, Unpack

from django.db import connection, transaction

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.catalog import actions as catalog
from bottin.catalog import rules
from bottin.catalog.errors import ReleaseNotFound
from bottin.catalog.models import Release, StateChange
from bottin.catalog.rules import Change
from bottin.catalog.states import TOMBSTONES, ReleaseState
from bottin.ledger import holds
from bottin.ledger.models import Flag, Hold
from bottin.moderation import reasons, statements, tasks
from bottin.moderation.errors import NotInQueue, OwnCredit, RemarkMissing
from bottin.moderation.models import ReviewLock
from bottin.tracker import outbox
from bottin.uploads import actions as uploads
from bottin.uploads.models import FingerprintKind, RefusedContent

LOCK_FOR: Final = timedelta(minutes=15)

_S = ReleaseState
_RESTORABLE: Final = frozenset({_S.REJECTED, _S.WITHDRAWN, _S.QUARANTINED}) | TOMBSTONES


class Decision(TypedDict):
    """Who decides, when, why, and the last StateChange that they saw (0: none, absent: any)."""

    by: Viewer
    at: datetime
    reason: NotRequired[str]
    reason_code: NotRequired[str]
    seen_change_id: NotRequired[int | None]


def approve_release(release_id: int, **decision: Unpack[Decision]) -> Release:
    """Publish what waits in the queue.

    Raises NotAllowed, ReleaseNotFound, StaleDecision, NotInQueue, AlreadyListed.
    """
    return _decide(release_id, _S.PUBLISHED, frozenset({_S.PENDING}), decision)


def request_changes(release_id: int, **decision: Unpack[Decision]) -> Release:
    """Send a release back to its publisher with a reason.

    Raises NotAllowed, ReleaseNotFound, StaleDecision, ImpossibleChange,
    ReasonRequired, UnknownReason, ReasonTextNeeded.
    """
    return _decide(release_id, _S.CHANGES_REQUESTED, None, decision)


def reject_release(release_id: int, **decision: Unpack[Decision]) -> Release:
    """Refuse a release for good. Raises as `request_changes`."""
    return _decide(release_id, _S.REJECTED, None, decision)


def quarantine_release(release_id: int, **decision: Unpack[Decision]) -> Release:
    """Hide a published release while it is checked; reversible. Raises as `request_changes`."""
    return _decide(release_id, _S.QUARANTINED, None, decision)


@transaction.atomic
def take_down_release(
    release_id: int, *, is_legal: bool = True, **decision: Unpack[Decision]
) -> Release:
    """Remove a release and keep its content down: lists, index, tracker, later uploads.

    `is_legal`: the law asks for it (451), else the terms do (410). Its hashes and
    large files are refused from now on (STAY-1), the tracker denies its hashes
    whatever the listing says (LAW-1): one transaction.

    Raises as `request_changes`.
    """
    to = _S.REMOVED_LEGAL if is_legal else _S.REMOVED_TERMS
    release = _decide(release_id, to, None, decision)
    label = f"release:{release.pk} {decision.get('reason_code', '')}".strip()
    uploads.refuse_content(release, reason=label, at=decision["at"])
    for info_hash in _hashes(release):
        outbox.deny(info_hash, label)
    return release


@transaction.atomic
def restore_release(release_id: int, **decision: Unpack[Decision]) -> Release:
    """Publish again what was rejected, withdrawn, quarantined or removed; undoes a take-down whole.

    A hash that another decision refuses stays denied.

    Raises NotAllowed, ReleaseNotFound, StaleDecision, NotInQueue, AlreadyListed.
    """
    release = _decide(release_id, _S.PUBLISHED, _RESTORABLE, decision)
    uploads.permit_content(release)
    for info_hash in _hashes(release):
        kinds = [FingerprintKind.V1, FingerprintKind.V2]
        if not RefusedContent.objects.filter(kind__in=kinds, value=info_hash).exists():
            outbox.permit(info_hash)
    return release


def open_review(release_id: int, *, by: Viewer, at: datetime) -> bool:
    """Note that this moderator looks at a release, for 15 minutes. One statement.

    False when another moderator has it open, who keeps it: "X is looking at it" is
    for the page to say (`Evidence.looked_at_by`), nothing is forbidden.

    Raises NotAllowed, ReleaseNotFound.
    """
    by.require(Permission.MODERATE)
    facts = {"release_id": release_id, "moderator_id": by.user_id, "at": at, "until": at + LOCK_FOR}
    with connection.cursor() as cursor:
        cursor.execute(statements.TAKE_LOCK, facts)
        is_taken, is_known = cursor.fetchone() or (False, False)
    if not is_known:
        raise ReleaseNotFound(release_id=release_id)
    return bool(is_taken)


@transaction.atomic
def close_review(release_id: int, *, by: Viewer) -> None:
    """Let go of a release that this moderator had open."""
    ReviewLock.objects.filter(release_id=release_id, moderator_id=by.user_id).delete()


@transaction.atomic
def decide_held_credit(
    hold_id: int, *, gives_back: bool, remark: str, by: Viewer, at: datetime
) -> Hold:
    """Give held credit back to its member, or keep it for good; the member reads the remark.

    Raises NotAllowed, RemarkMissing, OwnCredit, HoldUnknown, HoldDecided when
    somebody was first, LedgerRunsElsewhere.
    """
    by.require(Permission.REVIEW_LEDGER)
    remark = _said(remark)
    _refuse_own(Hold.objects.filter(pk=hold_id, user_id=by.user_id or 0).exists(), hold_id)
    hold = holds.decide_hold(hold_id, by=by.user_id, at=at, gives_back=gives_back, remark=remark)
    log.record(
        "ledger.hold_given_back" if gives_back else "ledger.hold_kept",
        actor_id=by.user_id,
        subject=f"account:{hold.user_id}",
        reason=remark,
        detail={
            "hold": hold.pk,
            "release": hold.release_id,
            "credited_bytes": str(hold.credited_up),
        },
    )
    return hold


@transaction.atomic
def close_flag(flag_id: int, *, is_fault: bool, remark: str, by: Viewer, at: datetime) -> Flag:
    """Close a flag with what was found; no credit moves, nobody is punished by it.

    Raises NotAllowed, RemarkMissing, OwnCredit, FlagUnknown, also when somebody
    closed it first.
    """
    by.require(Permission.REVIEW_LEDGER)
    remark = _said(remark)
    _refuse_own(Flag.objects.filter(pk=flag_id, user_id=by.user_id or 0).exists(), flag_id)
    flag = holds.resolve_flag(flag_id, by=by.user_id, at=at, is_fault=is_fault, remark=remark)
    log.record(
        "ledger.flag_closed",
        actor_id=by.user_id,
        subject=f"account:{flag.user_id}",
        reason=remark,
        detail={
            "flag": flag.pk,
            "kind": flag.kind,
            "release": flag.release_id,
            "found": "fault" if is_fault else "no fault",
        },
    )
    return flag


def _said(remark: str) -> str:
    if not remark.strip():
        raise RemarkMissing
    return remark.strip()


def _refuse_own(is_own: bool, case_id: int) -> None:  # noqa: FBT001 - the answer of a query
    if is_own:
        raise OwnCredit(case_id=case_id)


@transaction.atomic
def _decide(
    release_id: int, to: ReleaseState, only_from: frozenset[ReleaseState] | None, why: Decision
) -> Release:
    by, at = why["by"], why["at"]
    reason, code = why.get("reason", ""), why.get("reason_code", "")
    by.require(Permission.MODERATE)
    reasons.check(code, reason, to)
    release = catalog.locked(release_id)
    seen = why.get("seen_change_id")
    rules.nobody_decided_in_between(Change(release, to, by, at, seen_change_id=seen))
    if only_from is not None and release.state not in only_from:
        raise NotInQueue(release_id=release_id, state=release.state)
    changed = catalog.change_state(
        release_id,
        to=to,
        by=by,
        at=at,
        reason=reason,
        reason_code=code,
        seen_change_id=seen,
    )
    ReviewLock.objects.filter(release_id=release_id).delete()
    last = StateChange.objects.filter(release_id=release_id).latest("pk")
    # The row of the task is written in this transaction: no decision without its message.
    tasks.tell_publisher.enqueue(last.pk)
    return changed


def _hashes(release: Release) -> list[bytes]:
    return [value for value in (release.info_hash_v1, release.info_hash_v2) if value]
