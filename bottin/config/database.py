"""Where PostgreSQL is found or started: the site's own on a Unix socket, or DATABASE_URL's."""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Self

import psycopg
import structlog
from psycopg import sql

from bottin.config import postgres
from bottin.config.errors import ConfigError
from bottin.config.options import Options
from bottin.config.processes import is_alive, spawn, stop, wait_until
from bottin.config.system_user import current_owner, let_through

if TYPE_CHECKING:
    import subprocess

SOCKET_PATH_MAX: Final = 107  # bytes, of `sun_path` in unix(7)
_START_S: Final = 30.0  # crash recovery after a power cut included
_STOP_S: Final = 4.0
_READY_LINE: Final = 7  # of postmaster.pid
_SPARE_CONNECTIONS: Final = 40  # tracker, worker, commands, psql

log = structlog.get_logger(__name__)


def socket_folder(data_dir: Path) -> Path:
    """Say where the socket of a data directory is.

    In the data directory, or, when its path is too long for the kernel, in a
    short folder of /tmp named after it.
    """
    near = data_dir / "run"
    if len(os.fsencode(near / f".s.PGSQL.{postgres.PORT}")) <= SOCKET_PATH_MAX:
        return near
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(f"/tmp/bottin-{digest}")  # noqa: S108 - made 0700 and its owner is checked


class Cluster:
    """The embedded PostgreSQL of one data directory: made, started, stopped."""

    def __init__(self, data_dir: Path, *, connections: int = 100, is_durable: bool = True) -> None:
        self.home = data_dir
        self.folder = data_dir / "postgres"
        self.socket = socket_folder(data_dir)
        self.process: subprocess.Popen[bytes] | None = None
        self._connections = connections
        self._is_durable = is_durable
        self._lock: IO[bytes] | None = None

    @classmethod
    def of(cls, options: Options) -> Self:
        """Describe the cluster of these settings; nothing is started."""
        web = options.web_workers * options.database_pool
        return cls(options.data_dir, connections=web + _SPARE_CONNECTIONS)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server, made first when absent, and wait until it answers.

        Raises ConfigError, with what to do, when it cannot.
        """
        try:
            self.launch()
            wait_until(self.has_settled, within_s=_START_S)
            self.finish_start()
        except BaseException:
            self.stop()
            raise

    def launch(self) -> None:
        """Start the server without waiting for it."""
        self.claim()
        try:
            owner = current_owner()
            programs = postgres.find_programs(owner)
            self._make_socket_folder(owner.uid if owner else os.geteuid())
            if owner is not None:
                let_through(owner, self.home)
            if not (self.folder / "PG_VERSION").exists():
                self._create(programs)
            self._refuse_other_version(programs)
            self._clear_leftovers()
            self._write_configuration()
            with self._output().open("wb") as output:
                self.process = spawn(
                    [programs.path("postgres"), "-D", str(self.folder)],
                    dies_by=signal.SIGINT,  # a fast shutdown, with a checkpoint
                    owner=owner,
                    output=output,
                )
        except OSError as error:
            raise ConfigError(
                f"PostgreSQL cannot use {self.home}: {error.strerror} ({error.filename})."
            ) from None

    def has_settled(self) -> bool:
        """Whether the launched server answers, or has ended."""
        ended = self.process is None or self.process.poll() is not None
        return ended or self.is_ready()

    def finish_start(self) -> None:
        """Make the database once the server answers.

        Raises ConfigError, with PostgreSQL's own words, when it does not.
        """
        if not self.is_ready():
            raise ConfigError(f"PostgreSQL does not start: {self._last_words()}")
        self.provide_database()

    def claim(self) -> None:
        """Take the data directory for this process, until `stop` or its end."""
        if self._lock is not None:
            return
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = (self.home / "postgres.lock").open("ab+")
        except OSError as error:
            raise ConfigError(f"Cannot write in {self.home}: {error.strerror}.") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise ConfigError(
                f"Another Bottin already runs PostgreSQL on {self.home}: stop it, or give this one"
                " its own BOTTIN_DATA_DIR."
            ) from None
        self._lock = lock

    def stop(self, *, within_s: float = _STOP_S) -> None:
        """Stop the server, cleanly when it lets us, and release the data directory."""
        if self.process is not None:
            if not stop(self.process, signal.SIGINT, within_s=within_s):
                log.warning("postgres.killed", folder=str(self.folder))
            self.process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def is_ready(self) -> bool:
        """Whether a server of this data directory, ours or another process's, takes connections."""
        lines = self._pid_file()
        is_open = len(lines) > _READY_LINE and lines[_READY_LINE].strip() == "ready"
        return is_open and is_alive(int(lines[0]))

    def dsn(self, name: str = postgres.NAME, user: str = postgres.NAME) -> str:
        """Write how libpq connects."""
        return f"host={self.socket} port={postgres.PORT} dbname={name} user={user}"

    def provide_database(self) -> None:
        """Create the role and the database; again changes nothing."""
        dsn = self.dsn("postgres", postgres.SUPERUSER)
        with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
            name = sql.Identifier(postgres.NAME)
            has_role = connection.execute(
                "SELECT 1 FROM pg_roles WHERE rolname = %s", [postgres.NAME]
            )
            if has_role.fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(name))
            has_base = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [postgres.NAME]
            )
            if has_base.fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))

    def _create(self, programs: postgres.Programs) -> None:
        """Make the data directory under another name first: a half-made one never counts."""
        for half_made in self.home.glob("postgres.new-*"):
            shutil.rmtree(half_made)
        owner = current_owner()
        fresh = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.home))
        if owner is not None:
            os.chown(fresh, owner.uid, owner.gid)
        sync = [] if self._is_durable else ["--no-sync"]
        with tempfile.TemporaryFile() as output:
            command = [*postgres.initdb(programs, fresh), *sync]
            done = spawn(command, dies_by=signal.SIGTERM, owner=owner, output=output).wait()
            output.seek(0)
            words = output.read().decode(errors="replace").strip().splitlines()
        if done != 0:
            raise ConfigError(f"PostgreSQL cannot make its data directory: {' '.join(words[-2:])}")
        fresh.rename(self.folder)
        log.info("postgres.created", folder=str(self.folder), version=programs.major)

    def _refuse_other_version(self, programs: postgres.Programs) -> None:
        made_by = (self.folder / "PG_VERSION").read_text(encoding="ascii").strip()
        if made_by == str(programs.major):
            return
        old = f"/usr/lib/postgresql/{made_by}/bin"
        raise ConfigError(
            f"{self.folder} was made by PostgreSQL {made_by} and this is {programs.major}: with"
            f" both installed run `{programs.path('pg_upgrade')} -b {old} -B {programs.folder}"
            f" -d {self.folder} -D {self.folder}.{programs.major}` as its owner and put the new"
            " folder in place of the old, or restore a backup into an empty data directory."
        )

    def _clear_leftovers(self) -> None:
        """Wait for a server left by a killed supervisor, and drop the traces of one long dead.

        We hold the lock, so that server has nobody left; its number may meanwhile
        belong to another program, which PostgreSQL itself would take for it.
        """
        lines = self._pid_file()
        if not lines or not lines[0].strip().isdigit():
            return
        pid = int(lines[0])
        if self._is_postmaster(pid):
            os.kill(pid, signal.SIGINT)
            if not wait_until(lambda: not self._is_postmaster(pid), within_s=_STOP_S):
                os.kill(pid, signal.SIGQUIT)
                wait_until(lambda: not self._is_postmaster(pid), within_s=_STOP_S)
        else:
            (self.folder / "postmaster.pid").unlink(missing_ok=True)
            (self.socket / f".s.PGSQL.{postgres.PORT}.lock").unlink(missing_ok=True)
            log.warning("postgres.stale_pid_removed", pid=pid)

    def _is_postmaster(self, pid: int) -> bool:
        try:
            where = Path(f"/proc/{pid}/cwd").resolve(strict=True)
        except OSError:
            return False
        return is_alive(pid) and where == self.folder.resolve()

    def _make_socket_folder(self, uid: int) -> None:
        with contextlib.suppress(FileExistsError):
            self.socket.mkdir(mode=0o700)
            if uid != os.geteuid():
                os.chown(self.socket, uid, -1)
        status = self.socket.lstat()
        if status.st_uid != uid or status.st_mode & 0o077:
            raise ConfigError(
                f"{self.socket} belongs to another user or is open to others: remove it."
            )

    def _write_configuration(self) -> None:
        ours = {pwd.getpwuid(os.geteuid()).pw_name}
        owner = current_owner()
        texts = {
            "postgresql.conf": postgres.configuration(
                postgres.measure_machine(),
                self.socket,
                connections=self._connections,
                is_durable=self._is_durable,
            ),
            "pg_hba.conf": postgres.host_based_access(),
            "pg_ident.conf": postgres.identities(ours | ({owner.name} if owner else set())),
        }
        for name, text in texts.items():
            path = self.folder / name
            path.write_text(text, encoding="utf-8")
            path.chmod(0o600)
            if owner is not None:
                os.chown(path, owner.uid, owner.gid)

    def _pid_file(self) -> list[str]:
        try:
            return (self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return []

    def _output(self) -> Path:
        return self.home / "postgres-start.log"

    def _last_words(self) -> str:
        logs = sorted((self.folder / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        lines = [
            line.partition("] ")[2]
            for path in [self._output(), *logs[-1:]]
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        ]
        fatal = [at for at, line in enumerate(lines) if line.startswith(("FATAL", "PANIC"))]
        # The line before the last one says why, the one after it what to do.
        telling = lines[max(0, fatal[-1] - 1) : fatal[-1] + 2] if fatal else []
        return " ".join(telling) or f"see {self._output()} and {self.folder / 'log'}."


@contextlib.contextmanager
def running(options: Options) -> Iterator[None]:
    """Have the database up while a command works: yours, the one that runs, or one for now."""
    cluster = Cluster.of(options)
    if not options.is_embedded or cluster.is_ready():
        yield
        return
    with cluster:
        yield
