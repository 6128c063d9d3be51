"""Edits keep every earlier version; bringing one back is an edit by the same rules (TOR-4)."""

from datetime import timedelta

import pytest

from bottin.accounts.errors import NotAllowed
from bottin.accounts.permissions import Role
from bottin.audit.models import AuditEvent
from bottin.catalog.errors import ReleaseNotFound
from bottin.catalog.models import Release, ReleaseVersion
from bottin.catalog.states import ReleaseState
from bottin.uploads import actions, versions
from bottin.uploads.describing import fields_of
from bottin.uploads.errors import InvalidFields, VersionNotFound
from bottin.uploads.fields import ReleaseFields
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


def numbers(release: Release) -> list[int]:
    return list(release.versions.order_by("number").values_list("number", flat=True))


def test_tor_04_an_edit_leaves_the_version_before_it_with_who_when_and_what() -> None:
    owner = make.viewer()
    release = make.published(owner, tags=("chanson",))

    actions.edit_release(
        release.pk, make.fields(description="Neuf", tags=("air",)), by=owner, at=LATER
    )

    first, second = release.versions.order_by("number")
    assert (second.actor_id, second.at) == (owner.user_id, LATER)
    assert second.changed == ["description", "tags"]
    changes = versions.differences(first, second)
    assert [(one.field, one.before, one.after) for one in changes] == [
        ("description", "Des chansons **libres**.", "Neuf"),
        ("tags", ("chanson",), ("air",)),
    ]


def test_an_edit_that_changes_nothing_keeps_no_version() -> None:
    owner = make.viewer()
    release = make.published(owner)

    actions.edit_release(release.pk, ReleaseFields.of(release), by=owner, at=LATER)

    assert numbers(release) == [1]


def test_a_release_without_versions_first_keeps_what_it_said() -> None:
    owner = make.viewer()
    release = make.published(owner)
    ReleaseVersion.objects.all().delete()

    actions.edit_release(release.pk, make.fields(description="Neuf"), by=owner, at=LATER)

    assert numbers(release) == [1, 2]
    assert fields_of(release.versions.get(number=1)).description == "Des chansons **libres**."


def test_a_version_holds_every_field_and_is_read_back_the_same() -> None:
    release = make.published(
        authors=("Louise Michel",),
        year=1888,
        identifiers=("Q216092",),
        original_title="À travers la vie",
        facts={"audio_codec": ["flac", "opus"], "sample_rate": 48_000},
        is_open=True,
    )

    assert fields_of(release.versions.get()) == ReleaseFields.of(release)


def test_tor_04_what_touches_no_licence_is_restored_at_once() -> None:
    owner = make.viewer()
    release = make.published(owner)
    actions.edit_release(release.pk, make.fields(description="Raté"), by=owner, at=LATER)

    restored = versions.restore_version(release.pk, 1, by=owner, at=LATER)

    assert restored.description == "Des chansons **libres**."
    assert restored.state == ReleaseState.PUBLISHED
    assert numbers(release) == [1, 2, 3]
    assert release.versions.get(number=3).restored_from == 1
    assert AuditEvent.objects.filter(action="release.edited").latest("pk").detail["restored"] == 1


def test_a_restored_title_of_a_member_is_reviewed_and_of_the_team_is_not() -> None:
    owner, moderator = make.viewer(), make.viewer(Role.MODERATOR)
    release = make.published(owner)
    actions.edit_release(release.pk, make.fields(title="Autre titre"), by=moderator, at=LATER)

    by_owner = versions.restore_version(release.pk, 1, by=owner, at=LATER)

    assert by_owner.state == ReleaseState.PENDING

    other = make.published(owner)
    actions.edit_release(other.pk, make.fields(title="Autre titre"), by=moderator, at=LATER)
    by_team = versions.restore_version(other.pk, 1, by=moderator, at=LATER)

    assert by_team.state == ReleaseState.PUBLISHED


def test_a_stranger_restores_nothing() -> None:
    release = make.published()

    with pytest.raises(ReleaseNotFound):
        versions.restore_version(release.pk, 1, by=make.viewer(), at=LATER)


def test_a_hidden_version_is_for_the_team_only() -> None:
    owner, moderator = make.viewer(), make.viewer(Role.MODERATOR)
    release = make.published(owner)
    actions.edit_release(release.pk, make.fields(description="Neuf"), by=owner, at=LATER)

    versions.hide_version(release.pk, 1, by=moderator, at=LATER, reason="un nom")

    assert [version.number for version in versions.versions_of(release, owner)] == [2]
    assert [version.number for version in versions.versions_of(release, moderator)] == [2, 1]
    with pytest.raises(VersionNotFound):
        versions.restore_version(release.pk, 1, by=owner, at=LATER)
    assert AuditEvent.objects.filter(action="release.version_hidden").exists()

    versions.hide_version(release.pk, 1, by=moderator, at=LATER, reason="")

    assert len(versions.versions_of(release, owner)) == 2


def test_the_present_version_cannot_be_hidden_and_members_hide_none() -> None:
    release = make.published()

    with pytest.raises(VersionNotFound):
        versions.hide_version(release.pk, 1, by=make.viewer(Role.MODERATOR), at=LATER, reason="")
    with pytest.raises(NotAllowed):
        versions.hide_version(release.pk, 1, by=make.viewer(), at=LATER, reason="")


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"facts": {"architecture": ["amd64"]}}, "facts.architecture", "unknown"),
        ({"facts": {"audio_codec": ["mp5"]}}, "facts.audio_codec", "unknown"),
        ({"facts": {"sample_rate": 3}}, "facts.sample_rate", "out_of_range"),
        ({"facts": {"sample_rate": ["48000"]}}, "facts.sample_rate", "out_of_range"),
        ({"identifiers": ("978-2-07-040922-9",)}, "identifiers", "unreadable"),
        ({"identifiers": tuple(f"Q{n}" for n in range(1, 12))}, "identifiers", "too_many"),
        ({"year": 2500}, "year", "out_of_range"),
        ({"authors": ("x" * 161,)}, "authors", "too_long"),
        ({"authors": ("a\u202eb",)}, "authors", "hidden_characters"),
        ({"original_title": "x" * 201}, "original_title", "too_long"),
    ],
)
def test_work_03_facts_and_identifiers_are_checked(
    given: dict[str, object], field: str, code: str
) -> None:
    owner = make.viewer()
    draft = make.draft(owner)

    with pytest.raises(InvalidFields) as refusal:
        actions.submit_release(draft.pk, make.fields(**given), by=owner, at=NOON)

    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [(field, code)]


def test_work_06_identifiers_are_kept_in_one_form() -> None:
    release = make.published(identifiers=("ISBN 2-07-036822-X", "https://doi.org/10.1000/ABC"))

    assert release.identifiers == ["isbn:9782070368228", "doi:10.1000/abc"]
