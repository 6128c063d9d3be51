"""A picture on its way beside a release: who may, what is kept, what comes back never."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import Settings

from bottin.accounts.errors import NotAllowed, ReasonMissing
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import ANONYMOUS, Viewer, viewer_for
from bottin.audit.models import AuditEvent
from bottin.catalog.actions import change_state
from bottin.catalog.errors import ReleaseNotFound, StaleDecision, WorkNotFound
from bottin.catalog.gathering import WorkFields, create_work
from bottin.catalog.models import Release, StateChange
from bottin.catalog.states import ReleaseState
from bottin.lib.errors import DomainError
from bottin.pictures import actions, queries, store
from bottin.pictures.actions import NewPicture
from bottin.pictures.errors import (
    AltMissing,
    PictureNotFound,
    PicturesLocked,
    PictureStaysDown,
    SamePicture,
    TooManyPictures,
)
from bottin.pictures.models import Picture, PictureFile, RefusedPicture
from bottin.pictures.rights import Place
from bottin.pictures.tasks import sweep_files
from tests.factories import catalog as make
from tests.factories import pictures as draw
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.BOTTIN_DATA_DIR = tmp_path


@pytest.fixture(name="owner")
def _owner() -> Viewer:
    return make.viewer()


def files_there() -> set[str]:
    return {path.name for path, _digest in store.kept()}


def test_a_cover_is_kept_in_sizes_named_by_their_content_and_the_source_is_not(
    owner: Viewer,
) -> None:
    release = make.draft(owner)
    raw = draw.picture_file("JPEG", draw.drawing((1000, 1500)))

    picture = draw.add_picture(release, owner, raw=raw, is_cover=True, alt="  Un   phare ")

    found = queries.enclosed_of(Place(release.pk))
    assert found.cover is not None
    assert found.cover.alt == "Un phare"
    assert [(one.width, one.height) for one in found.cover.webp] == [
        (240, 360), (480, 720), (960, 1440), (1000, 1500),
    ]  # fmt: skip
    assert [one.width for one in found.cover.avif] == [240, 480, 960, 1000]
    assert files_there() == {str(file) for file in PictureFile.objects.all()}
    assert raw not in [path.read_bytes() for path, _digest in store.kept()]
    line = AuditEvent.objects.get(action="picture.added")
    assert line.subject == f"release:{release.pk}"
    assert line.detail["picture"] == picture.pk


@pytest.mark.parametrize(
    ("role", "state", "refusal"),
    [
        (None, ReleaseState.PUBLISHED, NotAllowed),
        (Role.MEMBER, ReleaseState.DRAFT, ReleaseNotFound),
        (Role.MEMBER, ReleaseState.PENDING, ReleaseNotFound),
        (Role.MEMBER, ReleaseState.PUBLISHED, ReleaseNotFound),
        (Role.TRUSTED_PUBLISHER, ReleaseState.PUBLISHED, ReleaseNotFound),
        (Role.MODERATOR, ReleaseState.DRAFT, ReleaseNotFound),
        (Role.MODERATOR, ReleaseState.QUARANTINED, PicturesLocked),
        ("owner", ReleaseState.PUBLISHED, PicturesLocked),
        ("owner", ReleaseState.WITHDRAWN, PicturesLocked),
        ("owner", ReleaseState.REMOVED_TERMS, PicturesLocked),
        ("owner", ReleaseState.DRAFT, None),
        ("owner", ReleaseState.PENDING, None),
        ("owner", ReleaseState.CHANGES_REQUESTED, None),
        ("trusted owner", ReleaseState.PUBLISHED, None),
        (Role.MODERATOR, ReleaseState.PENDING, None),
        (Role.MODERATOR, ReleaseState.PUBLISHED, None),
    ],
)
def test_who_may_add_a_picture_to_what(
    role: Role | str | None, state: ReleaseState, refusal: type[DomainError] | None
) -> None:
    owner = make.account()
    release = _in(state, viewer_for(owner))
    if role == "trusted owner":
        owner.role = Role.TRUSTED_PUBLISHER
        owner.save()
    by = _who(role, viewer_for(owner))

    if refusal:
        with pytest.raises(refusal):
            draw.add_picture(release, by)
        assert not Picture.objects.exists()
    else:
        draw.add_picture(release, by)
        assert Picture.objects.get().added_by_id == by.user_id


def test_a_picture_says_what_it_shows_once_and_there_are_only_so_many(
    owner: Viewer, settings: Settings
) -> None:
    settings.BOTTIN_PICTURES_MAX = 1
    release, raw = make.draft(owner), draw.picture_file()
    for alt in ("", "  ", "x" * 301):
        with pytest.raises(AltMissing):
            draw.add_picture(release, owner, alt=alt)
    draw.add_picture(release, owner, raw=raw, is_cover=True)
    with pytest.raises(SamePicture):
        draw.add_picture(release, owner, raw=raw)
    draw.add_picture(release, owner)

    with pytest.raises(TooManyPictures):
        draw.add_picture(release, owner)
    with pytest.raises(TooManyPictures):
        draw.add_picture(release, owner, is_cover=True)
    assert Picture.objects.count() == 2


def test_pictures_are_ordered_described_and_one_of_them_becomes_the_cover(owner: Viewer) -> None:
    release = make.draft(owner)
    place = Place(release.pk)
    first, second, third = (draw.add_picture(release, owner) for _ in range(3))

    actions.move_picture(place, third.pk, up=True, by=owner, at=NOON)
    actions.move_picture(place, first.pk, up=True, by=owner, at=NOON)
    actions.describe_picture(place, second.pk, "Autre chose", by=owner, at=NOON)
    assert _order(place) == [first.pk, third.pk, second.pk]

    actions.make_cover(place, second.pk, by=owner, at=NOON)
    actions.make_cover(place, third.pk, by=owner, at=NOON)

    found = queries.enclosed_of(place)
    assert found.cover
    assert found.cover.picture_id == third.pk
    assert {line.picture_id for line in found.pictures} == {first.pk, second.pk}
    with pytest.raises(PictureNotFound):
        actions.make_cover(Place(make.draft(owner).pk), first.pk, by=owner, at=NOON)


def test_a_picture_added_while_it_waits_makes_the_decision_stale(owner: Viewer) -> None:
    release = make.pending(owner)
    seen = StateChange.objects.filter(release=release).latest("pk").pk

    draw.add_picture(release, owner)

    with pytest.raises(StaleDecision):
        change_state(
            release.pk,
            to=ReleaseState.PUBLISHED,
            by=make.viewer(Role.MODERATOR),
            at=NOON,
            seen_change_id=seen,
        )


def test_a_deleted_picture_leaves_files_to_the_sweep_unless_another_has_them(owner: Viewer) -> None:
    one, other, raw = make.draft(owner), make.draft(owner), draw.picture_file()
    mine = draw.add_picture(one, owner, raw=raw)
    theirs = draw.add_picture(other, owner, raw=raw)
    there = files_there()

    actions.delete_picture(Place(one.pk), mine.pk, by=owner, at=NOON)
    assert sweep_files() == 0
    assert files_there() == there

    actions.delete_picture(Place(other.pk), theirs.pk, by=owner, at=NOON)
    assert sweep_files() == len(there)
    assert files_there() == set()


def test_stay_01_a_removed_picture_goes_everywhere_and_does_not_come_back(owner: Viewer) -> None:
    drawn = draw.drawing((400, 600))
    raw = draw.picture_file("PNG", drawn)
    one, other = make.draft(owner), make.draft(owner)
    picture = draw.add_picture(one, owner, raw=raw, is_cover=True)
    draw.add_picture(other, owner, raw=draw.picture_file("PNG", drawn, compress_level=1))
    team = make.viewer(Role.MODERATOR)
    with pytest.raises(NotAllowed):
        actions.remove_picture(picture.pk, by=owner, at=NOON, reason="non")
    with pytest.raises(ReasonMissing):
        actions.remove_picture(picture.pk, by=team, at=NOON, reason=" ")

    assert actions.remove_picture(picture.pk, by=team, at=NOON, reason="droits d’un tiers") == 2

    assert not Picture.objects.exists()
    assert AuditEvent.objects.filter(action="picture.removed").count() == 2
    again = (
        raw,
        draw.picture_file("PNG", drawn, compress_level=0),
        draw.picture_file("JPEG", drawn, quality=70),
        draw.picture_file("WEBP", drawn.resize((200, 300))),
    )
    for back in again:
        with pytest.raises(PictureStaysDown) as refused:
            draw.add_picture(one, owner, raw=back)
        assert refused.value.context["reason"] == "droits d’un tiers"
    draw.add_picture(one, owner, raw=draw.picture_file("PNG", draw.drawing((400, 600))))


def test_a_plain_picture_is_kept_down_by_its_pixels_alone(owner: Viewer) -> None:
    from PIL import Image

    release = make.draft(owner)
    white = draw.picture_file("PNG", Image.new("RGB", (100, 100), "white"))
    picture = draw.add_picture(release, owner, raw=white)
    team = make.viewer(Role.MODERATOR)
    actions.remove_picture(picture.pk, by=team, at=NOON, reason="vide")

    assert set(RefusedPicture.objects.values_list("kind", flat=True)) == {"source", "pixels"}
    draw.add_picture(
        release, owner, raw=draw.picture_file("PNG", Image.new("RGB", (99, 99), "white"))
    )


def test_works_have_pictures_of_the_curators(owner: Viewer) -> None:
    work = create_work(WorkFields(title="Un film"), by=owner, at=NOON)
    place, given = Place(work_id=work.pk), NewPicture(draw.picture_file(), "Une affiche")
    with pytest.raises(NotAllowed):
        actions.add_picture(place, given, by=owner, at=NOON)

    team = make.viewer(Role.MODERATOR)
    actions.add_picture(place, given, by=team, at=NOON)

    assert len(queries.enclosed_of(place).pictures) == 1
    with pytest.raises(WorkNotFound):
        actions.add_picture(Place(work_id=999_999), given, by=team, at=NOON)


@pytest.mark.django_db(transaction=True)
def test_the_same_picture_twice_at_once_is_one(owner: Viewer) -> None:
    release, raw = make.draft(owner), draw.picture_file()
    seen: list[str] = []
    ways: list[Callable[[], object]] = [
        lambda: draw.add_picture(release, owner, raw=raw, is_cover=True),
        lambda: draw.add_picture(release, owner, raw=raw, is_cover=True),
        sweep_files,
    ]
    threads = [threading.Thread(target=_noted, args=(way, seen)) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(seen) == ["done", "done", "pictures.same"]
    assert Picture.objects.get().is_cover
    assert files_there() == {str(file) for file in PictureFile.objects.all()}


def _noted(way: Callable[[], object], seen: list[str]) -> None:
    try:
        way()
        seen.append("done")
    except DomainError as refusal:
        seen.append(refusal.code)
    finally:
        connections.close_all()


def _order(place: Place) -> list[int]:
    return [line.picture_id for line in queries.enclosed_of(place).pictures]


def _in(state: ReleaseState, owner: Viewer) -> Release:
    if state is ReleaseState.DRAFT:
        return make.draft(owner)
    if state is ReleaseState.PENDING:
        return make.pending(owner)
    if state is ReleaseState.CHANGES_REQUESTED:
        release = make.pending(owner)
    else:
        release = make.published(owner)
    if state is not ReleaseState.PUBLISHED:
        make.change(release, state)
    return release


def _who(role: Role | str | None, owner: Viewer) -> Viewer:
    if role is None:
        return ANONYMOUS
    return owner if isinstance(role, str) and "owner" in role else make.viewer(Role(role))
