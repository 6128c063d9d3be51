"""Where swarms wait for the next run, and that they do not wait for long (RUN-7)."""

import os
import time
from pathlib import Path

import pytest

from bottin.tracker import site
from bottin.tracker.restart import forget_stale_swarms


@pytest.fixture(autouse=True)
def _no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_run_07_swarms_wait_in_memory_where_there_is_a_folder_for_that(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert site.swarms_file().parts[-2:] == ("tracker", "swarms")

    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "absent"))
    assert site.swarms_file().parts[-2:] == ("tracker", "swarms")

    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    session = site.swarms_file()
    assert session.parent.parent == tmp_path
    assert session.parent.name.startswith("bottin-")

    monkeypatch.setenv("RUNTIME_DIRECTORY", f"{tmp_path}/run:{tmp_path}/other")
    assert site.swarms_file() == tmp_path / "run/swarms"


def test_run_07_swarms_are_kept_no_longer_than_an_interval(tmp_path: Path) -> None:
    path = tmp_path / "swarms"
    assert not forget_stale_swarms(path, older_than_s=1_800)

    path.write_bytes(b"")
    assert not forget_stale_swarms(path, older_than_s=1_800)
    assert path.exists()

    long_ago = time.time() - 1_801
    os.utime(path, (long_ago, long_ago))
    assert forget_stale_swarms(path, older_than_s=1_800)
    assert not path.exists()
