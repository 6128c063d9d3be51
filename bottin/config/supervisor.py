"""`bottin serve`: PostgreSQL and the parts, started in order, brought back, stopped together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from bottin.config import freshness, metrics
from bottin.config.connections import refuse_weak_server
from bottin.config.database import Cluster
from bottin.config.errors import ConfigError
from bottin.config.options import Options
from bottin.config.parts import Part, parts_of, program, refuse_taken_ports
from bottin.config.processes import (
    adopt_orphans,
    end_group,
    end_orphans,
    reap,
    release,
    spawn,
    wait_until,
)

STOP_S: Final = 5.0  # for the parts; PostgreSQL has what is left of the whole
WHOLE_STOP_S: Final = 9.0
DEMO_STOP_S: Final = 2.0
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
STEADY_S: Final = 60.0  # a part that lived for that long starts again with the first pause
_READY_S: Final = 120.0  # a machine may be busy
_MIGRATE_S: Final = 24 * 3600.0  # an index on a large table takes its time
_ORPHANS_S: Final = 0.5
_TICK_S: Final = 1.0
_WATCHED: Final = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
_STOPPING: Final = {signal.SIGTERM, signal.SIGINT}

log = structlog.get_logger(__name__)


class Interrupted(Exception):
    """Somebody asked for the stop while the start went on."""


@dataclass(slots=True)
class Watched:
    """A part and what became of it."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    not_before: float = field(default=0.0)


class Supervisor:
    """Runs the site until it is told to stop.

    It has one thread that starts programs: the kernel ends them when that
    thread ends, so nothing outlives a killed supervisor.
    """

    def __init__(self, options: Options, announce: Callable[[], None]) -> None:
        self._options = options
        self._announce = announce
        self._parts = parts_of(options)
        self._cluster = Cluster.of(options) if options.is_embedded else None
        self._watched: list[Watched] = []
        self._figures: metrics.PartFigures | None = None
        self._demo: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Serve; the answer is the exit code.

        Raises ConfigError when the site cannot start.
        """
        # Blocked, then fetched one by one in `_wait`: no handler runs between two lines.
        signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        adopt_orphans()
        try:
            self._start()
            while not self._is_told_to_stop(_TICK_S):
                self._bring_back()
        except Interrupted:
            log.info("serve.interrupted")
        finally:
            self._stop()
        return 0

    def _start(self) -> None:
        refuse_taken_ports(self._options)
        os.environ["BOTTIN_PART"] = "serve"
        if self._cluster is not None:
            self._cluster.launch()
        metrics.prepare(self._options, is_fresh=True)
        self._figures = metrics.PartFigures()
        self._launch_parts(is_waited_for=True)
        self._open_database()
        if not freshness.is_up_to_date(self._options):
            self._bring_up_to_date()
        if self._cluster is not None:
            self._watched.append(self._watch_cluster(self._cluster))
        self._start_parts()

    def _bring_up_to_date(self) -> None:
        running = spawn(program("migrate", "--quiet"), dies_by=signal.SIGTERM)
        try:
            self._await(lambda: running.poll() is not None, "migrate", within_s=_MIGRATE_S)
        finally:
            end_group(running)
        if running.returncode != 0:
            raise ConfigError("The database could not be brought up to date; see the lines above.")

    def _open_database(self) -> None:
        if self._cluster is None:
            refuse_weak_server(self._options)
            return
        self._await(self._cluster.has_settled, "postgres")
        self._cluster.finish_start()

    def _start_parts(self) -> None:
        metrics.serve(self._options)
        self._await_parts()
        self._launch_parts(is_waited_for=False)
        self._await_parts()
        self._announce()
        if self._options.demo:
            # Meanwhile the site serves; it tells the logins when it is full, and then shares.
            self._demo = spawn(program("demo", "--share"), dies_by=signal.SIGTERM)

    def _launch_parts(self, *, is_waited_for: bool) -> None:
        """Start parts, held until the database is ready: they have much to load."""
        for part in self._parts:
            if part.is_waited_for == is_waited_for:
                watched = Watched(part.name, partial(self._spawn, part))
                self._watched.append(watched)
                self._launch(watched)

    def _await_parts(self) -> None:
        """Let the started parts go, and wait until each is ready."""
        started = {watched.name: watched for watched in self._watched}
        for watched in self._watched:
            if watched.process is not None:
                release(watched.process)
        for part in self._parts:
            if part.name in started:
                self._await(partial(_ready_or_dead, part, started[part.name]), part.name)

    def _watch_cluster(self, cluster: Cluster) -> Watched:
        def start() -> subprocess.Popen[bytes]:
            cluster.launch()
            if cluster.process is None:
                raise ConfigError("PostgreSQL was not started.")
            return cluster.process

        return Watched("postgres", start, process=cluster.process, began=time.monotonic())

    def _spawn(self, part: Part) -> subprocess.Popen[bytes]:
        return spawn(part.command, dies_by=signal.SIGTERM, is_held=True)

    def _launch(self, watched: Watched) -> None:
        watched.began = time.monotonic()
        try:
            watched.process = watched.start()
        except (ConfigError, OSError) as error:
            watched.process = None
            self._postpone(watched, why=str(error))
            return
        if self._figures is not None:
            self._figures.started(watched.name)
        log.info("part.started", name=watched.name, pid=watched.process.pid)

    def _bring_back(self) -> None:
        """Notice the parts that ended; start again those whose pause is over."""
        for watched in self._watched:
            process = watched.process
            if process is not None and process.poll() is not None:
                end_group(process)
                metrics.forget(self._options, process.pid)
                watched.process = None
                self._postpone(watched, why=_how_it_ended(process.returncode))
            elif process is None and time.monotonic() >= watched.not_before:
                self._launch(watched)
                if watched.process is not None:
                    release(watched.process)
        reap({watched.process.pid for watched in self._watched if watched.process is not None})

    def _postpone(self, watched: Watched, why: str) -> None:
        now = time.monotonic()
        if now - watched.began >= STEADY_S:
            watched.pause_s = FIRST_PAUSE_S
        watched.not_before = now + watched.pause_s
        log.error("part.ended", name=watched.name, why=why, again_in_s=watched.pause_s)
        watched.pause_s = min(2 * watched.pause_s, LONGEST_PAUSE_S)
        if self._figures is not None:
            self._figures.ended(watched.name)

    def _await(self, is_true: Callable[[], bool], name: str, *, within_s: float = _READY_S) -> None:
        def has_settled() -> bool:
            if signal.sigpending() & _STOPPING:
                raise Interrupted
            return is_true()

        if not wait_until(has_settled, within_s=within_s):
            raise ConfigError(f"The {name} part was not ready after {within_s:.0f} seconds.")

    def _is_told_to_stop(self, within_s: float) -> bool:
        """Wait for a signal; a child that ended wakes us at once."""
        pauses = [w.not_before - time.monotonic() for w in self._watched if w.process is None]
        received = signal.sigtimedwait(_WATCHED, max(0.0, min([within_s, *pauses])))
        if received is not None and received.si_signo == signal.SIGHUP:
            self._hang_up()
        return received is not None and received.si_signo in _STOPPING

    def _hang_up(self) -> None:
        """Have the tracker read its files again; it alone knows this signal."""
        for watched in self._watched:
            if watched.name == "tracker" and watched.process is not None:
                watched.process.send_signal(signal.SIGHUP)

    def _stop(self) -> None:
        began = time.monotonic()
        deadline = began + STOP_S
        if self._demo is not None:
            self._end_demo(self._demo)
        running = [w for w in self._watched if w.process is not None and w.name != "postgres"]
        for watched in running:
            if watched.process is not None and watched.process.poll() is None:
                watched.process.send_signal(signal.SIGTERM)
        for watched in running:
            process = watched.process
            if process is None:
                continue
            left_s = deadline - time.monotonic()
            if not wait_until(partial(_has_ended, process), within_s=left_s):
                log.warning("part.killed", name=watched.name)
            end_group(process)
        if self._cluster is not None:
            self._cluster.stop(within_s=began + WHOLE_STOP_S - time.monotonic())
        end_orphans(within_s=_ORPHANS_S)
        log.info("serve.stopped")

    def _end_demo(self, demo: subprocess.Popen[bytes]) -> None:
        """Let its clients leave their swarms while there is a tracker to tell."""
        if demo.poll() is None:
            demo.send_signal(signal.SIGTERM)
            wait_until(partial(_has_ended, demo), within_s=DEMO_STOP_S)
        end_group(demo)


def _ready_or_dead(part: Part, watched: Watched) -> bool:
    process = watched.process
    if process is None or process.poll() is not None:
        raise ConfigError(f"The {part.name} part does not start; see the lines above.")
    return part.is_ready()


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None


def _how_it_ended(returncode: int) -> str:
    if returncode < 0:
        return f"killed by {signal.Signals(-returncode).name}"
    return f"exit code {returncode}"
