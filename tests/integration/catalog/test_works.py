"""Works gather editions and their releases; the team merges and splits, and can take it back."""

from datetime import timedelta
from typing import Any

import pytest

from bottin.accounts.errors import NotAllowed
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import ANONYMOUS
from bottin.audit.models import AuditEvent
from bottin.catalog import gathering, works
from bottin.catalog.errors import (
    CannotMerge,
    CannotSplit,
    CannotUndo,
    InvalidWork,
    ReleaseNotFound,
    WorkNotFound,
)
from bottin.catalog.gathering import EditionFields, WorkFields
from bottin.catalog.models import Release, ReleaseChange, Work, WorkChange, WorkChangeKind
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db


def work(title: str = "Debian", **given: Any) -> Work:
    values: dict[str, Any] = {"title": title} | given
    return gathering.create_work(WorkFields(**values), by=make.viewer(), at=NOON)


def copy_of(made: Work, label: str, **given: Any) -> Release:
    owner = make.viewer()
    release = make.published(owner, **given)
    edition = EditionFields(label)
    gathering.attach_release(release.pk, made.pk, edition, by=owner, at=NOON)
    return Release.objects.get(pk=release.pk)


def last_change(made: Work, kind: WorkChangeKind) -> WorkChange:
    return WorkChange.objects.filter(work=made, kind=kind).latest("pk")


def test_work_01_releases_are_gathered_by_edition_latest_version_first() -> None:
    debian = work()
    for label in ("9.13", "13.1", "12.5"):
        copy_of(debian, label)
    second = copy_of(debian, "13.1")

    lines = works.editions_of(debian, make.viewer())

    assert [line.edition.label for line in lines] == ["13.1", "12.5", "9.13"]
    assert second in lines[0].releases
    assert len(lines[0].releases) == 2


def test_work_02_a_release_shows_newer_versions_then_the_others() -> None:
    debian = work()
    old, middle, new = (copy_of(debian, label) for label in ("9.13", "12.5", "13.1"))

    others = works.others_of(middle, make.viewer())

    assert others.newer == (new,)
    assert others.other == (old,)


def test_what_stands_alone_shows_what_shares_its_title_or_an_identifier() -> None:
    alone = make.published(title="Une œuvre", identifiers=("Q42",))
    same_name = make.published(title="une oeuvre !", identifiers=())
    same_number = make.published(title="Autre titre", identifiers=("wikidata:Q42",))
    make.published(title="Sans rapport")

    others = works.others_of(alone, make.viewer())

    assert set(others.similar) == {same_name, same_number}


def test_a_work_is_found_by_the_words_of_its_title_and_by_identifier() -> None:
    found = work("Les Misérables", identifiers=("978-2-07-040922-8",))
    work("Notre-Dame de Paris")

    person = make.viewer()
    assert works.find_works("miserables", person) == (found,)
    assert works.find_works("isbn 9782070409228", person) == (found,)
    assert works.find_works("misérables paris", person) == ()


def test_work_02_likely_works_are_those_whose_title_a_release_begins_with() -> None:
    debian, longer = work("Debian"), work("Debian GNU/Linux")
    named = work("Autre nom", identifiers=("Q7593",))
    work("Linux")
    release = make.published(title="Debian GNU/Linux 13 « trixie » amd64", identifiers=("Q7593",))

    assert works.likely_works(release) == (longer, named, debian)


def test_a_visitor_knows_only_works_with_something_published() -> None:
    empty, filled = work("Vide"), work("Remplie")
    copy_of(filled, "")

    assert works.find_works("", ANONYMOUS) == (filled,)
    assert works.work_for(filled.pk, ANONYMOUS) == filled
    with pytest.raises(WorkNotFound):
        works.work_for(empty.pk, ANONYMOUS)


def test_a_publisher_places_only_their_own_releases() -> None:
    debian, release = work(), make.published()
    stranger, moderator = make.viewer(), make.viewer(Role.MODERATOR)

    with pytest.raises(ReleaseNotFound):
        gathering.attach_release(release.pk, debian.pk, EditionFields(), by=stranger, at=NOON)
    placed = gathering.attach_release(
        release.pk, debian.pk, EditionFields("12"), by=moderator, at=NOON
    )

    assert placed.edition is not None
    assert placed.edition.work == debian


def test_attaching_and_detaching_reach_the_index_the_audit_and_can_be_undone() -> None:
    debian = work()
    release = copy_of(debian, "12")
    seen = ReleaseChange.objects.count()
    moderator = make.viewer(Role.MODERATOR)

    gathering.detach_release(release.pk, by=moderator, at=NOON)
    change = last_change(debian, WorkChangeKind.DETACHED)
    gathering.undo_change(change.pk, by=moderator, at=NOON)

    release.refresh_from_db()
    assert release.edition is not None
    assert release.edition.label == "12"
    assert ReleaseChange.objects.count() == seen + 2
    assert AuditEvent.objects.filter(subject=f"work:{debian.pk}").count() == 4
    with pytest.raises(CannotUndo):
        gathering.undo_change(change.pk, by=moderator, at=NOON)


def test_a_merge_moves_editions_joins_equal_ones_and_leads_the_old_address_on() -> None:
    one, other = work("Debian"), work("Debian GNU/Linux")
    kept, same, more = copy_of(other, "12"), copy_of(one, "12"), copy_of(one, "11")
    moderator = make.viewer(Role.MODERATOR)

    gathering.merge_works(one.pk, other.pk, by=moderator, at=NOON, reason="la même")

    one.refresh_from_db()
    lines = works.editions_of(other, moderator)
    assert one.merged_into == other
    assert [(line.edition.label, set(line.releases)) for line in lines] == [
        ("12", {kept, same}),
        ("11", {more}),
    ]
    with pytest.raises(CannotMerge):
        gathering.merge_works(other.pk, other.pk, by=moderator, at=NOON)
    with pytest.raises(WorkNotFound):
        gathering.merge_works(one.pk, other.pk, by=moderator, at=NOON)


def test_a_merge_is_undone_whole() -> None:
    one, other = work("Debian"), work("Debian GNU/Linux")
    copy_of(other, "12")
    same, more = copy_of(one, "12"), copy_of(one, "11")
    before = dict(Release.objects.values_list("pk", "edition_id"))
    moderator = make.viewer(Role.MODERATOR)
    gathering.merge_works(one.pk, other.pk, by=moderator, at=NOON)

    gathering.undo_change(last_change(other, WorkChangeKind.MERGED).pk, by=moderator, at=NOON)

    one.refresh_from_db()
    assert one.merged_into is None
    assert dict(Release.objects.values_list("pk", "edition_id")) == before
    assert {row for line in works.editions_of(one, moderator) for row in line.releases} == {
        same,
        more,
    }


def test_a_split_makes_a_work_of_some_releases_and_is_undone() -> None:
    both = work("Deux œuvres")
    stays, goes = copy_of(both, "1"), copy_of(both, "2")
    moderator = make.viewer(Role.MODERATOR)

    new = gathering.split_work(
        both.pk, [goes.pk], WorkFields("La seconde"), by=moderator, at=NOON, reason="distinctes"
    )

    assert [line.releases for line in works.editions_of(new, moderator)] == [(goes,)]
    assert [line.releases for line in works.editions_of(both, moderator)] == [(stays,)]

    gathering.undo_change(last_change(both, WorkChangeKind.SPLIT).pk, by=moderator, at=NOON)

    new.refresh_from_db()
    assert new.merged_into == both
    assert len(works.editions_of(both, moderator)) == 2


@pytest.mark.parametrize("all_of_them", [True, False])
def test_a_split_takes_some_and_leaves_some(*, all_of_them: bool) -> None:
    made = work()
    ids = [copy_of(made, label).pk for label in ("1", "2")]

    with pytest.raises(CannotSplit):
        gathering.split_work(
            made.pk,
            ids if all_of_them else [],
            WorkFields("Autre"),
            by=make.viewer(Role.MODERATOR),
            at=NOON,
        )


def test_an_edit_is_kept_with_what_was_before_and_undone() -> None:
    made = work("Debain", authors=("Ian",))
    moderator = make.viewer(Role.MODERATOR)
    later = NOON + timedelta(hours=1)

    gathering.edit_work(made.pk, WorkFields("Debian", year=1993), by=moderator, at=later)
    gathering.undo_change(last_change(made, WorkChangeKind.EDITED).pk, by=moderator, at=later)

    made.refresh_from_db()
    assert (made.title, made.authors, made.year) == ("Debain", ["Ian"], None)


@pytest.mark.parametrize("fields", [WorkFields(""), WorkFields("!!"), WorkFields("x" * 201)])
def test_a_work_needs_a_title(fields: WorkFields) -> None:
    with pytest.raises(InvalidWork):
        gathering.create_work(fields, by=make.viewer(), at=NOON)


def test_a_work_keeps_no_identifier_that_is_wrong() -> None:
    with pytest.raises(InvalidWork):
        work(identifiers=("9782070409229",))


def test_members_make_works_and_only_the_team_merges_them() -> None:
    one, other = work("Un"), work("Deux")

    with pytest.raises(NotAllowed):
        gathering.merge_works(one.pk, other.pk, by=make.viewer(), at=NOON)
