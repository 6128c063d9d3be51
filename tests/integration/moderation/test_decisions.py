"""Decisions of the team: one transaction, one winner, and the publisher is told."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django_tasks_db.models import DBTaskResult

from bottin.accounts.errors import NotAllowed
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import ANONYMOUS, viewer_for
from bottin.catalog import queries as catalog
from bottin.catalog.errors import (
    ChangeNotAllowed,
    ReasonRequired,
    ReleaseNotFound,
    StaleDecision,
)
from bottin.catalog.models import Release, StateChange
from bottin.catalog.states import ReleaseState
from bottin.metainfo.parser import parse
from bottin.moderation import actions, queries, reasons, tasks
from bottin.moderation.errors import NotInQueue, ReasonTextNeeded, UnknownReason
from bottin.moderation.models import ReviewLock
from bottin.tracker import outbox
from bottin.tracker.models import DeniedHash, Listing, ListingState, Outbox
from bottin.uploads.actions import receive_torrent
from bottin.uploads.errors import RefusedTorrent
from bottin.uploads.models import RefusedContent
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db

S = ReleaseState


def _last(release: Release) -> int:
    return StateChange.objects.filter(release=release).latest("pk").pk


def test_what_waits_is_approved() -> None:
    release = make.pending()

    approved = actions.approve_release(release.pk, by=make.viewer(Role.MODERATOR), at=NOON)

    assert approved.state == S.PUBLISHED
    assert catalog.list_page(ANONYMOUS).total == 1


@pytest.mark.parametrize("role", [Role.MEMBER, Role.TRUSTED_PUBLISHER])
def test_members_decide_nothing(role: Role) -> None:
    release = make.pending()
    by = make.viewer(role)

    with pytest.raises(NotAllowed):
        actions.approve_release(release.pk, by=by, at=NOON)
    with pytest.raises(NotAllowed):
        queries.queue(by, at=NOON)
    with pytest.raises(NotAllowed):
        queries.evidence(release, by, at=NOON)
    with pytest.raises(NotAllowed):
        actions.open_review(release.pk, by=by, at=NOON)


def test_a_moderator_does_not_take_down() -> None:
    release = make.published()

    with pytest.raises(ChangeNotAllowed):
        actions.take_down_release(
            release.pk, by=make.viewer(Role.MODERATOR), at=NOON, reason_code="notice"
        )

    assert not RefusedContent.objects.exists()
    assert not DeniedHash.objects.exists()


def test_only_what_waits_is_approved_and_only_what_is_out_is_restored() -> None:
    by = make.viewer(Role.MODERATOR)

    with pytest.raises(NotInQueue):
        actions.approve_release(make.published().pk, by=by, at=NOON)
    with pytest.raises(NotInQueue):
        actions.restore_release(make.pending().pk, by=by, at=NOON)


@pytest.mark.parametrize(
    ("code", "text", "refusal"),
    [
        ("", "", ReasonRequired),
        ("no_such_reason", "x", UnknownReason),
        ("court_order", "x", UnknownReason),
        ("other", "  ", ReasonTextNeeded),
    ],
)
def test_a_rejection_has_a_reason_that_fits(code: str, text: str, refusal: type[Exception]) -> None:
    release = make.pending()

    with pytest.raises(refusal):
        actions.reject_release(
            release.pk, by=make.viewer(Role.MODERATOR), at=NOON, reason=text, reason_code=code
        )

    assert Release.objects.get(pk=release.pk).state == S.PENDING
    assert not DBTaskResult.objects.exists()


@pytest.mark.parametrize(("language", "words"), [("fr", "La source"), ("en", "The source")])
def test_the_publisher_is_told_why_in_their_language(language: str, words: str) -> None:
    owner = make.viewer(language=language)
    release = make.pending(owner)

    actions.request_changes(
        release.pk,
        by=make.viewer(Role.MODERATOR, language="en" if language == "fr" else "fr"),
        at=NOON,
        reason="Page 3 <b>.",
        reason_code="licence_unproven",
    )
    assert DBTaskResult.objects.get().args_kwargs["args"] == [_last(release)]
    tasks.tell_publisher.call(_last(release))

    (message,) = mail.outbox
    assert words in message.body
    assert "Page 3 <b>." in message.body
    assert release.title in message.subject
    assert f"/{release.pk}" in message.body


def test_a_decision_that_is_rolled_back_is_told_to_nobody() -> None:
    release = make.pending()

    with pytest.raises(StaleDecision):
        actions.approve_release(
            release.pk, by=make.viewer(Role.MODERATOR), at=NOON, seen_change_id=0
        )

    assert not DBTaskResult.objects.exists()


def test_every_decision_has_reasons_in_both_languages() -> None:
    for decision in (
        S.CHANGES_REQUESTED,
        S.REJECTED,
        S.QUARANTINED,
        S.REMOVED_LEGAL,
        S.REMOVED_TERMS,
    ):
        assert reasons.reasons_for(decision)
    for reason in reasons.all_reasons().values():
        assert reason.label("fr") != reason.label("en")
        assert reason.needs_text or (reason.text("fr") and reason.text("en"))


@pytest.mark.parametrize("version", ["v1", "v2", "hybrid"])
def test_a_take_down_reaches_lists_tracker_and_later_uploads_at_once(version: str) -> None:
    raw = make.torrent("album", [("film.webm", 2_000_000)], version=version)
    content = parse(raw)
    release = make.published(of=content)
    by = make.viewer(Role.SUPER_MODERATOR)
    before = Outbox.objects.count()

    actions.take_down_release(release.pk, by=by, at=NOON, reason_code="notice")

    assert catalog.list_page(ANONYMOUS).total == 0
    assert Listing.objects.get(release_id=release.pk).state == ListingState.REMOVED
    assert set(DeniedHash.objects.values_list("info_hash", flat=True)) == set(
        content.announced_hashes
    )
    assert Outbox.objects.count() == before + 1 + len(content.announced_hashes)
    for attempt in (raw, make.torrent("album", [("film.webm", 2_000_000)], version=version, x=1)):
        with pytest.raises(RefusedTorrent):
            receive_torrent(attempt, by=make.viewer(), at=NOON)


@pytest.mark.parametrize("version", ["v1", "v2", "hybrid"])
def test_restoring_undoes_a_take_down_whole(version: str) -> None:
    release = make.published(of=parse(make.torrent("a", [("f", 2_000_000)], version=version)))
    by = make.viewer(Role.SUPER_MODERATOR)
    actions.take_down_release(release.pk, by=by, at=NOON, reason_code="notice")

    actions.restore_release(release.pk, by=by, at=NOON)

    assert catalog.list_page(ANONYMOUS).total == 1
    assert Listing.objects.get(release_id=release.pk).state == ListingState.PUBLISHED
    assert not DeniedHash.objects.filter(lifted_at=None).exists()
    assert not RefusedContent.objects.exists()


def test_restoring_leaves_what_another_decision_refuses() -> None:
    release = make.published()
    by = make.viewer(Role.SUPER_MODERATOR)
    RefusedContent.objects.create(kind="v1", value=release.info_hash_v1 or b"", reason="import")
    actions.take_down_release(release.pk, by=by, at=NOON, reason_code="notice")

    actions.restore_release(release.pk, by=by, at=NOON)

    assert DeniedHash.objects.filter(lifted_at=None).count() == 1
    assert RefusedContent.objects.get().reason == "import"


def test_a_failure_in_the_middle_of_a_take_down_leaves_everything_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = make.published()
    by = make.viewer(Role.SUPER_MODERATOR)
    before = StateChange.objects.count(), Outbox.objects.count()

    def broken(info_hash: bytes, reason: str) -> None:
        raise OSError(info_hash, reason)

    monkeypatch.setattr(outbox, "deny", broken)
    with pytest.raises(OSError, match="release"):
        actions.take_down_release(release.pk, by=by, at=NOON, reason_code="notice")

    assert Release.objects.get(pk=release.pk).state == S.PUBLISHED
    assert (StateChange.objects.count(), Outbox.objects.count()) == before
    assert not RefusedContent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_moderators_at_once_one_decides_and_the_other_is_told() -> None:
    release = make.pending()
    seen = _last(release)
    team = [make.viewer(Role.MODERATOR) for _ in range(4)]
    gate = threading.Barrier(len(team))
    outcomes: list[str] = []

    def decide(index: int) -> None:
        decision = actions.approve_release if index % 2 else actions.reject_release
        try:
            gate.wait()
            decision(
                release.pk,
                by=team[index],
                at=NOON,
                reason="" if index % 2 else "non",
                seen_change_id=seen,
            )
            outcomes.append("decided")
        except StaleDecision:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(index,)) for index in range(len(team))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["decided", "told", "told", "told"]
    assert StateChange.objects.filter(release=release).count() == 2


def test_the_queue_is_oldest_first_and_says_who_looks() -> None:
    late = make.pending(at=NOON)
    early = make.pending(at=NOON - timedelta(hours=3))
    other = make.account(Role.MODERATOR)
    actions.open_review(early.pk, by=viewer_for(other), at=NOON)

    page = queries.queue(make.viewer(Role.MODERATOR), at=NOON + timedelta(minutes=14))

    assert [(item.release, item.looked_at_by) for item in page.rows] == [
        (early, other.name),
        (late, None),
    ]
    assert page.total == 2


def test_a_lock_warns_for_a_quarter_of_an_hour_and_forbids_nothing() -> None:
    release = make.pending()
    first, second = make.viewer(Role.MODERATOR), make.viewer(Role.MODERATOR)

    assert actions.open_review(release.pk, by=first, at=NOON)
    assert not actions.open_review(release.pk, by=second, at=NOON + timedelta(minutes=5))
    assert actions.open_review(release.pk, by=first, at=NOON + timedelta(minutes=6))
    assert actions.open_review(release.pk, by=second, at=NOON + timedelta(minutes=22))
    assert actions.approve_release(release.pk, by=first, at=NOON).state == S.PUBLISHED


def test_who_opens_a_release_again_has_looked_since_the_first_time() -> None:
    release = make.pending()
    by = make.viewer(Role.MODERATOR)
    actions.open_review(release.pk, by=by, at=NOON)

    actions.open_review(release.pk, by=by, at=NOON + timedelta(minutes=10))

    lock = ReviewLock.objects.get(release=release)
    assert (lock.since, lock.until) == (NOON, NOON + timedelta(minutes=25))


def test_a_release_that_does_not_exist_cannot_be_looked_at() -> None:
    with pytest.raises(ReleaseNotFound):
        actions.open_review(404, by=make.viewer(Role.MODERATOR), at=NOON)


def test_the_evidence_shows_history_neighbours_and_what_refuses() -> None:
    owner = make.viewer()
    make.published(owner)
    make.change(make.pending(owner), S.REJECTED)
    twin = make.published(of=make.metainfo("film"))
    release = make.pending(owner, of=parse(make.torrent("film", source="s")), title="Prоjеct libre")
    RefusedContent.objects.create(
        kind="tree", value=release.tree_digest or b"", holds_only=True, reason="N-9"
    )

    found = queries.evidence(release, make.viewer(Role.MODERATOR), at=NOON)

    assert (found.publisher.count(S.PUBLISHED), found.publisher.count(S.REJECTED)) == (1, 1)
    assert found.publisher.handed_in == 2
    assert twin in [other.release for other in found.neighbours]
    assert [row.reason for row in found.refused] == ["N-9"]
    assert found.files.file_count == 2
    assert found.last_change_id == _last(release)
    assert "lookalike_title" in {caution.code for caution in found.cautions}


def test_the_queue_leads_from_one_to_the_next_and_round() -> None:
    by = make.viewer(Role.MODERATOR)
    first = make.pending(at=NOON)
    second = make.pending(at=NOON + timedelta(hours=1))

    assert queries.next_waiting(by, first) == second
    assert queries.next_waiting(by, second) == first
    assert queries.waiting_count(by) == 2
    assert queries.waiting_count(make.viewer()) == 0
