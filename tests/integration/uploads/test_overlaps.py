"""Releases with the same files, in whole or in part, and their share (TOR-12)."""

from dataclasses import replace

import pytest
from pytest_django import DjangoAssertNumQueries

from bottin.accounts.permissions import Role
from bottin.catalog.models import Release
from bottin.metainfo.parser import parse
from bottin.uploads import duplicates
from bottin.uploads.duplicates import Ground, Overlap, overlaps_of
from bottin.uploads.models import ContentKeys
from tests.factories import catalog as make
from tests.factories.mutations import CAUGHT, Package

pytestmark = pytest.mark.django_db


def _published(package: Package) -> Release:
    return make.published(of=parse(package.raw()))


def _found(mutation: str, version: str = "v1", listed: str = "v1") -> Overlap:
    other = _published(Package(listed))
    draft = make.draft(of=parse(CAUGHT[mutation](Package(version)).raw()))
    (found,) = overlaps_of(draft, make.viewer())
    assert found.release == other
    return found


@pytest.mark.parametrize(
    ("mutation", "version", "listed", "ground"),
    [
        ("source", "v1", "v1", Ground.PIECES),
        ("other name of the torrent", "hybrid", "hybrid", Ground.PIECES),
        ("other pieces", "v1", "v1", Ground.NAMES),
        ("other pieces", "v2", "v1", Ground.NAMES),
        ("files renamed", "v2", "hybrid", Ground.ROOTS),
        ("files renamed", "hybrid", "v1", Ground.SIZES),
    ],
)
def test_the_same_content_is_found_whole(
    mutation: str, version: str, listed: str, ground: Ground
) -> None:
    found = _found(mutation, version, listed)

    assert (found.ground, found.percent, found.percent_of_other) == (ground, 100, 100)
    assert found.shared_files == 3


@pytest.mark.parametrize(("version", "ground"), [("v1", Ground.NAMES), ("v2", Ground.ROOTS)])
def test_a_part_is_found_with_its_share(version: str, ground: Ground) -> None:
    found = _found("the film alone", version, version)

    assert (found.ground, found.shared_files) == (ground, 1)
    assert (found.percent, found.percent_of_other) == (100, 59)


def test_more_around_the_same_files_is_found_with_its_share() -> None:
    found = _found("a large file added")

    assert (found.shared_files, found.percent, found.percent_of_other) == (3, 62, 100)


def test_other_content_shares_nothing() -> None:
    _published(Package("v1"))

    assert overlaps_of(make.draft(), make.viewer()) == ()


def test_a_publisher_sees_listed_releases_only_and_the_team_what_waits() -> None:
    make.pending(of=parse(Package("v1").raw()))
    draft = make.draft(of=parse(CAUGHT["source"](Package("v1")).raw()))

    assert overlaps_of(draft, make.viewer()) == ()
    team = overlaps_of(draft, make.viewer(Role.MODERATOR), is_listed_only=False)
    assert [found.percent for found in team] == [100]


def test_it_takes_three_queries_however_many_are_found(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(3):
        _published(replace(Package("hybrid"), info=(("source", f"s{number}"),)))
    draft, viewer = make.draft(of=parse(Package("hybrid").raw())), make.viewer()

    with django_assert_num_queries(3):
        assert len(overlaps_of(draft, viewer)) == 3


def test_releases_that_came_another_way_get_their_keys() -> None:
    release = make.published()
    ContentKeys.objects.all().delete()

    assert duplicates.fill_missing_keys() == 1
    assert duplicates.fill_missing_keys() == 0
    assert ContentKeys.objects.get().release == release
