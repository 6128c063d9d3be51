"""The lists that a tracker standing alone is fed with."""

import threading
from pathlib import Path

import pytest

from bottin.tracker.standalone import BadList, read_hashes, run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hashes"


def test_hashes_are_read_line_by_line(path: Path) -> None:
    path.write_text(f"# ours\n{'ab' * 20}\n\n{'CD' * 32}  # a v2 one\n")

    assert list(read_hashes(path)) == [b"\xab" * 20, b"\xcd" * 32]


@pytest.mark.parametrize("line", ["ab" * 19, "zz" * 20, "ab" * 21, f"{'ab' * 20} {'cd' * 20}"])
def test_a_line_that_is_no_info_hash_is_named(path: Path, line: str) -> None:
    path.write_text(f"{'ab' * 20}\n{line}\n")

    with pytest.raises(BadList, match="line 2"):
        list(read_hashes(path))


def test_without_a_list_it_does_not_start() -> None:
    with pytest.raises(BadList, match="--allow"):
        run(threading.Event(), allow=None, deny=None)
