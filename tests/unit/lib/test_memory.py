"""What a container may take counts, where that is less than the machine has."""

from pathlib import Path

from bottin.lib.memory import machine_bytes


def test_the_limit_of_a_container_counts(tmp_path: Path) -> None:
    limit, none, missing = tmp_path / "limit", tmp_path / "none", tmp_path / "missing"
    limit.write_text("1048576\n")
    none.write_text("max\n")

    machine = machine_bytes(())

    assert machine > 1_048_576
    assert machine_bytes((missing, none)) == machine
    assert machine_bytes((none, limit)) == 1_048_576
