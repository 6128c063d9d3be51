"""`bottin doctor`: what is wrong with this site, each as a sentence with what to do."""

import ctypes
import os
import pwd
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

import psycopg

from bottin.config import keys
from bottin.config.connections import dsn, unreachable, weaknesses
from bottin.config.listeners import Occupant, occupant, users_of
from bottin.config.options import Options
from bottin.config.parts import cannot_bind
from bottin.config.values import MIB

GIB: Final = 1024 * MIB
_DISK_FAIL: Final = GIB
_DISK_WARN: Final = 5 * GIB
_TIME_ERROR: Final = 5  # what adjtimex(2) answers when nothing steers the clock
_TIMEX_SIZE: Final = 256
_TASK_WAIT: Final = timedelta(minutes=5)


class Status(StrEnum):
    """How serious a finding is."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw, and what to do about it."""

    status: Status
    says: str
    remedy: str = ""


_MAKE_ROOM: Final = "Stop the program that holds them, or change the setting."
# Who answers at the address of the pages: how serious, what is said, what to do.
_OCCUPANTS: Final = {
    Occupant.READY: (Status.OK, "The site answers on {}.", ""),
    Occupant.NOT_READY: (
        Status.FAIL,
        "The site answers on {}, but can make no pages.",
        "Look at the database and the migrations above.",
    ),
    Occupant.OTHER_SITE: (
        Status.FAIL,
        "Another Bottin answers on {}, with another data directory or secret.",
        "Check BOTTIN_DATA_DIR, or give this site another BOTTIN_WEB_LISTEN.",
    ),
    Occupant.OTHER_PROGRAM: (
        Status.FAIL,
        "Another program answers on {}.",
        "Stop it, or give this site another BOTTIN_WEB_LISTEN.",
    ),
}


_MAKE_DISK: Final = "Make room on the journal's disk, or mend it; then `bottin ledger status`."
# What a tracker counts and should not, the worst first; since it started.
_TRACKER_TROUBLES: Final = (
    ("journal_dropped", Status.FAIL, "{} facts given up: the disk takes none.", _MAKE_DISK),
    ("journal_backlog", Status.FAIL, "{} facts wait: the disk takes none.", _MAKE_DISK),
    ("journal_errors", Status.WARN, "{} writes of the journal failed.", "Look at its disk."),
    ("threads_died", Status.WARN, "{} threads died and came back.", "Look at its log."),
)


@dataclass(frozen=True, slots=True)
class Check:
    """A named look at one thing; `needs_database` ones wait for the database to answer."""

    name: str
    run: Callable[[Options], Finding]
    needs_database: bool = False


def examine(options: Options) -> list[tuple[str, Finding]]:
    """Run every check of CHECKS; Django is loaded. A check that breaks is a finding too."""
    findings: list[tuple[str, Finding]] = []
    has_database = True
    for check in CHECKS:
        if check.needs_database and not has_database:
            continue
        try:
            finding = check.run(options)
        except Exception as error:  # noqa: BLE001 - a doctor reports a broken check, and goes on
            finding = Finding(Status.FAIL, f"could not be examined: {error}")
        if check.name == "database" and finding.status is Status.FAIL:
            has_database = False
        findings.append((check.name, finding))
    return findings


def _database(options: Options) -> Finding:
    try:
        with psycopg.connect(dsn(options), connect_timeout=10) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        return Finding(Status.FAIL, unreachable(options, error), "Start it, then look again.")
    where = "embedded" if options.is_embedded else "external"
    return Finding(Status.OK, f"PostgreSQL {version // 10_000}.{version % 10_000}, {where}.")


def _durability(options: Options) -> Finding:
    with psycopg.connect(dsn(options), connect_timeout=10) as connection:
        found = weaknesses(connection)
    if not found:
        return Finding(Status.OK, "It keeps what it confirms (fsync, checksums, version).")
    says = "; ".join(f"{one.name} = {one.value}: {one.remedy}" for one in found)
    return Finding(Status.FAIL, says, "Change the server's settings and restart it.")


def _migrations(_options: Options) -> Finding:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return Finding(Status.FAIL, f"{len(waiting)} are not applied.", "Run `bottin migrate`.")
    return Finding(Status.OK, "All are applied.")


def _disk(options: Options) -> Finding:
    usage = shutil.disk_usage(options.data_dir)
    says = f"{usage.free / GIB:.1f} GiB free where {options.data_dir} is."
    if usage.free < _DISK_FAIL:
        return Finding(Status.FAIL, says, "Free some: writes will stop.")
    if usage.free < _DISK_WARN:
        return Finding(Status.WARN, says, "Free some soon.")
    return Finding(Status.OK, says)


def _ports(options: Options) -> Finding:
    found = occupant(options)
    if found is not Occupant.NOBODY:
        status, says, remedy = _OCCUPANTS[found]
        return Finding(status, says.format(options.web_listen), remedy)
    wanted = [options.web_listen, options.metrics_listen, *options.tracker_listen]
    refused = [
        f"{address} ({why})"
        for address in wanted
        if (why := cannot_bind(socket.SOCK_STREAM, address))
    ]
    if refused:
        says = f"The site does not answer, and these cannot be had: {', '.join(refused)}."
        return Finding(Status.FAIL, says, _MAKE_ROOM)
    return Finding(Status.WARN, "The site is not running; its addresses are free.", "bottin serve")


def _user(options: Options) -> Finding:
    if occupant(options) in {Occupant.READY, Occupant.NOT_READY}:
        return judge_users(users_of(options), "The site runs", options)
    return judge_users({os.geteuid()}, "Started by you, the site would run", options)


def judge_users(users: set[int], subject: str, options: Options) -> Finding:
    """Say whether these user numbers may run the site: root had better not."""
    if 0 not in users:
        return Finding(Status.OK, f"{subject} as {', '.join(map(_name_of, sorted(users)))}.")
    return Finding(
        Status.WARN,
        f"{subject} as root: a flaw in any part would give the whole machine away.",
        f"useradd --system bottin; chown -R bottin: {options.data_dir}; start it as bottin.",
    )


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def _address(options: Options) -> Finding:
    if options.is_https or options.host in {"127.0.0.1", "localhost", "::1"}:
        return Finding(Status.OK, options.origin)
    return Finding(
        Status.WARN,
        f"{options.origin}: passwords travel in the clear.",
        "Put a proxy with TLS in front and set BOTTIN_SITE_URL to https://…",
    )


def _clock(_options: Options) -> Finding:
    libc = ctypes.CDLL(None, use_errno=True)
    state = libc.adjtimex(ctypes.create_string_buffer(_TIMEX_SIZE))
    if state == _TIME_ERROR:
        return Finding(Status.WARN, "Nothing keeps it right.", "Install chrony.")
    return Finding(Status.OK, "Something keeps it right.")


def _email(options: Options) -> Finding:
    from django.core.mail import get_connection

    if not options.email_host or options.demo:
        folder = options.data_dir / "mail"
        return Finding(
            Status.OK if options.demo else Status.WARN,
            f"Messages are written to {folder}, not sent.",
            "" if options.demo else "Set BOTTIN_EMAIL_HOST.",
        )
    try:
        connection = get_connection()
        connection.open()
        connection.close()
    except OSError as error:  # SMTP's own errors are OSErrors too
        says = f"{options.email_host}:{options.email_port} refused: {error}"
        return Finding(Status.FAIL, says, "Check the BOTTIN_EMAIL_… settings.")
    return Finding(Status.OK, f"{options.email_host} takes messages.")


def _permissions(options: Options) -> Finding:
    secret = options.data_dir / keys.FILE_NAME
    if secret.exists() and secret.stat().st_mode & 0o077:
        return Finding(Status.FAIL, f"{secret} can be read by others.", f"chmod 600 {secret}")
    if options.data_dir.stat().st_mode & 0o006:
        says = f"{options.data_dir} is open to every user of the machine."
        return Finding(Status.WARN, says, f"chmod o-rw {options.data_dir}")
    return Finding(Status.OK, "The data directory is the site's alone.")


def _tasks(_options: Options) -> Finding:
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    late = timezone.now() - _TASK_WAIT
    waiting = DBTaskResult.objects.ready().filter(enqueued_at__lt=late, run_after__lt=late).count()
    if waiting:
        return Finding(
            Status.WARN, f"{waiting} tasks wait for more than five minutes.", "Run `bottin worker`."
        )
    return Finding(Status.OK, "No task waits.")


def _outbox(_options: Options) -> Finding:
    from bottin.tracker.health import LAG_FAIL, LAG_WARN, outbox_lag

    lag = outbox_lag()
    if lag is None:
        return Finding(Status.WARN, "No tracker was heard for a minute.", "Run `bottin tracker`.")
    return _judge_lag(lag, (LAG_WARN, LAG_FAIL), "Changes reach the tracker")


def _tracker(_options: Options) -> Finding:
    from bottin.tracker.health import nodes

    live = [node for node in nodes() if node.is_live]
    for counter, status, says, remedy in _TRACKER_TROUBLES:
        for node in live:
            count = node.statistics.get(counter, 0)
            if count:
                return Finding(status, f"{node.name}: {says.format(count)}", remedy)
    peers = sum(node.statistics.get("peers", 0) for node in live)
    return Finding(Status.OK, f"{len(live)} live, {peers} peers.")


def _journal(_options: Options) -> Finding:
    from bottin.ledger.health import LAG_FAIL, LAG_WARN, journal, journal_lag

    found = journal()
    if found is not None and found.is_overfull:
        says = f"{found.waiting} facts wait for the ledger: more than 256 MiB of journal (JRN-5)."
        return Finding(Status.FAIL, says, "Run `bottin worker`, and look at its log.")
    lag = journal_lag()
    if lag is None:
        return Finding(Status.OK, "The tracker has never run here: no journal.")
    return _judge_lag(lag, (LAG_WARN, LAG_FAIL), "Facts reach the ledger")


def _index(_options: Options) -> Finding:
    from bottin.search.health import LAG_FAIL, LAG_WARN, index_lag

    lag = index_lag()
    if lag is None:
        return Finding(
            Status.WARN, "There is no search index yet.", "Run `bottin worker`: it makes one."
        )
    return _judge_lag(lag, (LAG_WARN, LAG_FAIL), "Changes reach the search index")


def _judge_lag(lag: timedelta, limits: tuple[timedelta, timedelta], what: str) -> Finding:
    warn, fail = limits
    if lag <= warn:
        return Finding(Status.OK, f"{what} at once.")
    status = Status.FAIL if lag > fail else Status.WARN
    says = f"{what} {lag.total_seconds():.0f} s late."
    return Finding(status, says, "Look at the log of the tracker and the worker.")


# In this order; apps' own looks at their tables are added at the end.
CHECKS: Final[list[Check]] = [
    Check("database", _database),
    Check("durability", _durability, needs_database=True),
    Check("migrations", _migrations, needs_database=True),
    Check("disk", _disk),
    Check("permissions", _permissions),
    Check("ports", _ports),
    Check("user", _user),
    Check("address", _address),
    Check("clock", _clock),
    Check("e-mail", _email),
    Check("tasks", _tasks, needs_database=True),
    Check("outbox", _outbox, needs_database=True),
    Check("tracker", _tracker, needs_database=True),
    Check("journal", _journal, needs_database=True),
    Check("index", _index, needs_database=True),
]
