"""Keeps the order in which public releases changed, so that a mirror goes on where it stopped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from bottin.catalog.models import ReleaseChange
from bottin.exchange import records
from bottin.exchange.errors import CursorUnknown, DumpsClosed
from bottin.exchange.models import PublicEntry, PublicPosition
from bottin.exchange.records import Record

BATCH: Final = 1_000
CHANGES_MAX: Final = 1_000
_ONE: Final = 1  # the one row of PublicPosition


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of the feed of changes: lines to apply in order, and the cursor after them.

    A line is a record to put in place, or `{"kind": "gone", "id": …}`.
    """

    lines: tuple[Record, ...]
    cursor: int
    has_more: bool


def are_open() -> bool:
    """Whether the site publishes dumps."""
    return bool(settings.BOTTIN_DUMPS) and settings.BOTTIN_ACCESS != "private"


@transaction.atomic
def follow() -> bool:
    """Note what changed since the last time; True when there is more to walk at once.

    A worker's loop. One at a time: whoever follows holds the row of the position.
    The first time, and after a private time, it walks over the whole catalogue.
    """
    position = _held()
    if not are_open():
        position.filled_to = 0
        position.save(update_fields=["filled_to"])
        return False
    horizon = _horizon()
    if position.filled_to is not None:
        return _fill(position, horizon)
    changed = ReleaseChange.objects.filter(transaction_id__gte=position.horizon)
    ids = iter(set(changed.values_list("release_id", flat=True)))
    for chunk in iter(lambda: list(islice(ids, BATCH)), []):
        _note(position, chunk)
    position.horizon = horizon
    position.save()
    return False


def cursor_now() -> int:
    """Return the cursor after everything that was followed so far."""
    return PublicPosition.objects.filter(pk=_ONE).values_list("sequence", flat=True).first() or 0


def changes_after(cursor: int, *, limit: int = CHANGES_MAX) -> Changes:
    """Return what changed after a cursor, oldest first, at most `limit` lines. Three queries.

    What is shown is the present: a release that was taken down a moment ago is
    `gone`, whatever was noted of it.

    Raises DumpsClosed, and CursorUnknown for one that this site never gave.
    """
    if not are_open():
        raise DumpsClosed
    if not 0 <= cursor <= cursor_now():
        raise CursorUnknown
    rows = PublicEntry.objects.filter(sequence__gt=cursor).order_by("sequence")
    entries = list(rows[: min(limit, CHANGES_MAX) + 1])
    has_more = len(entries) > min(limit, CHANGES_MAX)
    entries = entries[: min(limit, CHANGES_MAX)]
    found = records.records_of(entry.release_id for entry in entries if entry.is_listed)
    lines = tuple(found.get(entry.release_id, gone(entry.release_id)) for entry in entries)
    return Changes(lines, entries[-1].sequence if entries else cursor, has_more)


def gone(release_id: int) -> Record:
    """Return the tombstone of a release: its id, and nothing of what it was."""
    return {"v": records.FORMAT, "kind": "gone", "id": str(release_id)}


def _held() -> PublicPosition:
    PublicPosition.objects.get_or_create(pk=_ONE)
    return PublicPosition.objects.select_for_update().get(pk=_ONE)


def _horizon() -> int:
    """Return the oldest transaction that still runs: all before it are over, seen by this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _fill(position: PublicPosition, horizon: int) -> bool:
    if not position.filled_to:
        position.horizon = horizon  # what changes while it walks is followed afterwards
    listed = records.listed().filter(pk__gt=position.filled_to or 0).order_by("pk")
    ids = list(listed.values_list("pk", flat=True)[:BATCH])
    known = PublicEntry.objects.filter(release_id__gt=position.filled_to or 0, is_listed=True)
    if len(ids) == BATCH:
        known = known.filter(release_id__lte=ids[-1])
    _note(position, sorted({*ids, *known.values_list("release_id", flat=True)}))
    is_done = len(ids) < BATCH
    position.filled_to = None if is_done else ids[-1]
    position.save()
    return not is_done


def _note(position: PublicPosition, release_ids: Sequence[int]) -> None:
    known = {row.release_id: row for row in PublicEntry.objects.filter(pk__in=release_ids)}
    found = records.records_of(release_ids)
    fresh = list(_moved(position, sorted(release_ids), known, found))
    PublicEntry.objects.bulk_create(
        fresh,
        update_conflicts=True,
        unique_fields=["release_id"],
        update_fields=["sequence", "is_listed", "digest"],
    )


def _moved(
    position: PublicPosition,
    release_ids: Sequence[int],
    known: dict[int, PublicEntry],
    found: dict[int, Record],
) -> Iterator[PublicEntry]:
    for release_id in release_ids:
        entry, record = known.get(release_id), found.get(release_id)
        digest = records.digest_of(record) if record else b"\0" * 32
        if entry is None and record is None:
            continue  # never was public
        if entry is not None and entry.is_listed is bool(record) and entry.digest == digest:
            continue
        position.sequence += 1
        yield PublicEntry(
            release_id=release_id,
            sequence=position.sequence,
            is_listed=record is not None,
            digest=digest,
        )
