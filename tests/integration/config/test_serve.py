"""`bottin serve` starts everything, brings back what dies, and leaves nothing behind."""

import os
import signal
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import pytest

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(300)]
Served = Any  # the class of this folder's conftest.py, which cannot be imported
Eventually = Callable[..., None]


def test_it_serves_pages_and_figures(kept_site: Served) -> None:
    status, body = kept_site.get("/readyz")

    assert (status, b'"ready": true' in body) == (200, True)
    with urlopen(f"http://127.0.0.1:{kept_site.ports[2]}/metrics", timeout=5) as figures:
        assert b'bottin_part_up{part="worker"} 1.0' in figures.read()


@pytest.mark.parametrize("part", ["web", "tracker", "worker", "postgres"])
def test_a_killed_part_comes_back(kept_site: Served, part: str, eventually: Eventually) -> None:
    before = kept_site.pid_of(part)

    os.kill(before, signal.SIGKILL)

    eventually(lambda: _is_back(kept_site, part, before))
    eventually(kept_site.is_served)
    assert any(event["name"] == part for event in kept_site.events("part.ended"))


def _is_back(site: Served, part: str, before: int) -> bool:
    try:
        return bool(site.pid_of(part) != before)
    except (OSError, IndexError):
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_within_ten_seconds(served: Served, number: signal.Signals) -> None:
    served.start().wait_ready()
    began = time.monotonic()

    code = served.send(number)

    assert (code, served.left_behind()) == (0, [])
    assert time.monotonic() - began < 10
    assert not served.events("part.killed")


def test_a_killed_supervisor_leaves_nothing(served: Served, eventually: Eventually) -> None:
    served.start().wait_ready()

    served.send(signal.SIGKILL)

    eventually(lambda: not served.left_behind(), within_s=10)


def test_everything_killed_at_once_starts_again(served: Served, eventually: Eventually) -> None:
    served.start().wait_ready()
    for part in ("postgres", "web", "worker"):
        os.kill(served.pid_of(part), signal.SIGKILL)
    served.send(signal.SIGKILL)
    served.log.write_text("")

    served.start().wait_ready()

    assert served.is_served()


def test_a_stop_asked_during_the_start_is_obeyed(served: Served, eventually: Eventually) -> None:
    served.start()
    eventually((served.data_dir / "postgres.lock").exists)

    code = served.send(signal.SIGTERM)

    assert (code, served.left_behind()) == (0, [])


def test_a_taken_port_is_named(served: Served) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", served.ports[0]))
        taken.listen()

        assert served.start().process.wait(timeout=60) == 1

    assert f"BOTTIN_WEB_LISTEN: 127.0.0.1:{served.ports[0]} cannot be used" in served.words()
    assert "Traceback" not in served.words()


def test_a_second_one_on_the_same_data_is_refused(
    kept_site: Served, new_ports: Callable[[int], list[int]]
) -> None:
    second = type(kept_site)(kept_site.data_dir, ports=new_ports(3))
    before = len(kept_site.words())

    assert second.start().process.wait(timeout=60) == 1

    assert "Another Bottin already runs PostgreSQL" in kept_site.words()[before:]
    assert kept_site.is_served()
