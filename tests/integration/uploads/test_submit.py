"""From a draft to the queue or the list, edits afterwards, and taking back."""

import threading
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection

from bottin.accounts.permissions import Role
from bottin.catalog.actions import change_state
from bottin.catalog.errors import ReleaseNotFound, StaleDecision, WithdrawalTooLate
from bottin.catalog.models import Release, ReleaseChange, StateChange
from bottin.catalog.states import ReleaseState
from bottin.metainfo.parser import parse
from bottin.tracker.models import Listing
from bottin.uploads import actions
from bottin.uploads.errors import (
    DuplicateRelease,
    EditConflict,
    InvalidFields,
    NotADraft,
    NotEditable,
    RefusedTorrent,
)
from bottin.uploads.fields import ReleaseFields
from bottin.uploads.models import RefusedContent
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db


def test_a_members_release_waits_for_the_team() -> None:
    owner = make.viewer()

    release = actions.submit_release(make.draft(owner).pk, make.fields(), by=owner, at=NOON)

    assert release.state == ReleaseState.PENDING
    assert release.submitted_at == NOON
    assert "<strong>libres</strong>" in release.description_html
    assert sorted(release.tags.values_list("slug", flat=True)) == ["chanson", "guitare"]


def test_a_trusted_publishers_release_is_published_at_once() -> None:
    owner = make.viewer(Role.TRUSTED_PUBLISHER)

    release = actions.submit_release(make.draft(owner).pk, make.fields(), by=owner, at=NOON)

    assert (release.state, release.published_at) == (ReleaseState.PUBLISHED, NOON)


def test_held_content_waits_whoever_brings_it() -> None:
    actions.refuse_content(make.published(of=make.metainfo("a")), reason="N-1", at=NOON)
    owner = make.viewer(Role.TRUSTED_PUBLISHER)

    release = actions.submit_release(
        make.draft(owner, of=make.metainfo("b")).pk, make.fields(), by=owner, at=NOON
    )

    assert release.state == ReleaseState.PENDING


def test_content_refused_while_the_draft_waited_is_refused_at_the_end() -> None:
    owner, content = make.viewer(), make.metainfo()
    draft = make.draft(owner, of=content)
    RefusedContent.objects.create(kind="v1", value=content.info_hash_v1 or b"", reason="N-5")

    with pytest.raises(RefusedTorrent):
        actions.submit_release(draft.pk, make.fields(), by=owner, at=NOON)

    assert Release.objects.get(pk=draft.pk).state == ReleaseState.DRAFT


def test_every_problem_is_told_at_once_and_nothing_changes() -> None:
    owner = make.viewer()
    draft = make.draft(owner)

    with pytest.raises(InvalidFields) as refused:
        actions.submit_release(draft.pk, ReleaseFields(language="??"), by=owner, at=NOON)

    assert [(p.field, p.code) for p in refused.value.problems] == [
        ("title", "required"),
        ("category", "required"),
        ("licence", "required"),
        ("provenance_url", "required"),
        ("language", "unknown"),
    ]
    assert Release.objects.get(pk=draft.pk).edited_at is None


def test_a_draft_keeps_what_was_typed_so_far() -> None:
    owner = make.viewer()
    draft = make.draft(owner)

    actions.save_draft(
        draft.pk, ReleaseFields(title="Ch", provenance_url="https:/"), by=owner, at=NOON
    )

    kept = Release.objects.get(pk=draft.pk)
    assert (kept.title, kept.provenance_url, kept.state) == ("Ch", "https:/", "draft")


def test_a_draft_is_its_owners_alone() -> None:
    draft = make.draft()

    for other in (make.viewer(), make.viewer(Role.ADMINISTRATOR)):
        with pytest.raises(ReleaseNotFound):
            actions.save_draft(draft.pk, make.fields(), by=other, at=NOON)
        with pytest.raises(ReleaseNotFound):
            actions.discard_draft(draft.pk, by=other)


def test_what_was_handed_in_is_no_draft_any_more() -> None:
    owner = make.viewer()
    release = make.pending(owner)

    with pytest.raises(NotADraft):
        actions.submit_release(release.pk, make.fields(), by=owner, at=NOON)
    with pytest.raises(NotADraft):
        actions.discard_draft(release.pk, by=owner)


def test_what_was_sent_back_is_handed_in_again() -> None:
    owner = make.viewer()
    release = make.pending(owner)
    make.change(release, ReleaseState.CHANGES_REQUESTED)

    again = actions.submit_release(release.pk, make.fields(title="Mieux dit"), by=owner, at=NOON)

    assert (again.state, again.title) == (ReleaseState.PENDING, "Mieux dit")


def test_a_draft_is_thrown_away() -> None:
    owner = make.viewer()
    draft = make.draft(owner)

    actions.discard_draft(draft.pk, by=owner)

    assert not Release.objects.exists()


def test_words_change_at_once_after_publication() -> None:
    owner = make.viewer()
    release = make.published(owner)
    before = ReleaseChange.objects.count()

    edited = actions.edit_release(
        release.pk,
        make.fields(description="*Autre*", tags=("Piano",), is_open=True),
        by=owner,
        at=NOON,
    )

    assert edited.state == ReleaseState.PUBLISHED
    assert "<em>Autre</em>" in edited.description_html
    assert ReleaseChange.objects.count() == before + 1
    assert Listing.objects.get(release_id=release.pk).is_open


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Autre titre"},
        {"category_id": make.LINUX},
        {"licence_code": "CC0-1.0"},
        {"provenance_url": "https://example.org/ailleurs"},
    ],
)
def test_what_the_team_approved_is_reviewed_again(change: dict[str, object]) -> None:
    owner, trusted = make.viewer(), make.viewer(Role.TRUSTED_PUBLISHER)
    first, second = make.published(owner), make.published(trusted)

    reviewed = actions.edit_release(first.pk, make.fields(**change), by=owner, at=NOON)
    at_once = actions.edit_release(second.pk, make.fields(**change), by=trusted, at=NOON)

    assert reviewed.state == ReleaseState.PENDING
    assert at_once.state == ReleaseState.PUBLISHED


def test_the_second_of_two_edits_is_told() -> None:
    owner = make.viewer()
    release = make.published(owner)
    seen = release.edited_at
    later = NOON + timedelta(minutes=1)
    actions.edit_release(release.pk, make.fields(tags=("a",)), by=owner, at=later, seen_edit=seen)

    with pytest.raises(EditConflict):
        actions.edit_release(
            release.pk, make.fields(tags=("b",)), by=owner, at=later, seen_edit=seen
        )


def test_a_decision_on_what_was_edited_since_is_stale() -> None:
    owner = make.viewer()
    release = make.pending(owner)
    seen = StateChange.objects.filter(release=release).latest("pk").pk

    actions.edit_release(release.pk, make.fields(title="Tout autre chose"), by=owner, at=NOON)

    with pytest.raises(StaleDecision):
        change_state(
            release.pk, to=ReleaseState.PUBLISHED, by=make.SYSTEM, at=NOON, seen_change_id=seen
        )


def test_what_was_removed_is_not_edited() -> None:
    owner = make.viewer()
    release = make.published(owner)
    make.change(release, ReleaseState.REMOVED_LEGAL)

    with pytest.raises(NotEditable):
        actions.edit_release(release.pk, make.fields(), by=owner, at=NOON)


def test_a_release_is_taken_back_within_a_day() -> None:
    owner = make.viewer()
    release = make.published(owner)

    withdrawn = actions.withdraw_release(release.pk, by=owner, at=NOON + timedelta(hours=2))

    assert withdrawn.state == ReleaseState.WITHDRAWN
    assert StateChange.objects.filter(release=release).latest("pk").reason_code == "publisher"
    with pytest.raises(WithdrawalTooLate):
        actions.withdraw_release(make.published(owner).pk, by=owner, at=NOON + timedelta(days=2))


def test_a_withdrawn_torrent_may_be_handed_in_again() -> None:
    owner, content = make.viewer(), make.metainfo()
    actions.withdraw_release(make.published(owner, of=content).pk, by=owner, at=NOON)

    again = make.published(make.viewer(), of=content)

    assert again.state == ReleaseState.PUBLISHED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("version", ["v1", "v2", "hybrid"])
def test_of_two_who_hand_in_the_same_torrent_at_once_one_is_told(version: str) -> None:
    content = parse(make.torrent("album", version=version))
    people = [make.viewer() for _ in range(4)]
    drafts = [make.draft(person, of=content) for person in people]
    gate = threading.Barrier(len(people))
    won: list[int] = []
    told: list[DuplicateRelease] = []

    def hand_in(index: int) -> None:
        try:
            gate.wait()
            release = actions.submit_release(
                drafts[index].pk, make.fields(), by=people[index], at=NOON
            )
            won.append(release.pk)
        except DuplicateRelease as refusal:
            told.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=hand_in, args=(index,)) for index in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()

    assert (len(won), len(told)) == (1, 3)
    assert Release.objects.filter(state=ReleaseState.PENDING).count() == 1
    assert Listing.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_four_times_at_once_is_one_draft() -> None:
    person, raw = make.viewer(Role.TRUSTED_PUBLISHER), make.torrent()
    gate = threading.Barrier(4)
    drafts: list[int] = []

    def hand_in() -> None:
        try:
            gate.wait()
            drafts.append(actions.receive_torrent(raw, by=person, at=NOON).release.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=hand_in) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(drafts) == 4
    assert len(set(drafts)) == 1
    assert Release.objects.count() == 1
