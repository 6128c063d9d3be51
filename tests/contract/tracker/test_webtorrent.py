"""Clients of the npm package bittorrent-tracker meet over WebSocket, as browsers do (WS)."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from bottin.tracker.dataplane import (
    AccountRecord,
    DataPlane,
    Fact,
    Journal,
    KeyKind,
    PolicyChange,
    ReleaseRecord,
    announce_key,
    packed,
)
from tests.factories.tracker import v1_hash

PROGRAMS: Final = Path(__file__).resolve().parents[2] / "programs"
pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(
        not shutil.which("node") or not (PROGRAMS / "node_modules").is_dir(),
        reason="node, or its packages in tests/programs, are not installed",
    ),
]
SECRET: Final = bytes(range(32))
# Bytes above 127 and below 32: hashes travel as code points.
INFO_HASH: Final = bytes([0, 7, 34, 92, 127, 128, 200, 255]) + v1_hash(1)[8:]
SEEDER, LEECHER = 7, 8
STARTED, COMPLETED, STOPPED = 2, 1, 3
PUBLISHED: Final = 1


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Serve one release to two members."""
    plane = DataPlane(
        {
            "listen": ["127.0.0.1:0"],
            "threads": 2,
            "key_secret": SECRET.hex(),
            "journal_dir": str(tmp_path / "journal"),
        }
    )
    release = ReleaseRecord(1, INFO_HASH, None, PUBLISHED)
    accounts = packed([AccountRecord(SEEDER, 1), AccountRecord(LEECHER, 1)])
    plane.load(PolicyChange(releases=packed([release]), accounts=accounts))
    plane.commit(1)
    (address,) = plane.start()
    yield int(address.rpartition(":")[2])
    plane.stop(5)


def test_ws_08_npm_clients_exchange_offer_and_answer_and_are_journalled(
    port: int, tmp_path: Path
) -> None:
    keys = (announce_key(SECRET, KeyKind.ACCOUNT, user, 1) for user in (SEEDER, LEECHER))
    told = signalled([f"ws://127.0.0.1:{port}/{key}/announce" for key in keys])

    assert told["peers"] == [True, True], "each met the other under its peer id"
    assert told["warnings"] == []
    assert told["scrape"] == {"complete": 1, "incomplete": 1, "downloaded": 0}
    first, second, *_ = told["updates"]
    assert (first["complete"], first["incomplete"]) == (1, 0)
    assert (second["complete"], second["incomplete"]) == (1, 1)
    assert 120 <= first["interval"] <= 132
    facts = Journal(tmp_path / "journal").read(0, 10)
    assert [said(fact) for fact in facts] == [
        (SEEDER, STARTED, 0, 0),
        (LEECHER, STARTED, 0, 9),
        (LEECHER, COMPLETED, 9, 0),
        (LEECHER, STOPPED, 9, 0),
    ]


def signalled(urls: list[str]) -> dict[str, Any]:
    """Let two clients meet; what they were told."""
    done = subprocess.run(
        ["node", "signalling.mjs", INFO_HASH.hex(), *urls],
        check=False, cwd=PROGRAMS, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def said(fact: Fact) -> tuple[int, int, int, int]:
    """Who said what: event, bytes received, bytes missing."""
    return fact.user_id, fact.event, fact.downloaded, fact.left
