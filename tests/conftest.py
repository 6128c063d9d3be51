"""What tests stand on: one PostgreSQL for the session, no network, a clock, a cast of three."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import django
import pytest
import time_machine
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

# An empty home for this session, and no setting of the person who runs it, before anything reads
# them. Workers of pytest-xdist inherit it.
_IS_WORKER: Final = "PYTEST_XDIST_WORKER" in os.environ
if not _IS_WORKER:
    for _name in [name for name in os.environ if name.startswith("BOTTIN_")]:
        _value = os.environ.pop(_name)
        if _name.startswith("BOTTIN_TEST_"):  # no setting of a site: TEST_… for tests that ask
            os.environ[_name.removeprefix("BOTTIN_")] = _value
    os.environ.pop("DATABASE_URL", None)
    os.environ["BOTTIN_DATA_DIR"] = tempfile.mkdtemp(prefix="bottin-test-")
    Path(os.environ["BOTTIN_DATA_DIR"], "static").mkdir()  # whitenoise warns without it
    os.environ["BOTTIN_ARGON2_MEMORY"] = "64KiB"  # thousands of test accounts, no secret to keep
os.environ["DJANGO_SETTINGS_MODULE"] = "bottin.config.settings"

from bottin.config.database import Cluster  # noqa: E402 - after the environment is clean

NOON: Final = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
_LOOPBACK: Final = ["127.0.0.1", "::1", "localhost"]
_LOOPBACK_MARKS: Final = {"loopback", "contract", "e2e"}
_cluster: Final = Cluster(Path(os.environ["BOTTIN_DATA_DIR"]), is_durable=False)

_patient: Final = partial(settings, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fast", _patient(max_examples=30))
settings.register_profile("ci", _patient(max_examples=200, derandomize=True))
settings.register_profile("deep", _patient(max_examples=5000))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


def pytest_configure(config: pytest.Config) -> None:
    """Load Django; start PostgreSQL before workers are, if any: one server for all of them."""
    django.setup()
    if not _IS_WORKER and getattr(config.option, "numprocesses", None):
        _cluster.start()


def pytest_unconfigure() -> None:
    """Stop it, and leave nothing behind."""
    if not _IS_WORKER:
        _cluster.stop()
        shutil.rmtree(_cluster.home, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Open loopback, and nothing else, for the tests that are marked for it."""
    for item in items:
        if _LOOPBACK_MARKS.intersection(mark.name for mark in item.iter_markers()):
            item.add_marker(pytest.mark.allow_hosts(_LOOPBACK))


@pytest.fixture(scope="session")
def postgres() -> Cluster:
    """Give the session's PostgreSQL, started when the first test asks for it."""
    if not _cluster.is_ready():
        _cluster.start()
    return _cluster


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres: Cluster, request: pytest.FixtureRequest) -> None:
    """Have the server up, then let pytest-django give each worker its own database."""
    request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let Django empty the audit log too, after tests that commit: it truncates every table."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER audit_no_truncate")


@pytest.fixture(autouse=True, scope="session")
def plain_static_files() -> None:
    """Serve static files by their own names: nobody collected them."""
    from django.conf import settings as django_settings

    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    django_settings.STORAGES["staticfiles"]["BACKEND"] = backend


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Stop the clock at NOON; `clock.shift(timedelta(hours=1))` moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def at() -> Callable[[datetime], AbstractContextManager[time_machine.Traveller]]:
    """Stop the clock at a given time, inside a `with`."""
    return partial(time_machine.travel, tick=False)
