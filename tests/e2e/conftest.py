"""One site for the session's end-to-end tests; each test has people and content of its own."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.site import Person, Site

SIZE = 700_001
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run the whole site in its own processes until the session ends."""
    # Early announces get peers: a seeder has to hear of a leecher that calls nobody on loopback.
    # A renewed key's grace ends while a test looks on.
    settings = {"BOTTIN_ANNOUNCE_MIN_INTERVAL_S": "0", "BOTTIN_KEY_GRACE_S": "2"}
    running = Site(tmp_path_factory.mktemp("site") / "data", settings)
    running.start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def number() -> int:
    """Give a number nobody else has: names and content of this test alone."""
    return next(_numbers)


@pytest.fixture
def content(tmp_path: Path, number: int) -> Path:
    """Make a file of 700 kB that no other test shares."""
    path = tmp_path / "seed" / f"work-{number}.bin"
    path.parent.mkdir()
    path.write_bytes(random.Random(number).randbytes(SIZE))
    return path


@pytest.fixture(scope="session")
def giver(site: Site) -> Person:
    """A trusted publisher: what they hand in is published at once."""
    return site.person("giver", "trusted_publisher")


@pytest.fixture(scope="session")
def taker(site: Site) -> Person:
    """A member."""
    return site.person("taker")
