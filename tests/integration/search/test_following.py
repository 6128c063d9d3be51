"""The index is the image of the catalogue, whatever happens on the way."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import ANONYMOUS
from bottin.catalog import actions
from bottin.catalog.models import Release, ReleaseChange
from bottin.catalog.states import ReleaseState
from bottin.search import following, places, tasks
from bottin.search.following import Follower, rebuild
from bottin.search.index import Reader
from bottin.search.queries import SearchRequest, search
from bottin.tracker.models import SwarmCount
from bottin.uploads import actions as uploads
from tests.factories import catalog as make
from tests.factories.catalog import NOON
from tests.factories.transactions import settle

pytestmark = pytest.mark.django_db


def found(text: str) -> set[int]:
    return {row.pk for row in search(ANONYMOUS, SearchRequest(text)).rows}


def indexed() -> set[int]:
    folder = places.in_force()
    assert folder is not None
    return Reader(folder).ids()


def test_a_first_look_builds_the_index() -> None:
    release = make.published()

    tasks.index_changes()

    assert indexed() == {release.pk}


def test_every_change_of_the_catalogue_is_followed() -> None:
    tasks.index_changes()
    owner = make.viewer(Role.TRUSTED_PUBLISHER)
    first, second = make.published(owner, title="Premier"), make.published(owner, title="Second")
    tasks.index_changes()
    assert indexed() == {first.pk, second.pk}

    make.change(first, ReleaseState.REMOVED_LEGAL)
    uploads.edit_release(second.pk, make.fields(title="Deuxième"), by=owner, at=NOON)
    tasks.index_changes()

    assert indexed() == {second.pk}
    assert found("deuxieme") == {second.pk}
    assert found("second") == set()


def test_a_release_is_in_the_index_once_however_often_it_changes() -> None:
    tasks.index_changes()
    release = make.published()
    for _ in range(3):
        actions.touch([release.pk, release.pk], at=NOON)
        tasks.index_changes()

    assert search(ANONYMOUS, SearchRequest("chansons")).total == 1


def test_changes_are_forgotten_and_what_was_followed_stays() -> None:
    release = make.published()
    tasks.index_changes()

    following.forget_changes(before=NOON + timedelta(days=9))
    tasks.index_changes()

    assert not ReleaseChange.objects.exists()
    assert indexed() == {release.pk}


def test_losing_the_index_loses_nothing(index_folder: Path) -> None:
    release = make.published()
    tasks.index_changes()
    tasks.let_go()

    (index_folder / "current").unlink()
    tasks.index_changes()

    assert indexed() == {release.pk}


def test_an_index_of_another_version_is_built_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    release = make.published()
    tasks.index_changes()
    old = places.in_force()
    monkeypatch.setattr(places, "SCHEMA_VERSION", places.SCHEMA_VERSION + 1)

    assert places.in_force() is None
    tasks.index_changes()

    assert indexed() == {release.pk}
    assert old is not None
    assert not old.exists()


def test_an_index_that_followed_another_database_is_built_anew() -> None:
    release = make.published()
    tasks.index_changes()
    folder = places.in_force()
    assert folder is not None
    places.note_position(folder, places.Position(2**62))

    tasks.index_changes()

    assert places.in_force() != folder
    assert indexed() == {release.pk}


@pytest.mark.parametrize("text", ["", "{", "[1]", '["a", 1]', "null"])
def test_a_torn_position_is_no_position(text: str) -> None:
    release = make.published()
    tasks.index_changes()
    folder = places.in_force()
    assert folder is not None
    (folder / "position").write_text(text)

    tasks.index_changes()

    assert indexed() == {release.pk}


def test_a_commit_without_its_position_is_followed_again_without_harm() -> None:
    tasks.index_changes()
    folder = places.in_force()
    assert folder is not None
    before = (folder / "position").read_text()
    release = make.published()
    tasks.index_changes()

    (folder / "position").write_text(before)
    tasks.let_go()
    tasks.index_changes()

    assert indexed() == {release.pk}
    assert search(ANONYMOUS, SearchRequest("chansons")).total == 1


def test_only_one_process_follows(index_folder: Path) -> None:
    tasks.index_changes()
    other = Follower()
    release = make.published()

    assert other.follow() is False
    assert release.pk not in indexed()
    tasks.index_changes()

    assert release.pk in indexed()


def test_a_rebuild_is_followed_by_the_worker_and_the_readers() -> None:
    first = make.published()
    tasks.index_changes()
    old = places.in_force()

    assert rebuild() == 1
    second = make.published()
    tasks.index_changes()

    assert places.in_force() != old
    assert found("chansons") == {first.pk, second.pk}


def test_counts_reach_the_index_by_steps() -> None:
    releases = [make.published() for _ in range(3)]
    tasks.index_changes()
    for release, seeders in zip(releases, (1, 40, 7), strict=True):
        make.swarm(release, seeders)

    tasks.refresh_counts()

    rows = search(ANONYMOUS, SearchRequest("chansons", sort="seeders")).rows
    assert [row.seeders for row in rows] == [40, 7, 1]
    folder = places.in_force()
    assert folder is not None
    before = (folder / "meta.json").read_bytes()
    SwarmCount.objects.filter(release_id=releases[1].pk).update(
        seeders=41, updated_at=NOON + timedelta(days=900)
    )
    tasks.refresh_counts()
    assert (folder / "meta.json").read_bytes() == before


@pytest.mark.django_db(transaction=True)
def test_a_change_that_commits_late_is_not_missed() -> None:
    early, late = make.published(), make.published()
    settle()
    tasks.index_changes()
    Release.objects.update(title="Relu")
    written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            actions.touch([early.pk], at=NOON)  # an id drawn before the other's
            written.set()
            may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(10)
    actions.touch([late.pk], at=NOON)
    tasks.index_changes()
    assert found("relu") == {late.pk}

    may_commit.set()
    thread.join()
    tasks.index_changes()

    assert found("relu") == {early.pk, late.pk}


def test_more_changes_than_a_batch_are_followed_in_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks.index_changes()
    monkeypatch.setattr(following, "BATCH", 2)
    releases = {make.published().pk for _ in range(5)}
    rounds = 0
    while tasks.index_changes() and rounds < 50:
        rounds += 1

    assert indexed() == releases


def test_a_build_goes_in_rounds_from_one_id_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "BATCH", 2)
    owner = make.viewer(Role.TRUSTED_PUBLISHER)
    made = [make.published(owner, title=f"Atlas {number}") for number in range(5)]
    make.change(made[1], ReleaseState.REMOVED_LEGAL)
    told: list[tuple[int, int]] = []

    with CaptureQueriesContext(connection) as asked:
        rebuild(lambda done, total: told.append((done, total)))

    assert indexed() == {release.pk for release in made} - {made[1].pk}
    assert told == [(2, 4), (4, 4)]
    # Without its second end each round would read the tables beside from their beginning.
    rounds = [row["sql"] for row in asked if "catalog_storedmetainfo" in row["sql"]]
    assert len(rounds) == 2
    assert all(
        f'"catalog_release"."id" <= {made[end].pk}' in rounds[turn]
        for turn, end in ((0, 2), (1, 4))
    )
