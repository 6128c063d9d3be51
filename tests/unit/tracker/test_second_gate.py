"""The denied list on the tracker's own disk (TRK-2)."""

from pathlib import Path

import pytest

from bottin.tracker.second_gate import SecondGate
from tests.factories.tracker import v1_hash


def test_no_file_is_an_empty_list(tmp_path: Path) -> None:
    assert SecondGate(tmp_path / "denied").denied == frozenset()


def test_what_was_saved_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "tracker" / "denied"
    gate = SecondGate(path)
    gate.change(deny=[v1_hash(1), v1_hash(2)])
    gate.save()
    gate.change(permit=[v1_hash(1)])
    gate.save()

    assert SecondGate(path).denied == {v1_hash(2)}


def test_what_was_not_saved_is_tried_again(tmp_path: Path) -> None:
    gate = SecondGate(tmp_path / "x" / "denied")
    (tmp_path / "x").write_text("in the way")
    gate.change(deny=[v1_hash(1)])
    with pytest.raises(OSError, match="x"):
        gate.save()

    (tmp_path / "x").unlink()
    gate.save()

    assert SecondGate(tmp_path / "x" / "denied").denied == {v1_hash(1)}


@pytest.mark.parametrize("text", ["zz" * 20, "ab", f"{'ab' * 20} {'cd' * 19}"])
def test_a_damaged_file_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "denied").write_text(text)

    with pytest.raises(ValueError):  # noqa: PT011 - bytes.fromhex has its own words
        SecondGate(tmp_path / "denied")
