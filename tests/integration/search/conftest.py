"""An index of one's own for each test, in a folder that goes away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def index_folder(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """Put the data directory aside, and let go of the index at the end."""
    from bottin.search import tasks  # Django is not loaded yet when this file is

    settings.BOTTIN_DATA_DIR = tmp_path
    yield tmp_path / "index"
    tasks.let_go()
