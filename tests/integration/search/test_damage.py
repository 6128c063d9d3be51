"""What breaks the index, or its writer, is made good by the worker; search goes on meanwhile."""

from pathlib import Path

import pytest
import tantivy

from bottin.accounts.viewer import ANONYMOUS
from bottin.catalog import actions
from bottin.search import places, tasks
from bottin.search.index import Writer, WriterLost
from bottin.search.queries import SearchPage, SearchRequest, search
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db


def find(text: str) -> SearchPage:
    return search(ANONYMOUS, SearchRequest(text))


def _folder() -> Path:
    folder = places.in_force()
    assert folder is not None
    return folder


@pytest.mark.parametrize("name", ["meta.json", "*.fast", "*.term"])
def test_a_damaged_index_answers_from_the_database_and_is_built_anew(name: str) -> None:
    make.published(title="Chanson du vent")
    tasks.index_changes()
    tasks.let_go()
    damaged = _folder()
    for path in damaged.glob(name):
        path.write_bytes(b"\x00" * 40)

    meanwhile = find("chanson")
    tasks.index_changes()
    tasks.index_changes()
    tasks.index_changes()
    afterwards = find("chanson")

    assert [row.title for row in meanwhile.rows] == ["Chanson du vent"]
    assert meanwhile.is_rebuilding
    assert [row.title for row in afterwards.rows] == ["Chanson du vent"]
    assert not afterwards.is_rebuilding
    assert _folder() != damaged


def test_a_writer_killed_by_a_wrong_number_does_not_stop_the_worker() -> None:
    make.published(title="Chanson du vent")
    tasks.index_changes()  # builds
    tasks.index_changes()  # follows
    follower = tasks._follower
    assert follower.writer is not None
    wrong = tantivy.Document()
    wrong.add_integer("id", -1)
    follower.writer._writer.add_document(wrong)

    late = make.published(title="Chanson de la mer")
    for _turn in range(4):
        actions.touch([late.pk], at=NOON)
        tasks.index_changes()

    assert {row.title for row in find("chanson").rows} == {"Chanson du vent", "Chanson de la mer"}


def test_a_lost_writer_says_so_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    writer = Writer(folder)
    wrong = tantivy.Document()
    wrong.add_integer("size", 1)
    writer._writer.add_document(wrong)

    with pytest.raises(WriterLost):
        _work_on(writer)


def _work_on(writer: Writer) -> None:
    for _turn in range(1_000):
        writer.remove([1])
        writer.commit()


def test_a_build_that_fails_leaves_nothing_behind(
    index_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.published()
    monkeypatch.setattr("bottin.search.following.entries_after", lambda _last, _limit: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        tasks.index_changes()

    assert not [path for path in index_folder.iterdir() if path.is_dir()]
