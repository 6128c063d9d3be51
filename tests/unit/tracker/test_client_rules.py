"""Rules about clients in a file: read at the start, and again when told (ID-16)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bottin.tracker import client_rules
from bottin.tracker.client_rules import BadRules, ClientRules
from bottin.tracker.dataplane import DataPlane
from bottin.tracker.standalone import put_in_force
from tests.integration.tracker.announcer import Announce, HttpTracker, NotAnswered

LISTED = bytes(range(20))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clients"


def test_id_16_a_file_adds_to_the_settings(path: Path) -> None:
    path.write_text("# ours\nallow -qB46\n\nwarn  -TR2   # too old\ndeny -XL\n")
    base = ClientRules.of({"denied_clients": ["-UT"], "threads": 1})

    assert base.with_lines(path) == ClientRules(("-qB46",), ("-TR2",), ("-UT", "-XL"))


@pytest.mark.parametrize(
    "line", ["ban -XL", "deny", "deny -", "deny -XL0012-x", "deny -XL -UT", "deny -é", "\x00"]
)
def test_id_16_a_line_that_is_no_rule_is_named(path: Path, line: str) -> None:
    path.write_text(f"deny -XL\n{line}\n")

    with pytest.raises(BadRules, match="line 2"):
        ClientRules().with_lines(path)


@pytest.fixture
def plane() -> Iterator[DataPlane]:
    plane = DataPlane({"listen": ["127.0.0.1:0"], "threads": 1, "standalone": {}})
    put_in_force(plane, None, None)
    yield plane
    plane.stop(5)


@pytest.mark.loopback
def test_id_16_rules_read_again_hold_at_once_and_a_fault_changes_nothing(
    plane: DataPlane, path: Path
) -> None:
    tracker = HttpTracker(int(plane.start()[0].rpartition(":")[2]), None, "127.0.0.1", 2.0)
    base = ClientRules(denied=("-UT",))

    def is_served(head: bytes) -> bool:
        try:
            tracker.announce(Announce(LISTED, head.ljust(20, b"x"), port=2000))
        except NotAnswered:
            return False
        return True

    path.write_text("deny -XL\n")
    client_rules.put_in_force(plane, base, path)
    assert [is_served(head) for head in (b"-XL001", b"-UT3", b"-qB46")] == [False, False, True]

    path.write_text("deny -XL0\nwarn -XL1\nallow\n")
    client_rules.read_again(plane, base, path)
    assert [is_served(head) for head in (b"-XL001", b"-XL1", b"-UT3")] == [False, False, False]

    path.write_text("deny -qB\n")
    client_rules.read_again(plane, base, path)
    assert [is_served(head) for head in (b"-XL001", b"-qB46", b"-UT3")] == [True, False, False]

    path.unlink()
    client_rules.read_again(plane, base, path)
    assert not is_served(b"-qB46")
    tracker.close()
