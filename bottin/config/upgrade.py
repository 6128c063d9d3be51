"""Bringing the site up to the code: schema, shared cache table, static files."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psycopg
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection

from bottin.config.connections import dsn, unreachable
from bottin.config.errors import ConfigError
from bottin.config.options import Options
from bottin.config.processes import wait_until

# "bottin" in ASCII, for pg_advisory_lock: several machines may start at once.
LOCK: Final = 0x626F7474696E
_WAIT_S: Final = 60.0
_STAMP: Final = ".collected"

Say = Callable[[str], object] | None


def await_database(options: Options) -> None:
    """Wait for a PostgreSQL that is being started.

    Raises ConfigError when it does not answer in time.
    """
    last: list[Exception] = []

    def answers() -> bool:
        try:
            psycopg.connect(dsn(options), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            last[:] = [error]
            return False
        return True

    if not wait_until(answers, within_s=_WAIT_S):
        raise ConfigError(unreachable(options, last[0]))


def bring_up_to_date(options: Options, *, say: Say) -> None:
    """Apply migrations under a lock that only one process holds, then collect static files."""
    with psycopg.connect(dsn(options), autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")  # building an index may take an hour
        call_command("migrate", interactive=False, verbosity=1 if say else 0)
        call_command("createcachetable", verbosity=0)
    if collect_static():
        _tell(say, f"Static files are in {settings.STATIC_ROOT}.")
    _tell(say, "The database is up to date.")


def collect_static() -> bool:
    """Collect, name and compress static files when they changed; true when they had."""
    target = Path(settings.STATIC_ROOT)
    stamp = target / _STAMP
    fingerprint = _fingerprint()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == fingerprint:
        return False
    target.mkdir(parents=True, exist_ok=True)
    # Without --clear: a page served a moment ago still names the former files.
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(fingerprint, encoding="ascii")
    return True


def _fingerprint() -> str:
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _tell(say: Say, sentence: str) -> None:
    if say is not None:
        say(sentence)
