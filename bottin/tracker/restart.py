"""Swarms over a graceful restart (RUN-7): written at the end, read once at the start."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from bottin.tracker.dataplane import DataPlane

log = structlog.get_logger(__name__)


def _nothing() -> None:
    """Do nothing: nobody was there before."""


@dataclass(frozen=True, slots=True)
class Succession:
    """What a tracker does that takes another's place: `step_in` once its policy is in force.

    `step_in` returns when the other has ended; `settle` follows the first answers.
    """

    step_in: Callable[[], None] = _nothing
    settle: Callable[[], None] = _nothing

    @property
    def has_predecessor(self) -> bool:
        """Whether there is another, which writes the journal until it has ended."""
        return self.step_in is not _nothing


def restore_swarms(plane: DataPlane, path: Path) -> None:
    """Take back the swarms of the last run, if it ended well; a failure is only said."""
    began = time.perf_counter()
    try:
        peers = plane.restore_swarms(path)
    except OSError as error:
        log.error("swarms.not_restored", error=str(error))  # noqa: TRY400 - a sentence
        return
    if peers is None:
        log.info("swarms.begin_anew")
    else:
        log.info("swarms.restored", peers=peers, ms=round(1000 * (time.perf_counter() - began)))


def forget_stale_swarms(path: Path, *, older_than_s: float) -> bool:
    """Remove swarms that no tracker came back for in time; true when there were some."""
    try:
        if time.time() - path.stat().st_mtime <= older_than_s:
            return False
        path.unlink()
    except FileNotFoundError:
        return False
    log.info("swarms.forgotten")
    return True


def keep_swarms(plane: DataPlane, path: Path) -> None:
    """Leave the swarms of a tracker that has stopped to the next run; a failure is only said."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        log.info("swarms.kept", peers=plane.save_swarms(path))
    except OSError as error:
        log.error("swarms.not_kept", error=str(error))  # noqa: TRY400 - a sentence
