"""Keeps the index the image of the catalogue: follows its changes, or builds it anew."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final

import structlog
from django.db import connection
from django.db.models import Q, QuerySet

from bottin.catalog.models import Release, ReleaseChange
from bottin.search import places
from bottin.search.documents import entries_after, entries_of
from bottin.search.entries import order_keys
from bottin.search.errors import IndexBusy
from bottin.search.index import Reader, Writer, WriterLost
from bottin.search.places import Position
from bottin.tracker.models import SwarmCount

BATCH: Final = 1_000
COUNTS_BATCH: Final = 5_000
KEEP_CHANGES: Final = timedelta(days=7)

Progress = Callable[[int, int], None]
log: Final = structlog.get_logger(__name__)


@dataclass(slots=True)
class Follower:
    """The one process that writes to the index in force, while it holds the lock."""

    lock: IO[str] | None = None
    folder: Path | None = None
    writer: Writer | None = None
    # Changes applied before it was sure that none older would appear: row → transaction.
    ahead: dict[int, int] = field(default_factory=dict)
    counts_seen: tuple[datetime, int] | None = None
    # Writers lost since the last change that was applied.
    losses: int = 0

    def follow(self) -> bool:
        """Apply what changed since the last time; True when there may be more at once.

        Builds the index when there is none, none of this version, a damaged one, or
        one that has not followed this database. Does nothing where another process
        follows. A writer that the engine lost is opened again; one that is lost
        twice in a row has a damaged folder.
        """
        if not self._holds_lock():
            return False
        try:
            return self._follow()
        except (WriterLost, OSError) as error:
            self._forsake(error)
            return False

    def _follow(self) -> bool:
        position = self._position()
        if position is None:
            self._let_go()
            with suppress(IndexBusy):
                rebuild()
            return False
        is_more = self._apply(position)
        self.losses = 0
        return is_more

    def refresh_counts(self) -> bool:
        """Bring the swarms' counts to the index where they moved by a step; True for more at once.

        At most 5,000 releases at a time: a burst of announces costs the index a
        bounded share of the worker, and ranks lag by another round.
        """
        try:
            return self._refresh()
        except (WriterLost, OSError, ValueError) as error:
            self._forsake(error)
            return False

    def _refresh(self) -> bool:
        is_ready = self.lock is not None and self._position() is not None
        if not is_ready or self.writer is None or self.folder is None:
            return False
        moved = list(self._moved()[:COUNTS_BATCH])
        if not moved:
            return False
        self.counts_seen = moved[-1].updated_at, moved[-1].pk
        known = Reader(self.folder).order_keys([row.release_id for row in moved])
        has_changed = False
        for chunk in _chunks([row.release_id for row in moved if row.release_id in known]):
            fresh = [e for e in entries_of(chunk) if order_keys(e) != known[e.release_id]]
            self.writer.remove([entry.release_id for entry in fresh])
            self.writer.add(fresh)
            has_changed = has_changed or bool(fresh)
        if has_changed:
            self.writer.commit()
        return len(moved) == COUNTS_BATCH

    def _moved(self) -> "QuerySet[SwarmCount]":
        rows = SwarmCount.objects.order_by("updated_at", "pk")
        if self.counts_seen is None:
            return rows
        at, pk = self.counts_seen
        later = Q(updated_at__gt=at) | Q(updated_at=at, pk__gt=pk)
        return rows.filter(Q(updated_at__gte=at) & later)

    def close(self) -> None:
        """Let go of the index and of the lock."""
        self._let_go()
        if self.lock is not None:
            self.lock.close()
            self.lock = None

    def _holds_lock(self) -> bool:
        if self.lock is None:
            self.lock = places.held_lock("follower")
        return self.lock is not None

    def _position(self) -> Position | None:
        folder = places.in_force()
        if folder is None:
            return None
        if places.is_damaged(folder):
            return None
        if folder != self.folder or self.writer is None:
            self._let_go()
            self.folder = folder
            self.writer = Writer(folder)
        position = places.position_of(folder)
        # A database restored elsewhere counts its transactions from another number.
        if position is None or position.transaction_id > _horizon():
            return None
        return position

    def _forsake(self, error: Exception) -> None:
        """Leave a writer that failed to itself: closing would wait for threads that are gone."""
        self.losses += 1
        log.warning("index.writer_lost", reason=str(error)[:200], times=self.losses)
        if self.folder is not None and self.losses > 1:
            places.report_damage(self.folder)
        self.writer = self.folder = self.counts_seen = None
        self.ahead.clear()

    def _let_go(self) -> None:
        if self.writer is not None:
            with suppress(WriterLost):
                self.writer.close()
        self.writer = self.folder = self.counts_seen = None
        self.ahead.clear()

    def _apply(self, position: Position) -> bool:
        """Apply all that is visible, but move on only past what can no longer appear."""
        if self.writer is None or self.folder is None:
            return False
        horizon = _horizon()
        rows = list(after(position).exclude(pk__in=list(self.ahead))[:BATCH])
        if rows:
            _bring(self.writer, [row.release_id for row in rows])
            self.writer.commit()
        is_full = len(rows) == BATCH
        reached = _reached(position, rows, horizon, is_full=is_full)
        if reached != position:
            places.note_position(self.folder, reached)
        applied = self.ahead | {row.pk: row.transaction_id for row in rows}
        self.ahead = {pk: number for pk, number in applied.items() if number >= horizon}
        return is_full


def rebuild(progress: Progress | None = None) -> int:
    """Build a new index beside the one in force, then put it in force; return how many it holds.

    `progress` is told (done, total). What changes meanwhile is followed
    afterwards from where the build began. Raises IndexBusy.
    """
    with places.rebuilding() as is_ours:
        if not is_ours:
            raise IndexBusy
        start = Position(_horizon())
        folder = places.new_build()
        try:
            done = _build(folder, progress)
        except BaseException:
            places.discard(folder)
            raise
        places.note_position(folder, start)
        places.put_in_force(folder)
    return done


def _build(folder: Path, progress: Progress | None) -> int:
    total = Release.objects.listed().count()
    writer = Writer(folder, to_come=max(1, total))
    done = last = 0
    while chunk := list(entries_after(last, BATCH)):
        writer.add(chunk)
        done, last = done + len(chunk), chunk[-1].release_id
        if progress is not None:
            progress(min(done, total), total)
    writer.commit()
    writer.close()
    return done


def forget_changes(*, before: datetime) -> int:
    """Delete the notes of changes that every index has followed long ago; return how many."""
    return ReleaseChange.objects.filter(at__lt=before).delete()[0]


def _reached(
    position: Position, rows: Sequence[ReleaseChange], horizon: int, *, is_full: bool
) -> Position:
    if not is_full:
        return Position(horizon)
    settled = [row for row in rows if row.transaction_id < horizon]
    return Position(settled[-1].transaction_id, settled[-1].pk) if settled else position


def _bring(writer: Writer, release_ids: Sequence[int]) -> None:
    distinct = sorted(set(release_ids))
    writer.remove(distinct)
    writer.add(entries_of(distinct))


def after(position: Position) -> "QuerySet[ReleaseChange]":
    later = Q(transaction_id__gt=position.transaction_id) | Q(
        transaction_id=position.transaction_id, pk__gt=position.change_id
    )
    known = Q(transaction_id__gte=position.transaction_id)
    return ReleaseChange.objects.filter(known & later).order_by("transaction_id", "pk")


def _horizon() -> int:
    """Return the oldest transaction still running: all before it has been seen or rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _chunks(release_ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (release_ids[start : start + BATCH] for start in range(0, len(release_ids), BATCH))
