"""Reads the journal and applies it, over every absence of the database or of the tracker."""

import time
from pathlib import Path
from typing import Final

import structlog
from django.utils import timezone

from bottin.ledger import inspections
from bottin.ledger.actions import apply_batch
from bottin.ledger.errors import JournalGap, LedgerRunsElsewhere
from bottin.ledger.models import JournalPosition
from bottin.ledger.stream import stream_of
from bottin.tracker import site
from bottin.tracker.dataplane import Journal

BATCH: Final = 20_000
log = structlog.get_logger(__name__)


def apply_new_facts() -> bool:
    """Apply one batch of what the journal holds and the database has not.

    Returns whether the batch was full: there is more, so call it again at once.
    Smaller ones are worth a pause, which makes the next one larger. Raises
    JournalGap when facts are missing, OSError when the journal cannot be read.
    """
    folder = site.journal_folder()
    if not folder.is_dir():
        return False  # the tracker has never run here
    journal = Journal(folder)
    stream = stream_of(folder)
    position = _position_of(stream, journal)
    try:
        facts = journal.read(position, BATCH)
    except LookupError as error:
        raise JournalGap(expected=position, found=journal.first()) from error
    try:
        apply_batch(facts, stream=stream)
    except LedgerRunsElsewhere:
        log.info("ledger.runs_elsewhere", stream=stream)
        return False
    return len(facts) == BATCH


def prune_journal() -> int:
    """Delete journal segments that were applied and outlived the backup window; how many.

    A database restored from a backup of that window takes their facts again.
    """
    folder = site.journal_folder()
    if not folder.is_dir():
        return 0
    row = JournalPosition.objects.filter(stream=stream_of(folder)).first()
    if row is None:
        return 0
    kept_since = time.time() - site.journal_keep_s()
    young = [int(path.stem) for path in folder.glob("*.journal") if _changed_at(path) > kept_since]
    return Journal(folder).prune(min([row.position, *young]))


def inspect_ledger() -> None:
    """Weigh the windows that closed, look for what is implausible; the log says how much."""
    now = timezone.now()
    try:
        held = inspections.weigh(now) if site.holds_excess() else 0
    except LedgerRunsElsewhere:
        held = 0  # the ledger was at work: the next call weighs the same window
    flags = inspections.compare(now) + inspections.inspect(now)
    if held or flags:
        log.info("ledger.inspected", holds=held, flags=flags)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _position_of(stream: str, journal: Journal) -> int:
    row = JournalPosition.objects.filter(stream=stream).first()
    return row.position if row else journal.first()
