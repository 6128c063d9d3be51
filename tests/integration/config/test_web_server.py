"""The web part on a real socket: slow and huge requests cost little; a live doctor is content."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

import pytest

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(300)]
ROOT: Final = Path(__file__).resolve().parents[3]


def converse(site: Any, sent: bytes, *, within_s: float) -> tuple[bytes, float]:
    """Send bytes and read until the server closes; give the answer and how long that took."""
    began = time.monotonic()
    answer = b""
    with socket.create_connection(("127.0.0.1", site.ports[0]), timeout=within_s) as connection:
        try:
            connection.sendall(sent)
            while chunk := connection.recv(65_536):
                answer += chunk
        except (ConnectionResetError, BrokenPipeError):
            pass
    return answer, time.monotonic() - began


def test_half_a_request_is_dropped_after_ten_seconds(kept_site: Any) -> None:
    _, lasted_s = converse(kept_site, b"GET /healthz HTTP/1.1\r\nHost: loc", within_s=60)

    assert 8 < lasted_s < 30


def test_huge_headers_are_refused(kept_site: Any) -> None:
    huge = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Huge: " + b"a" * 200_000 + b"\r\n\r\n"

    answer, _ = converse(kept_site, huge, within_s=60)

    assert not answer.startswith(b"HTTP/1.1 200")


def test_another_host_name_is_refused(kept_site: Any) -> None:
    request = b"GET /readyz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"

    answer, _ = converse(kept_site, request, within_s=60)

    assert answer.startswith(b"HTTP/1.1 400")


def test_static_files_are_hashed_compressed_and_immutable(kept_site: Any) -> None:
    manifest = json.loads((kept_site.data_dir / "static/staticfiles.json").read_text())
    hashed = next(path for name, path in manifest["paths"].items() if name.endswith(".css"))

    with urlopen(f"http://127.0.0.1:{kept_site.ports[0]}/static/{hashed}", timeout=10) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    assert (kept_site.data_dir / "static" / f"{hashed}.gz").exists()


def test_the_doctor_finds_a_running_site_well(kept_site: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bottin", "doctor", "--json"],
        cwd=ROOT,
        env={**os.environ, **kept_site.environ},
        capture_output=True,
        check=False,
        text=True,
    )

    found = {one["check"]: one["status"] for one in json.loads(done.stdout)}
    well = (
        "database",
        "durability",
        "migrations",
        "ports",
        "tasks",
        "outbox",
        "tracker",
        "journal",
    )
    assert {name: found[name] for name in well} == dict.fromkeys(well, "OK")
