"""The embedded PostgreSQL: made, started, refused, mended, for root and for ordinary users."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from bottin.config.connections import weaknesses
from bottin.config.database import SOCKET_PATH_MAX, Cluster, socket_folder
from bottin.config.errors import ConfigError

ROOT: Final = Path(__file__).resolve().parents[3]
# Starts a cluster, says its process number, waits to be killed.
HOLDER: Final = """
import sys, time
from pathlib import Path
from bottin.config.database import Cluster
with Cluster(Path(sys.argv[1])) as cluster:
    print(cluster.process.pid, flush=True)
    time.sleep(600)
"""
ASKER: Final = """
import json, os, sys
from pathlib import Path
import psycopg
from bottin.config.database import Cluster
with Cluster(Path(sys.argv[1])) as cluster, psycopg.connect(cluster.dsn()) as connection:
    row = connection.execute("SELECT current_user, current_setting('data_checksums')").fetchone()
    print(json.dumps([os.geteuid(), *row]))
"""


@pytest.fixture
def home(short_path: Path) -> Path:
    """Give a data directory that does not exist yet."""
    return short_path / "data"


@pytest.fixture
def cluster(home: Path) -> Iterator[Cluster]:
    """Give a cluster that is stopped at the end."""
    made = Cluster(home)
    yield made
    made.stop()


def ask(cluster: Cluster, query: str) -> Any:
    with psycopg.connect(cluster.dsn()) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def test_it_keeps_what_it_confirms_and_listens_on_no_network(cluster: Cluster) -> None:
    cluster.start()

    with psycopg.connect(cluster.dsn()) as connection:
        assert weaknesses(connection) == []
    assert ask(cluster, "SHOW listen_addresses") == ""
    assert (cluster.folder.stat().st_mode & 0o777, cluster.socket.stat().st_mode & 0o777) == (
        0o700,
        0o700,
    )


def test_the_role_of_the_site_is_no_superuser(cluster: Cluster) -> None:
    cluster.start()

    assert ask(cluster, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_data_is_there_after_a_restart(cluster: Cluster) -> None:
    cluster.start()
    with psycopg.connect(cluster.dsn()) as connection:
        connection.execute("CREATE TABLE kept (n int)")
    cluster.stop()

    cluster.start()

    assert ask(cluster, "SELECT count(*) FROM kept") == 0


def test_a_half_made_directory_is_made_again(cluster: Cluster) -> None:
    half_made = cluster.home / "postgres.new-killed"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18")

    cluster.start()

    assert ask(cluster, "SELECT 1") == 1
    assert not half_made.exists()


def test_a_number_left_by_a_dead_server_is_no_obstacle(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    stranger = os.getpid()  # alive, and no PostgreSQL
    lines = [
        str(stranger),
        str(cluster.folder),
        "1",
        "5432",
        str(cluster.socket),
        "",
        "1 1",
        "ready",
    ]
    (cluster.folder / "postmaster.pid").write_text("\n".join(lines) + "\n")
    (cluster.socket / ".s.PGSQL.5432.lock").write_text("\n".join(lines) + "\n")

    cluster.start()

    assert ask(cluster, "SELECT 1") == 1


def test_data_of_another_version_is_refused_with_what_to_do(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    (cluster.folder / "PG_VERSION").write_text("13\n")

    with pytest.raises(ConfigError, match=r"made by PostgreSQL 13 and this is \d+: .*pg_upgrade"):
        cluster.start()


def test_a_directory_in_use_is_refused(cluster: Cluster, home: Path) -> None:
    cluster.start()

    with pytest.raises(ConfigError, match="Another Bottin already runs PostgreSQL"):
        Cluster(home).start()

    assert ask(cluster, "SELECT 1") == 1


def test_a_folder_that_cannot_be_written_is_named(short_path: Path) -> None:
    (short_path / "file").write_text("")

    with pytest.raises(ConfigError, match="Cannot write in"):
        Cluster(short_path / "file" / "data").start()


def test_a_broken_configuration_is_told_in_the_servers_words(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    (cluster.folder / "operator.conf").write_text("shared_buffers = 'a lot'\n")

    with pytest.raises(ConfigError, match=r"PostgreSQL does not start: .*shared_buffers"):
        cluster.start()


def test_an_operator_may_add_settings(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    (cluster.folder / "operator.conf").write_text("work_mem = '9MB'\n")

    cluster.start()

    assert ask(cluster, "SHOW work_mem") == "9MB"


def test_a_path_too_long_for_a_socket_works(short_path: Path) -> None:
    home = short_path / ("a" * 60) / ("b" * 60)
    with Cluster(home) as cluster:
        assert ask(cluster, "SELECT 1") == 1
        assert len(os.fsencode(cluster.socket)) < SOCKET_PATH_MAX
    shutil.rmtree(socket_folder(home))


def test_a_socket_folder_of_somebody_else_is_refused(cluster: Cluster) -> None:
    cluster.socket.mkdir(parents=True)
    cluster.socket.chmod(0o777)

    with pytest.raises(ConfigError, match="belongs to another user or is open to others"):
        cluster.start()


def test_it_ends_with_the_process_that_started_it(
    home: Path, eventually: Callable[..., None]
) -> None:
    server = _held_and_killed(home)

    eventually(lambda: not Path(f"/proc/{server}/cwd").exists(), within_s=10)


def test_it_starts_at_once_after_its_owner_was_killed(cluster: Cluster, home: Path) -> None:
    _held_and_killed(home)

    cluster.start()

    assert ask(cluster, "SELECT 1") == 1


def test_confirmed_rows_survive_a_killed_server(
    cluster: Cluster, eventually: Callable[..., None]
) -> None:
    cluster.start()
    assert cluster.process is not None
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
        os.kill(cluster.process.pid, signal.SIGKILL)
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                connection.execute("SELECT 1")
    eventually(lambda: cluster.process is not None and cluster.process.poll() is not None)
    cluster.stop()

    cluster.start()

    assert ask(cluster, "SELECT count(*) FROM kept") == 1000


def test_a_second_start_is_quick(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    began = time.monotonic()

    cluster.start()

    assert time.monotonic() - began < 5


def test_an_ordinary_user_runs_it_as_themselves(home: Path, plain_user: list[str]) -> None:
    home.parent.chmod(0o777)
    interpreter = _interpreter_for_everyone()
    libraries = os.pathsep.join([str(ROOT), *sys.path])
    command = [*plain_user, f"PYTHONPATH={libraries}", "PYTHONDONTWRITEBYTECODE=1", interpreter]

    done = subprocess.run(
        [*command, "-c", ASKER, str(home)], capture_output=True, check=False, text=True, cwd="/"
    )

    assert done.returncode == 0, done.stderr
    uid, role, checksums = json.loads(done.stdout.splitlines()[-1])
    assert (uid != 0, role, checksums) == (True, "bottin", "on")


def _held_and_killed(home: Path) -> int:
    """Start a cluster in a process that is then killed; give the server's number."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert holder.stdout is not None
    server = next(int(line) for line in holder.stdout if line.strip().isdigit())
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    return server


def _interpreter_for_everyone() -> str:
    """Find this Python where an ordinary user may run it: root's own may lie in /root."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    path = Path(sys.executable).resolve()
    is_open = all(folder.stat().st_mode & 0o001 for folder in path.parents)
    found = str(path) if is_open else shutil.which(name, path="/usr/bin:/usr/local/bin")
    if found is None:
        pytest.skip(f"no {name} that ordinary users may run")
    return found
