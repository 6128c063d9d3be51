"""The tracker part: the data plane, fed with policy; its counts go to the database."""

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

from bottin.tracker import actions, client_rules, notices, site
from bottin.tracker.client_rules import ClientRules
from bottin.tracker.dataplane import Count, DataPlane, Notice
from bottin.tracker.figures import write_figures
from bottin.tracker.follower import POLL_S, Follower
from bottin.tracker.restart import Succession, keep_swarms, restore_swarms
from bottin.tracker.second_gate import SecondGate

COUNTS_S: Final = 2.0
STOP_S: Final = 4.0
THREADS_S: Final = 3.0
_WATCH_S: Final = 0.2
_ACKNOWLEDGE_S: Final = 0.9
_PAUSE_MAX_S: Final = 5.0
_COUNTS_AT_ONCE: Final = 20_000
_NOTICES_MOST: Final = 50_000

FIRST: Final = Succession()

log = structlog.get_logger(__name__)


def run(
    stop: threading.Event,
    *,
    hang_up: threading.Event | None = None,
    succession: Succession = FIRST,
) -> None:
    """Serve peers until `stop` is set; then end in good order, the journal on disk.

    Each time `hang_up` is set, the certificate and the rules about clients are read again.
    Swarms go from run to run. A predecessor serves until the policy is loaded here, and
    speaks for this tracker to the database until then.

    Listens once the policy was loaded: an answer without a policy would be wrong,
    and a `stopped` answered then would be lost. Goes on with the last policy while
    the database is away. Raises ValueError on impossible settings, OSError when an
    address is taken, PartDied when a thread ended that should not have.
    """
    configuration = site.data_plane_configuration()
    plane = DataPlane(configuration | {"journal_waits": succession.has_predecessor})
    rules = ClientRules.of(configuration)
    client_rules.put_in_force(plane, rules, site.clients_file())
    speaks = threading.Event()
    following = Following(plane, SecondGate(site.denied_file()), speaks)
    reporting = Reporting(plane, speaks)
    if not succession.has_predecessor:
        speaks.set()
    threads = [_thread(work, stop) for work in (following, reporting)]
    is_filled = False
    try:
        for thread in threads:
            thread.start()
        _watch(threads, until=(following.has_loaded, stop))
        if not stop.is_set():
            _take_over(plane, succession)
            is_filled = True
            log.info("tracker.listening", addresses=plane.start())
            speaks.set()
            succession.settle()
        _watch(threads, until=(stop,), plane=plane, again=Again(hang_up, rules))
    finally:
        stop.set()
        for thread in threads:
            thread.join(THREADS_S)
        if not plane.stop(STOP_S):
            log.warning("tracker.threads_left")
        if is_filled:
            keep_swarms(plane, site.swarms_file())
        if speaks.is_set():
            reporting.say_last_words()
    log.info("tracker.stopped", journal_position=plane.journal_position())


def _take_over(plane: DataPlane, succession: Succession) -> None:
    succession.step_in()
    plane.open_journal()
    restore_swarms(plane, site.swarms_file())


def _thread(work: "Following | Reporting", stop: threading.Event) -> threading.Thread:
    return threading.Thread(target=repeat, args=(work, stop), name=work.name, daemon=True)


class PartDied(RuntimeError):
    """A thread ended that should not have: the supervisor starts the part again."""


def _watch(
    threads: list[threading.Thread],
    *,
    until: tuple[threading.Event, ...],
    plane: DataPlane | None = None,
    again: "Again | None" = None,
) -> None:
    """See that everything lives until one of the events is set."""
    known = 0
    while not any(event.is_set() for event in until):
        until[0].wait(_WATCH_S)
        if plane and again:
            again.read_when_told(plane)
        failed = plane.dead_threads() if plane else []  # started again by themselves
        for thread in failed[known:]:
            log.error("tracker.thread_failed", thread=thread)
        known = len(failed)
        dead = [thread.name for thread in threads if not thread.is_alive()]
        if dead and not any(event.is_set() for event in until):
            raise PartDied(f"these threads of the tracker died: {', '.join(dead)}")


@dataclass(frozen=True, slots=True)
class Again:
    """What is read again when an event says so; rules of the settings stay as they were."""

    hang_up: threading.Event | None
    rules: ClientRules

    def read_when_told(self, plane: DataPlane) -> None:
        """Look whether to, and do so."""
        if self.hang_up and self.hang_up.is_set():
            self.hang_up.clear()
            reload_certificate(plane)
            client_rules.read_again(plane, self.rules, site.clients_file())


def reload_certificate(plane: DataPlane) -> None:
    """Take a new certificate, or say why the old one stays."""
    try:
        if plane.reload_tls():
            log.info("tracker.certificate_reloaded")
    except ValueError as error:
        log.error("tracker.certificate_kept", error=str(error))  # noqa: TRY400 - a sentence


class Following:
    """Keeps the policy up to date, and says how far it is."""

    name = "follower"

    def __init__(self, plane: DataPlane, gate: SecondGate, speaks: threading.Event) -> None:
        self._plane = plane
        self._speaks = speaks
        self._follower = Follower(plane, gate)
        self._acknowledged_at = 0.0
        self._known: datetime | None = None
        self.has_loaded = threading.Event()

    def connected(self) -> None:
        """Begin, or begin again after a lost connection."""
        if self._known is None:
            self._known = timezone.now()
            actions.note_start(site.node_name(), at=self._known)
        self._follower.listen()

    def step(self, _stop: threading.Event) -> None:
        """Follow once, acknowledge, wait for the next change."""
        has_news = self._follower.follow()
        self._plane.confirm_policy()
        self.has_loaded.set()
        position = self._follower.position
        is_due = time.monotonic() - self._acknowledged_at > _ACKNOWLEDGE_S
        if position is not None and (has_news or is_due) and self._speaks.is_set():
            actions.acknowledge(site.node_name(), sequence=position.sequence, at=position.at)
            self._acknowledged_at = time.monotonic()
        self._follower.wait(POLL_S)


class Reporting:
    """Carries counts and figures to the database; keeps what it could not store."""

    name = "counts"

    def __init__(self, plane: DataPlane, speaks: threading.Event) -> None:
        self._plane = plane
        self._speaks = speaks
        self._waiting: dict[int, Count] = {}
        self._notices: list[Notice] = []
        self._started_at = timezone.now()
        self._has_swept = False

    def connected(self) -> None:
        """Nothing to prepare."""

    def step(self, stop: threading.Event) -> None:
        """Take what changed, store it, and rest until the next round."""
        if self._speaks.is_set():
            self.store()
        stop.wait(COUNTS_S)

    def store(self) -> None:
        """Take what changed and store it with what still waits."""
        while True:
            counts = self._plane.take_counts(_COUNTS_AT_ONCE)
            self._waiting.update((count.release_id, count) for count in counts)
            if len(counts) < _COUNTS_AT_ONCE:  # what changes meanwhile is for the next round
                break
        self.show()
        actions.store_counts(self._waiting.values())
        self._waiting.clear()
        self._store_notices()
        actions.note_statistics(
            site.node_name(),
            statistics=self._plane.statistics(),
            journal_position=self._plane.journal_position(),
        )
        self._sweep()

    def _store_notices(self) -> None:
        self._notices += self._plane.drain_notices()
        del self._notices[:-_NOTICES_MOST]  # the database was away for long: the oldest go
        if self._notices:
            notices.store_notices(self._notices, at=timezone.now())
            self._notices.clear()

    def show(self) -> None:
        """Leave the figures for whom Prometheus asks."""
        try:
            write_figures(self._plane, site.figures_file())
        except OSError as error:
            log.warning("tracker.figures_not_written", error=str(error))

    def say_last_words(self) -> None:
        """Store what changed since, if the database is there."""
        try:
            self.store()
        except DatabaseError as error:
            log.warning("tracker.counts_not_stored", error=str(error))
        finally:
            connection.close()

    def _sweep(self) -> None:
        expiry = timedelta(seconds=site.peer_expiry_s())
        if not self._has_swept and timezone.now() > self._started_at + expiry:
            actions.empty_silent_swarms(since=self._started_at)
            self._has_swept = True


def repeat(work: Following | Reporting, stop: threading.Event) -> None:
    """Step until `stop`, over every loss of the database, with a growing pause."""
    pause_s = 0.2
    is_connected = False
    while not stop.is_set():
        try:
            if not is_connected:
                work.connected()
                is_connected = True
            work.step(stop)
            pause_s = 0.2
        except (DatabaseError, OSError) as error:
            log.warning("tracker.retries", work=work.name, error=str(error), again_in_s=pause_s)
            is_connected = False
            connection.close()
            stop.wait(pause_s)
            pause_s = min(2 * pause_s, _PAUSE_MAX_S)
    connection.close()
