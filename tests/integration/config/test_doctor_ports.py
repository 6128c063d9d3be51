"""The doctor knows whose answer it got, and as whom the site runs."""

import http.server
import os
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from bottin.config import doctor, env, keys
from bottin.config.listeners import MARK_HEADER, Occupant, occupant, users_of
from bottin.config.options import Options
from bottin.config.values import Address

pytestmark = pytest.mark.loopback
SECRET: Final = "a-secret-of-this-site-that-is-long-enough"


@pytest.fixture
def options(tmp_path: Path, new_ports: Callable[[int], list[int]]) -> Options:
    """Settings of a site on free ports."""
    web, tracker, metrics = (Address("127.0.0.1", port) for port in new_ports(3))
    return env.load().model_copy(
        update={
            "data_dir": tmp_path,
            "web_listen": web,
            "tracker_listen": (tracker,),
            "metrics_listen": metrics,
        }
    )


@contextmanager
def answering(options: Options, paths: dict[str, int], mark: str | None) -> Iterator[None]:
    """Answer at the pages' address with these statuses, as the site of this mark."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(paths.get(self.path, 404))
            if mark is not None:
                self.send_header(MARK_HEADER, mark)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    listen = options.web_listen
    with socketserver.TCPServer((listen.host, listen.port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def ports_of(options: Options) -> tuple[str, str]:
    (found,) = (check.run(options) for check in doctor.CHECKS if check.name == "ports")
    return found.status, found.says


def user_of(options: Options) -> doctor.Finding:
    (found,) = (check.run(options) for check in doctor.CHECKS if check.name == "user")
    return found


def test_nobody_there_is_a_site_that_does_not_run(options: Options) -> None:
    assert occupant(options) is Occupant.NOBODY
    assert ports_of(options)[0] == "WARN"


def test_this_very_site_is_known_by_its_mark(options: Options) -> None:
    mark = keys.site_mark(keys.site_secret(options))

    with answering(options, {"/healthz": 200, "/readyz": 200}, mark):
        assert ports_of(options) == ("OK", f"The site answers on {options.web_listen}.")


def test_a_site_that_makes_no_pages_is_not_well(options: Options) -> None:
    mark = keys.site_mark(keys.site_secret(options))

    with answering(options, {"/healthz": 200, "/readyz": 503}, mark):
        assert ports_of(options)[0] == "FAIL"


def test_another_site_on_the_port_is_said_to_be_another(options: Options) -> None:
    with answering(options, {"/healthz": 200, "/readyz": 200}, keys.site_mark(SECRET)):
        status, says = ports_of(options)

    assert (status, "Another Bottin answers" in says) == ("FAIL", True)


def test_another_program_on_the_port_is_said_to_be_one(options: Options) -> None:
    with answering(options, {"/readyz": 200}, None):
        status, says = ports_of(options)

    assert (status, "Another program answers" in says) == ("FAIL", True)


def test_the_mark_says_nothing_of_the_secret_and_differs_with_it() -> None:
    assert keys.site_mark(SECRET) == keys.site_mark(SECRET)
    assert keys.site_mark(SECRET) != keys.site_mark(SECRET + "x")
    assert len(keys.site_mark(SECRET)) == 16


def test_the_user_of_the_site_is_read_from_the_kernel(options: Options) -> None:
    mark = keys.site_mark(keys.site_secret(options))

    with answering(options, {"/healthz": 200, "/readyz": 200}, mark):
        assert users_of(options) == {os.geteuid()}
        assert user_of(options).says.startswith("The site runs as ")


def test_a_site_that_root_runs_is_warned_about(options: Options) -> None:
    root = doctor.judge_users({0, 4242}, "The site runs", options)
    other = doctor.judge_users({4242}, "The site runs", options)

    assert (root.status, "runs as root" in root.says) == ("WARN", True)
    assert "useradd" in root.remedy
    assert (other.status, other.says) == ("OK", "The site runs as user 4242.")
