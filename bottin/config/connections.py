"""How Django reaches PostgreSQL, and whether that server keeps what it confirms (REL-8)."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import dj_database_url
import psycopg

from bottin.config import postgres
from bottin.config.database import Cluster
from bottin.config.errors import ConfigError
from bottin.config.options import Options

ENGINE: Final = "django.db.backends.postgresql"
_WORK_TIMEOUT_S: Final = 600  # background work may take longer than a page
_OLDEST: Final = 140_000
# From, up to but without, why. A server in one of these ranges loses or damages rows.
KNOWN_BAD: Final = (
    (140_000, 140_004, "CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY damage indexes"),
)


@dataclass(frozen=True, slots=True)
class Weakness:
    """A setting of the server with which it may lose what it confirmed."""

    name: str
    value: str
    remedy: str


def django_database(options: Options, part: str) -> dict[str, Any]:
    """Build the `default` entry of DATABASES for one part of the site."""
    is_web = part == "web"
    timeout_s = options.web_statement_timeout_s if is_web else _WORK_TIMEOUT_S
    base = _external(options) if options.database_url else _embedded(options)
    connect = {
        "application_name": f"bottin {part}",
        "connect_timeout": 10,
        "options": f"-c statement_timeout={timeout_s}s -c lock_timeout=10s",
    }
    given = base.pop("OPTIONS", {})
    # Threads of a page server come and go: a pool bounds their connections, and tests one before
    # lending it, so that a restarted PostgreSQL costs no page.
    pool = {"pool": {"min_size": 1, "max_size": options.database_pool, "timeout": 10}}
    return {
        **base,
        "ENGINE": ENGINE,
        "CONN_MAX_AGE": 0 if is_web else 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**connect, **given, **(pool if is_web else {})},
    }


def dsn(options: Options) -> str:
    """Write how libpq connects to the site's database."""
    if options.database_url is None:
        return Cluster.of(options).dsn()
    return options.database_url.reveal()


def weaknesses(connection: psycopg.Connection[Any]) -> list[Weakness]:
    """List what makes this server unfit to keep accounts (REL-6, REL-8); empty is good."""
    wanted = {
        "fsync": ("on", "a power cut would damage the database"),
        "full_page_writes": ("on", "a power cut would damage the database"),
        "synchronous_commit": ("on", "a crash would lose confirmed writes"),
        "data_checksums": ("on", "damaged pages would go unseen: stop it, `pg_checksums --enable`"),
    }
    rows = connection.execute(
        "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(wanted)]
    ).fetchall()
    found = [
        Weakness(name, value, wanted[name][1])
        for name, value in rows
        # Stricter values than `on` wait for replicas too.
        if value not in {wanted[name][0], "remote_apply", "remote_write"}
    ]
    return found + _bad_version(connection.info.server_version)


def refuse_weak_server(options: Options) -> None:
    """Check the server before the start.

    Raises ConfigError when it cannot be reached, is too old, or may lose what it confirms.
    """
    try:
        with psycopg.connect(dsn(options), connect_timeout=10) as connection:
            found = weaknesses(connection)
    except psycopg.OperationalError as error:
        raise ConfigError(unreachable(options, error)) from None
    if found and not options.database_unsafe:
        first = found[0]
        raise ConfigError(
            f"PostgreSQL has {first.name} = {first.value}: {first.remedy}. Mend that, or accept"
            " the risk with BOTTIN_DATABASE_UNSAFE=true."
        )


def unreachable(options: Options, error: Exception) -> str:
    """Say why there is no database and what to do; the address shows no password."""
    why = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
    if options.is_embedded:
        return f"The site's PostgreSQL does not answer: start it with `bottin serve`. ({why})"
    parts = urlsplit(dsn(options))
    return f"PostgreSQL at {parts.hostname}:{parts.port or 5432} does not answer: {why}"


def _bad_version(version: int) -> list[Weakness]:
    shown = f"{version // 10_000}.{version % 10_000}"
    if version < _OLDEST:
        return [Weakness("server_version", shown, "Bottin needs PostgreSQL 14 or later")]
    return [
        Weakness("server_version", shown, f"{why}: update it")
        for low, high, why in KNOWN_BAD
        if low <= version < high
    ]


def _embedded(options: Options) -> dict[str, Any]:
    return {
        "NAME": postgres.NAME,
        "USER": postgres.NAME,
        "HOST": str(Cluster.of(options).socket),
        "PORT": str(postgres.PORT),
    }


def _external(options: Options) -> dict[str, Any]:
    try:
        return dict(dj_database_url.parse(dsn(options)))
    except ValueError:
        raise ConfigError("DATABASE_URL: is not postgresql://user:password@host/name.") from None
