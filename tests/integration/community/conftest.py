"""The clock stands at noon."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings


@pytest.fixture(autouse=True)
def noon(clock: time_machine.Traveller) -> time_machine.Traveller:
    """Stop the clock at noon."""
    return clock


@pytest.fixture(autouse=True)
def index_folder(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Put the index of the test aside, and let go of it at the end."""
    from bottin.search import tasks  # Django is not loaded yet when this file is

    settings.BOTTIN_DATA_DIR = tmp_path
    yield
    tasks.let_go()
