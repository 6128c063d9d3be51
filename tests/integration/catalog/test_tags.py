"""Tags: aliases lead to one name, members vote, the team approves."""

import pytest

from bottin.accounts.errors import NotAllowed
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import ANONYMOUS
from bottin.audit.models import AuditEvent
from bottin.catalog import actions, queries, tagging, tags, tasks
from bottin.catalog.errors import BadAlias, ReleaseNotFound, TagNotFound
from bottin.catalog.models import Release, ReleaseChange, Tag
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db


def slugs(release: Release) -> set[str]:
    return set(release.tags.values_list("slug", flat=True))


def test_work_05_an_alias_moves_releases_and_is_replaced_wherever_it_is_typed() -> None:
    release = make.published(tags=("lnux", "iso"))
    seen = ReleaseChange.objects.count()

    tagging.set_alias("lnux", "Linux", by=make.viewer(Role.MODERATOR), at=NOON, reason="faute")

    assert slugs(release) == {"linux", "iso"}
    assert slugs(make.published(tags=("LNUX",))) == {"linux"}
    assert ReleaseChange.objects.filter(release_id=release.pk, pk__gt=seen).exists()
    assert AuditEvent.objects.filter(action="tag.aliased", subject="tag:lnux").exists()
    assert tags.tag_by_slug("lnux").slug == "linux"


def test_an_alias_of_an_alias_leads_to_the_end() -> None:
    team = make.viewer(Role.MODERATOR)
    make.published(tags=("a1", "b1", "c1"))

    tagging.set_alias("a1", "b1", by=team, at=NOON)
    tagging.set_alias("b1", "c1", by=team, at=NOON)

    assert tags.canonical_of(["a1", "b1", "x1"]) == ("c1", "x1")
    with pytest.raises(BadAlias):
        tagging.set_alias("c1", "a1", by=team, at=NOON)
    with pytest.raises(BadAlias):
        tagging.set_alias("c1", "C1", by=team, at=NOON)


def test_an_alias_can_stand_for_itself_again() -> None:
    team = make.viewer(Role.MODERATOR)
    make.published(tags=("gnu-linux",))
    tagging.set_alias("gnu-linux", "linux", by=team, at=NOON)

    tagging.free_alias("gnu-linux", by=team)

    assert slugs(make.published(tags=("gnu-linux",))) == {"gnu-linux"}
    with pytest.raises(TagNotFound):
        tagging.free_alias("gnu-linux", by=team)


def test_work_05_votes_hide_a_tag_below_minus_three_and_bring_it_back() -> None:
    release = make.published(tags=("jazz", "rock"))
    voters = [make.viewer() for _ in range(4)]

    scores = [tagging.vote(release.pk, "rock", -1, by=voter, at=NOON) for voter in voters]

    assert scores == [-1, -2, -3, -4]
    assert slugs(release) == {"jazz"}
    shown = tags.scores_of(queries.release_for(release.pk, voters[0]), voters[0])
    assert [(one.tag.slug, one.score, one.mine, one.is_shown) for one in shown] == [
        ("jazz", 0, 0, True),
        ("rock", -4, -1, False),
    ]

    tagging.vote(release.pk, "rock", 0, by=voters[0], at=NOON)

    assert slugs(release) == {"jazz", "rock"}


def test_a_tag_voted_off_does_not_come_back_with_the_next_edit() -> None:
    release = make.published(tags=("jazz", "rock"))
    for _ in range(4):
        tagging.vote(release.pk, "rock", -1, by=make.viewer(), at=NOON)

    actions.set_tags(release, ("jazz", "rock", "live"))

    assert slugs(release) == {"jazz", "live"}


def test_a_second_vote_of_a_member_replaces_the_first() -> None:
    release, voter = make.published(tags=("jazz",)), make.viewer()

    tagging.vote(release.pk, "jazz", 1, by=voter, at=NOON)

    assert tagging.vote(release.pk, "jazz", -1, by=voter, at=NOON) == -1


def test_members_vote_on_what_is_published_and_has_the_tag() -> None:
    with pytest.raises(ReleaseNotFound):
        tagging.vote(make.pending(tags=("jazz",)).pk, "jazz", 1, by=make.viewer(), at=NOON)
    with pytest.raises(TagNotFound):
        tagging.vote(make.published(tags=("jazz",)).pk, "rock", 1, by=make.viewer(), at=NOON)
    with pytest.raises(NotAllowed):
        tagging.vote(1, "jazz", 1, by=ANONYMOUS, at=NOON)


def test_approved_tags_come_first_and_drafts_count_for_nothing() -> None:
    make.published(tags=("rare", "courant"))
    make.published(tags=("courant",))
    make.pending(tags=("attente",))

    tagging.approve_tag("rare", is_official=True, by=make.viewer(Role.MODERATOR))

    tagging.recount_tags()
    listed = tags.listed_tags()
    assert [tag.slug for tag in listed] == ["rare", "courant"]
    assert list(tags.suggestions()) == ["rare"]


def test_tags_are_found_by_their_beginning_and_by_an_alias() -> None:
    make.published(tags=("gnu-linux", "linux"))
    tagging.set_alias("gnu-linux", "linux", by=make.viewer(Role.MODERATOR), at=NOON)

    tasks.refresh_tag_counts()

    assert [(tag.slug, tag.uses) for tag in tags.listed_tags("GNU")] == [("linux", 1)]
    assert tagging.recount_tags() == 0


def test_only_the_team_keeps_tags_in_order() -> None:
    Tag.objects.create(slug="un")

    with pytest.raises(NotAllowed):
        tagging.set_alias("un", "deux", by=make.viewer(), at=NOON)
    with pytest.raises(NotAllowed):
        tagging.approve_tag("un", is_official=True, by=make.viewer())
