"""Dumps in a folder of their own, the clock at noon."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings


@pytest.fixture(autouse=True)
def noon(clock: time_machine.Traveller) -> time_machine.Traveller:
    """Stop the clock at noon."""
    return clock


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, settings: Settings) -> Iterator[None]:
    """Keep dumps of one test from the next."""
    settings.BOTTIN_DATA_DIR = tmp_path / "data"
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def program(db: None) -> Client:
    """A program without an account."""
    return Client(HTTP_HOST="localhost", REMOTE_ADDR="203.0.113.30")
