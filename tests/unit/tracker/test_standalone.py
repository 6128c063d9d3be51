"""A tracker standing alone: its lists, what it keeps, what it shows."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bottin.config import env
from bottin.config.standalone import configuration
from bottin.tracker.dataplane import DataPlane
from bottin.tracker.figures_server import FiguresServer
from bottin.tracker.standalone import BadList, State, put_in_force
from tests.integration.tracker.announcer import Announce, HttpTracker

LISTED = bytes(range(20))


@pytest.fixture
def plane() -> Iterator[DataPlane]:
    plane = DataPlane({"listen": ["127.0.0.1:0"], "threads": 1, "standalone": {}})
    yield plane
    plane.stop(5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hashes"


def test_lists_of_both_kinds_are_put_in_force(plane: DataPlane, path: Path) -> None:
    path.write_text(f"# ours\n{'ab' * 20}\n\n{'CD' * 32}  # a v2 one\n")

    put_in_force(plane, path, None)

    assert plane.statistics()["policy_releases"] == 2
    assert plane.sequence == 0


@pytest.mark.parametrize("line", ["ab" * 19, "zz" * 20, "ab" * 21, f"{'ab' * 20} {'cd' * 20}"])
def test_a_line_that_is_no_info_hash_is_named(plane: DataPlane, path: Path, line: str) -> None:
    path.write_text(f"{'ab' * 20}\n{line}\n")

    with pytest.raises(BadList, match="line 2"):
        put_in_force(plane, path, None)

    assert plane.sequence is None


def test_a_list_that_is_not_there_is_named(plane: DataPlane, path: Path) -> None:
    with pytest.raises(OSError, match="hashes"):
        put_in_force(plane, path, None)


def test_udp_03_the_secret_of_connection_ids_is_kept_with_the_state(tmp_path: Path) -> None:
    state = State(tmp_path / "state")

    assert state.connection_secret() == state.connection_secret()
    assert (tmp_path / "state/connection-secret").stat().st_mode & 0o777 == 0o600
    assert State(None).connection_secret() != State(None).connection_secret()


@pytest.mark.loopback
def test_scr_04_downloads_counted_are_there_after_a_restart(
    plane: DataPlane, tmp_path: Path
) -> None:
    state = State(tmp_path)
    put_in_force(plane, None, None)
    tracker = HttpTracker(_port(plane.start()), None, "127.0.0.1", 2.0)
    for left in (5, 0):
        tracker.announce(Announce(LISTED, b"-BT0001-------------", port=2000, left=left))
    tracker.close()

    state.keep(plane, is_last=True)

    again = DataPlane({"standalone": {}})
    state.restore(again)
    assert again.save_completed(tmp_path / "copy") == 1
    assert f"{LISTED.hex()} 1\n" in (tmp_path / "completed").read_text()


@pytest.mark.loopback
def test_run_07_swarms_are_there_after_a_restart(tmp_path: Path) -> None:
    settings = {"listen": ["127.0.0.1:0"], "standalone": {}, "session_secret": "07" * 32}
    state = State(tmp_path)
    first = DataPlane(settings)
    put_in_force(first, None, None)
    tracker = HttpTracker(_port(first.start()), None, "127.0.0.1", 2.0)
    tracker.announce(Announce(LISTED, b"-BT0001-------------", port=2000, left=0))
    tracker.close()
    first.stop(5)
    state.keep_swarms(first)
    assert (tmp_path / "swarms").stat().st_mode & 0o777 == 0o600

    again = DataPlane(settings)
    put_in_force(again, None, None)
    state.restore_swarms(again)

    assert again.statistics()["peers"] == 1
    assert not (tmp_path / "swarms").exists()


@pytest.mark.loopback
def test_abuse_08_no_announce_is_a_line_of_the_log(
    plane: DataPlane, capfd: pytest.CaptureFixture[str]
) -> None:
    put_in_force(plane, None, None)
    tracker = HttpTracker(_port(plane.start()), None, "127.0.0.1", 2.0)
    capfd.readouterr()

    for port in (2000, 2001):
        tracker.announce(Announce(LISTED, b"-BT0001-------------", port=port))
    tracker.close()

    assert capfd.readouterr() == ("", "")


def test_run_05_a_damaged_count_is_refused_by_its_line(plane: DataPlane, tmp_path: Path) -> None:
    (tmp_path / "completed").write_text("noise\n")

    with pytest.raises(ValueError, match="completed, line 1"):
        State(tmp_path).restore(plane)


@pytest.mark.loopback
def test_run_12_and_abuse_09_figures_are_there_on_an_address_of_their_own(
    plane: DataPlane,
) -> None:
    put_in_force(plane, None, None)
    tracker = HttpTracker(_port(plane.start()), None, "127.0.0.1", 2.0)
    tracker.announce(Announce(LISTED, b"-BT0001-------------", port=2000, left=0))
    tracker.close()
    server = FiguresServer("127.0.0.1", 0, language="en")
    port = server.serve(plane)
    told = {name: _read(port, name) for name in ("stats", "stats.json", "metrics")}
    server.close()

    assert json.loads(told["stats.json"])["peers"] == 1
    assert "<h1>The tracker in figures</h1>" in told["stats"]
    answered = ['protocol="http"', 'family="ipv4"', 'action="announce"', 'outcome="answered"']
    line = next(
        line for line in told["metrics"].splitlines() if all(label in line for label in answered)
    )
    assert line.endswith(" 1.0")
    assert 'bottin_tracker_answer_seconds_count{protocol="http"} 1.0' in told["metrics"]
    assert LISTED.hex() not in "".join(told.values())


def test_what_the_command_says_wins_over_the_settings() -> None:
    options = env.read({"BOTTIN_TRACKER_MAX_TORRENTS": "7"})

    made = configuration(options, ("[::1]:7000", "unix:/run/bottin.sock"))

    assert made["listen"] == ["[::1]:7000"]
    assert made["unix_listen"] == ["/run/bottin.sock"]
    assert made["standalone"] == {"max_torrents": 7, "new_torrents_per_hour": 1000}
    assert configuration(options, ())["listen"] == ["127.0.0.1:6969", "[::1]:6969"]


def _port(addresses: list[str]) -> int:
    return int(addresses[0].rpartition(":")[2])


def _read(port: int, name: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{name}", timeout=5) as answer:
        return str(answer.read().decode())
