"""Whether the database and the static files already belong to this very code.

Asking Django costs a second at each start; comparing a fingerprint costs
milliseconds. It covers what an upgrade works from: every file of the package,
the installed libraries, and the migrations that the database says it has, so
that a restored backup is noticed.
"""

import hashlib
import importlib.metadata
from pathlib import Path
from typing import Any, Final

import psycopg

from bottin.config.connections import dsn
from bottin.config.options import Options

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_STAMP: Final = "up-to-date"
_DERIVED: Final = {".pyc", ".so"}


def is_up_to_date(options: Options) -> bool:
    """Whether nothing changed since the last upgrade."""
    try:
        noted = (options.data_dir / _STAMP).read_text(encoding="ascii")
    except OSError:
        return False
    with psycopg.connect(dsn(options), connect_timeout=10) as connection:
        return noted == _fingerprint(options, connection)


def note(options: Options, connection: psycopg.Connection[Any]) -> None:
    """Remember that an upgrade has just been done."""
    text = _fingerprint(options, connection)
    (options.data_dir / _STAMP).write_text(text, encoding="ascii")


def _fingerprint(options: Options, connection: psycopg.Connection[Any]) -> str:
    digest = hashlib.sha256(f"{options.data_dir} {options.demo}".encode())
    for path in sorted(_PACKAGE.rglob("*")):
        if path.suffix not in _DERIVED and path.is_file():
            status = path.stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    for name in sorted(str(found._path) for found in importlib.metadata.distributions()):  # type: ignore[attr-defined]  # noqa: SLF001 - the folder's name holds the version; reading it is slow
        digest.update(name.encode())
    digest.update(repr(_applied(connection)).encode())
    digest.update(repr((options.data_dir / "static").is_dir()).encode())
    return digest.hexdigest()


def _applied(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    exists = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    if exists is None or exists[0] is None:
        return []
    return connection.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
