"""A PostgreSQL of one's own, by DATABASE_URL: used when it keeps what it confirms (REL-8)."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bottin.config.database import Cluster

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(300)]


@pytest.fixture
def server(short_path: Path) -> Iterator[Callable[..., str]]:
    """Give a function that starts a server, durable or not, and gives its address."""
    clusters: list[Cluster] = []

    def start(*, is_durable: bool) -> str:
        cluster = Cluster(short_path / "theirs", is_durable=is_durable)
        clusters.append(cluster)
        cluster.start()
        return f"postgresql://bottin@/bottin?host={cluster.socket}"

    yield start
    for cluster in clusters:
        cluster.stop()


def test_a_site_runs_on_it_and_leaves_it_running(served: Any, server: Callable[..., str]) -> None:
    served.settings["DATABASE_URL"] = server(is_durable=True)

    served.start().wait_ready()

    assert served.is_served()
    assert not (served.data_dir / "postgres").exists()
    assert served.send(signal.SIGTERM) == 0


def test_one_that_may_lose_confirmed_writes_is_refused(
    served: Any, server: Callable[..., str]
) -> None:
    served.settings["DATABASE_URL"] = server(is_durable=False)

    assert served.start().process.wait(timeout=60) == 1

    assert "a power cut would damage the database" in served.words()
    assert "BOTTIN_DATABASE_UNSAFE=true" in served.words()


def test_the_operator_may_accept_the_risk(served: Any, server: Callable[..., str]) -> None:
    served.settings["DATABASE_URL"] = server(is_durable=False)
    served.settings["BOTTIN_DATABASE_UNSAFE"] = "true"

    served.start().wait_ready()

    assert served.is_served()
