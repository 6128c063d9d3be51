"""The data plane alone: an open or a listed tracker, fed by files, without database or accounts."""

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from bottin.tracker import client_rules
from bottin.tracker.client_rules import ClientRules
from bottin.tracker.dataplane import DataPlane
from bottin.tracker.figures_server import FiguresServer
from bottin.tracker.restart import keep_swarms, restore_swarms

STOP_S: Final = 5.0
KEEP_EVERY_S: Final = 60.0
_WATCH_S: Final = 0.2
_SECRET_BYTES: Final = 32

log = structlog.get_logger(__name__)


class BadList(ValueError):
    """A file of info-hashes holds something else; the text says where."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Files of hexadecimal info-hashes, one a line (v1, 40 digits, or v2, 64); `#` comments.

    And one of rules about clients.
    """

    allow: Path | None = None
    deny: Path | None = None
    clients: Path | None = None


class State:
    """The folder of what outlives a restart: downloads counted, the secret of connection ids."""

    def __init__(
        self, folder: Path | None, *, predecessor_ends: Callable[[], None] = lambda: None
    ) -> None:
        """Name the folder; without one nothing is kept.

        `predecessor_ends` returns when a tracker whose place is taken has written its part.
        """
        self._predecessor_ends = predecessor_ends
        self._folder = folder
        self._kept_at = time.monotonic()
        if folder:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def connection_secret(self) -> str:
        """Give the secret under which connection ids stay good, 64 hexadecimal digits."""
        fresh = secrets.token_hex(_SECRET_BYTES)
        if self._folder is None:
            return fresh
        path = self._folder / "connection-secret"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(fresh, encoding="ascii")
        return path.read_text(encoding="ascii").strip()

    def restore(self, plane: DataPlane) -> None:
        """Take over the downloads counted, at the moment of taking over.

        Raises ValueError when the file is damaged.
        """
        self._predecessor_ends()
        if self._folder:
            torrents = plane.load_completed(self._folder / "completed")
            log.info("completed.loaded", torrents=torrents)

    def restore_swarms(self, plane: DataPlane) -> None:
        """Take over the swarms of the last run, once the lists are in force."""
        if self._folder:
            restore_swarms(plane, self._folder / "swarms")

    def keep_swarms(self, plane: DataPlane) -> None:
        """Leave the swarms to the next run."""
        if self._folder:
            keep_swarms(plane, self._folder / "swarms")

    def keep(self, plane: DataPlane, *, is_last: bool = False) -> None:
        """Write the downloads counted, now and then and at the end; a failure is only said."""
        if not is_last and time.monotonic() < self._kept_at + KEEP_EVERY_S:
            return
        self._kept_at = time.monotonic()
        try:
            plane.save_completed(self._folder / "completed" if self._folder else None)
        except OSError as error:
            log.error("completed.not_kept", error=str(error))  # noqa: TRY400 - a sentence


@dataclass(frozen=True, slots=True)
class Signals:
    """What tells the tracker to end, and to read its files again."""

    stop: threading.Event
    hang_up: threading.Event


def run(
    signals: Signals,
    lists: Lists,
    *,
    configuration: Mapping[str, object],
    state: State,
    figures: FiguresServer | None = None,
) -> None:
    """Serve what `lists` say until told to stop.

    Without a list of what is allowed, everything is served that is not denied,
    within the bounds of the configuration. On hang-up lists, rules and certificate are
    read again; a bad file changes nothing. Raises BadList, BadRules at the start, OSError
    when a file cannot be read or an address is taken, ValueError on wrong settings.
    """
    secret = state.connection_secret()
    # Nobody has an account here: sessions only tell browsers apart, from run to run.
    secrets_of_run = {"connection_secret": secret, "session_secret": secret}
    plane = DataPlane(dict(configuration) | secrets_of_run)
    put_in_force(plane, lists.allow, lists.deny)
    rules = ClientRules.of(configuration)
    client_rules.put_in_force(plane, rules, lists.clients)
    state.restore(plane)
    state.restore_swarms(plane)
    log.info("tracker.listening", addresses=plane.start())
    if figures:
        figures.serve(plane)
    try:
        while not signals.stop.wait(_WATCH_S):
            if signals.hang_up.is_set():
                signals.hang_up.clear()
                _read_again(plane, lists)
                client_rules.read_again(plane, rules, lists.clients)
            plane.confirm_policy()  # the files are the policy, and were read when told
            state.keep(plane)
    finally:
        plane.stop(STOP_S)
        state.keep(plane, is_last=True)
        state.keep_swarms(plane)
        if figures:
            figures.close()
    log.info("tracker.stopped")


def put_in_force(plane: DataPlane, allow: Path | None, deny: Path | None) -> None:
    """Read the lists and make them the policy. Raises BadList, OSError."""
    began = time.perf_counter()
    try:
        allowed, denied = plane.load_lists(allow, deny)
    except ValueError as error:
        raise BadList(str(error)) from None
    took_ms = round(1000 * (time.perf_counter() - began))
    log.info("policy.loaded", allowed=allowed if allow else "all", denied=denied, ms=took_ms)


def _read_again(plane: DataPlane, lists: Lists) -> None:
    try:
        put_in_force(plane, lists.allow, lists.deny)
    except (BadList, OSError) as error:
        log.error("policy.kept", error=str(error))  # noqa: TRY400 - a sentence, not a bug
    try:
        if plane.reload_tls():
            log.info("tracker.certificate_reloaded")
    except ValueError as error:
        log.error("tracker.certificate_kept", error=str(error))  # noqa: TRY400 - a sentence
