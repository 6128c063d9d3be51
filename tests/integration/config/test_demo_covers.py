"""The demo's covers: made where they are missing, whatever stopped the run before."""

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from bottin.accounts.models import Account
from bottin.accounts.viewer import viewer_for
from bottin.catalog.models import Release
from bottin.config.demo import covers, people
from bottin.pictures import actions, store
from bottin.pictures.models import Picture, TextFile
from bottin.pictures.rights import Place
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db
OF_THE_NEWEST = 4


@pytest.fixture(name="staff")
def _staff(settings: Settings, tmp_path: Path) -> dict[str, Account]:
    settings.BOTTIN_DATA_DIR = tmp_path
    return people.ensure_people(NOON)


@pytest.fixture(name="release")
def _release(staff: dict[str, Account]) -> Release:
    release = shown("Ondine")
    covers.write(staff, NOON)
    return release


def shown(title: str, *, days: int = 0) -> Release:
    release = make.published(title=title, at=NOON + timedelta(days=days))
    Release.objects.filter(pk=release.pk).update(is_demo=True)
    return release


def cover_of(release: Release) -> Picture:
    return Picture.objects.get(release=release, is_cover=True)


def file_of(picture: Picture) -> Path:
    first = picture.files.all()[0]
    return store.path_of(first.digest, first.form)


def test_the_newest_have_a_cover_pictures_and_an_nfo(release: Release) -> None:
    assert Picture.objects.filter(release=release).count() == OF_THE_NEWEST
    assert TextFile.objects.filter(release=release).count() == 1
    assert covers.are_whole()


def test_what_came_before_a_stopped_run_got_its_turn_gets_it_at_the_next(
    release: Release, staff: dict[str, Account]
) -> None:
    there = set(Picture.objects.values_list("pk", flat=True))
    late = shown("Nosferatu", days=1)
    assert not covers.are_whole()

    covers.write(staff, NOON)

    assert covers.are_whole()
    assert cover_of(late).alt.endswith("Nosferatu")
    assert there == set(Picture.objects.filter(release=release).values_list("pk", flat=True))


def test_a_release_left_half_way_gets_the_rest(release: Release, staff: dict[str, Account]) -> None:
    Picture.objects.filter(release=release, is_cover=False).first().delete()  # type: ignore[union-attr]
    assert not covers.are_whole()

    covers.write(staff, NOON)

    assert covers.are_whole()
    assert Picture.objects.filter(release=release).count() == OF_THE_NEWEST


def test_a_cover_that_lost_a_file_is_drawn_again(
    release: Release, staff: dict[str, Account]
) -> None:
    file = file_of(cover_of(release))
    file.unlink()
    assert not covers.are_whole()

    covers.write(staff, NOON)

    assert file.exists()
    assert covers.are_whole()
    assert Picture.objects.filter(release=release).count() == OF_THE_NEWEST


def test_what_a_person_took_away_stays_away(release: Release, staff: dict[str, Account]) -> None:
    actions.delete_picture(
        Place(release.pk), cover_of(release).pk, by=viewer_for(staff["samir"]), at=NOON
    )

    assert covers.are_whole()
    covers.write(staff, NOON)

    assert not Picture.objects.filter(release=release, is_cover=True).exists()
