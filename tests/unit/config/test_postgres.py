"""PostgreSQL is configured for the machine it is on, and for keeping what it confirms."""

from pathlib import Path

import pytest

from bottin.config import postgres
from bottin.config.database import SOCKET_PATH_MAX, socket_folder
from bottin.config.values import MIB

GIB = 1024 * MIB


def settings_for(
    memory: int, *, shared_memory: int = GIB, is_durable: bool = True
) -> dict[str, str]:
    machine = postgres.Machine(memory, shared_memory, cpus=2)
    text = postgres.configuration(machine, Path("/r"), connections=60, is_durable=is_durable)
    lines = [line.partition(" = ")[::2] for line in text.splitlines() if " = " in line]
    return dict(lines)


@pytest.mark.parametrize("memory", [256 * MIB, 2 * GIB, 64 * GIB])
def test_it_keeps_what_it_confirms_on_every_machine(memory: int) -> None:
    found = settings_for(memory)

    assert [found[n] for n in ("fsync", "full_page_writes", "synchronous_commit")] == ["on"] * 3
    assert found["listen_addresses"] == "''"


@pytest.mark.parametrize(
    ("memory", "buffers"), [(256 * MIB, "32MB"), (2 * GIB, "256MB"), (64 * GIB, "2048MB")]
)
def test_buffers_grow_with_the_machine_within_bounds(memory: int, buffers: str) -> None:
    assert settings_for(memory)["shared_buffers"] == buffers


def test_a_container_with_little_shared_memory_is_served_from_files() -> None:
    found = settings_for(GIB, shared_memory=64 * MIB)

    assert found["dynamic_shared_memory_type"] == "mmap"


def test_only_the_unix_socket_is_open_and_the_kernel_names_the_user() -> None:
    lines = postgres.host_based_access().splitlines()

    assert {line.split()[0] for line in lines} == {"local"}
    assert all("peer" in line for line in lines)


def test_a_name_with_a_quote_stays_one_value() -> None:
    machine = postgres.Machine(GIB, GIB, 1)

    text = postgres.configuration(machine, Path("/o'brien"), connections=9)

    assert "unix_socket_directories = '/o''brien'" in text


@pytest.mark.parametrize("length", [1, 60, 90, 200])
def test_the_sockets_path_fits_the_kernel(length: int) -> None:
    folder = socket_folder(Path("/") / ("d" * length))

    assert len(str(folder / ".s.PGSQL.5432")) <= SOCKET_PATH_MAX
