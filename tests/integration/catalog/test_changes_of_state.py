"""A change of state is one step of the table, by someone who may, told to everyone or to nobody."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import ANONYMOUS, viewer_for
from bottin.audit.models import AuditEvent
from bottin.catalog import actions
from bottin.catalog.errors import (
    AlreadyListed,
    ChangeNotAllowed,
    ImpossibleChange,
    ReasonRequired,
    ReleaseNotFound,
    StaleDecision,
    WithdrawalTooLate,
)
from bottin.catalog.models import Release, ReleaseChange, StateChange
from bottin.catalog.states import NEXT, ReleaseState
from bottin.tracker.models import Listing, ListingState, Outbox
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db

S = ReleaseState


def _put(release: Release, state: ReleaseState) -> None:
    Release.objects.filter(pk=release.pk).update(state=state, published_at=NOON)


@pytest.mark.parametrize("current", [state for state in S if state is not S.DRAFT])
@pytest.mark.parametrize("to", list(S))
def test_only_the_steps_of_the_table_are_taken(current: S, to: S) -> None:
    release = make.published()
    _put(release, current)

    if to in NEXT[current]:
        changed = actions.change_state(release.pk, to=to, by=make.SYSTEM, at=NOON, reason="why")
        assert changed.state == to
    else:
        with pytest.raises(ImpossibleChange):
            actions.change_state(release.pk, to=to, by=make.SYSTEM, at=NOON, reason="why")
        assert Release.objects.get(pk=release.pk).state == current


def test_a_change_is_written_in_history_index_tracker_and_audit_at_once() -> None:
    release = make.pending()
    moderator = make.viewer(Role.MODERATOR)
    before = Outbox.objects.count(), ReleaseChange.objects.count()

    actions.change_state(release.pk, to=S.PUBLISHED, by=moderator, at=NOON)

    last = StateChange.objects.filter(release=release).last()
    assert last is not None
    assert (last.from_state, last.to_state, last.actor_id) == (
        S.PENDING,
        S.PUBLISHED,
        moderator.user_id,
    )
    assert (Outbox.objects.count(), ReleaseChange.objects.count()) == (before[0] + 1, before[1] + 1)
    assert Listing.objects.get(release_id=release.pk).state == ListingState.PUBLISHED
    line = AuditEvent.objects.latest("pk")
    assert (line.action, line.subject) == ("release.published", f"release:{release.pk}")


def test_a_refused_change_leaves_nothing_behind() -> None:
    release = make.published()
    before = _rows()

    with pytest.raises(ReasonRequired):
        actions.change_state(release.pk, to=S.QUARANTINED, by=make.SYSTEM, at=NOON)

    assert _rows() == before


def test_a_change_that_is_rolled_back_reaches_nobody() -> None:
    release = make.pending()
    before = _rows()

    with transaction.atomic():
        actions.change_state(release.pk, to=S.PUBLISHED, by=make.SYSTEM, at=NOON)
        transaction.set_rollback(True)

    assert _rows() == before


@pytest.mark.parametrize(
    ("role", "to"),
    [
        (Role.MEMBER, S.PUBLISHED),
        (Role.MEMBER, S.CHANGES_REQUESTED),
        (Role.TRUSTED_PUBLISHER, S.PUBLISHED),
        (Role.MODERATOR, S.REMOVED_LEGAL),
        (Role.MODERATOR, S.REMOVED_TERMS),
        (Role.VISITOR, S.REJECTED),
    ],
)
def test_who_may_not_is_refused(role: Role, to: S) -> None:
    release = make.pending()
    by = ANONYMOUS if role is Role.VISITOR else make.viewer(role)

    with pytest.raises(ChangeNotAllowed):
        actions.change_state(release.pk, to=to, by=by, at=NOON, reason="why")


def test_what_the_law_removed_is_restored_by_those_who_may_remove_only() -> None:
    release = make.published()
    actions.change_state(release.pk, to=S.REMOVED_LEGAL, by=make.SYSTEM, at=NOON, reason="why")

    with pytest.raises(ChangeNotAllowed):
        actions.change_state(release.pk, to=S.PUBLISHED, by=make.viewer(Role.MODERATOR), at=NOON)
    restored = actions.change_state(
        release.pk, to=S.PUBLISHED, by=make.viewer(Role.SUPER_MODERATOR), at=NOON
    )

    assert restored.state == S.PUBLISHED


def test_a_member_cannot_publish_their_own_release() -> None:
    owner = make.viewer()
    release = make.pending(owner)

    with pytest.raises(ChangeNotAllowed):
        actions.change_state(release.pk, to=S.PUBLISHED, by=owner, at=NOON)


def test_a_publisher_withdraws_for_a_day_and_no_longer() -> None:
    owner = make.viewer()
    early, late = make.published(owner), make.published(owner)

    actions.change_state(early.pk, to=S.WITHDRAWN, by=owner, at=NOON + timedelta(hours=24))
    with pytest.raises(WithdrawalTooLate):
        actions.change_state(late.pk, to=S.WITHDRAWN, by=owner, at=NOON + timedelta(hours=25))


def test_the_second_of_two_moderators_is_told_who_decided() -> None:
    release = make.pending()
    seen = StateChange.objects.filter(release=release).latest("pk").pk
    first, second = make.account(Role.MODERATOR), make.viewer(Role.MODERATOR)
    actions.change_state(
        release.pk, to=S.PUBLISHED, by=viewer_for(first), at=NOON, seen_change_id=seen
    )

    with pytest.raises(StaleDecision) as refused:
        actions.change_state(
            release.pk, to=S.REJECTED, by=second, at=NOON, reason="non", seen_change_id=seen
        )

    assert refused.value.context["by"] == first.name
    assert refused.value.context["state"] == S.PUBLISHED


def test_a_publication_date_survives_quarantine() -> None:
    release = make.published()

    actions.change_state(release.pk, to=S.QUARANTINED, by=make.SYSTEM, at=NOON, reason="why")
    back = actions.change_state(
        release.pk, to=S.PUBLISHED, by=make.SYSTEM, at=NOON + timedelta(days=2)
    )

    assert back.published_at == NOON


def test_an_unknown_release_is_refused() -> None:
    with pytest.raises(ReleaseNotFound):
        actions.change_state(10**9, to=S.PUBLISHED, by=make.SYSTEM, at=NOON)


def test_a_rejected_release_does_not_come_back_over_its_successor() -> None:
    content = make.metainfo()
    rejected = make.pending(of=content)
    actions.change_state(rejected.pk, to=S.REJECTED, by=make.SYSTEM, at=NOON, reason="why")
    successor = make.published(of=content)

    with pytest.raises(AlreadyListed) as refused:
        actions.change_state(rejected.pk, to=S.PUBLISHED, by=make.SYSTEM, at=NOON)

    assert refused.value.context == {"release_id": successor.pk}


def test_one_info_hash_never_has_two_listings() -> None:
    content = make.metainfo()
    rejected = make.pending(of=content)
    actions.change_state(rejected.pk, to=S.REJECTED, by=make.SYSTEM, at=NOON, reason="why")

    successor = make.published(of=content)

    same = Listing.objects.filter(info_hash_v1=content.info_hash_v1)
    assert [listing.release_id for listing in same] == [successor.pk]


def test_the_database_itself_refuses_a_release_without_licence() -> None:
    release = make.published()

    with pytest.raises(Exception, match="release_has_licence_and_provenance"), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(licence=None)
    assert connection.is_usable()


def _rows() -> tuple[int, ...]:
    models = (StateChange, ReleaseChange, Outbox, AuditEvent)
    return tuple(model.objects.count() for model in models)
