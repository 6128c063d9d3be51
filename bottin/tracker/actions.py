"""Writes of what the data plane said: swarm counts, and how a node is doing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from bottin.tracker.dataplane import Count
from bottin.tracker.models import Outbox, SwarmCount, TrackerNode

_BATCH: Final = 5_000

_UPSERT: Final = """
INSERT INTO tracker_swarmcount AS c (release_id, seeders, leechers, completed, updated_at)
SELECT *, now() FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[])
ON CONFLICT (release_id) DO UPDATE SET
    seeders = excluded.seeders, leechers = excluded.leechers,
    completed = greatest(c.completed, excluded.completed), updated_at = excluded.updated_at
"""


def store_counts(counts: Iterable[Count]) -> int:
    """Store what swarms hold; how many. `completed` never goes down (SCR-4)."""
    rows = sorted(counts)
    for start in range(0, len(rows), _BATCH):
        columns = [list(column) for column in zip(*rows[start : start + _BATCH], strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_UPSERT, columns)
    return len(rows)


def empty_silent_swarms(*, since: datetime) -> int:
    """Set to zero the swarms not heard of since a tracker's start; how many were not empty.

    To be called one peer expiry after the start: whoever lives announced by then.
    """
    silent = SwarmCount.objects.filter(updated_at__lt=since).exclude(seeders=0, leechers=0)
    return silent.update(seeders=0, leechers=0, updated_at=timezone.now())


def note_start(node: str, *, at: datetime) -> None:
    """Note that a tracker starts; it follows nothing yet."""
    fresh: dict[str, object] = {"acknowledged_at": None, "statistics": {}}
    fresh |= {"started_at": at, "seen_at": at}
    TrackerNode.objects.update_or_create(name=node, defaults=fresh)


def acknowledge(node: str, *, sequence: int, at: datetime) -> None:
    """Note that what had committed by `at` (the database's clock) is in force at a tracker."""
    TrackerNode.objects.filter(name=node).update(acknowledged=sequence, acknowledged_at=at)


def note_statistics(node: str, *, statistics: dict[str, int], journal_position: int) -> None:
    """Note a tracker's counters, and that it lives."""
    TrackerNode.objects.filter(name=node).update(
        statistics=statistics, journal_position=journal_position, seen_at=timezone.now()
    )


@transaction.atomic
def reap_outbox(*, before: datetime) -> int:
    """Delete outbox rows written before; how many. Trackers away for longer begin anew."""
    deleted, _ = Outbox.objects.filter(at__lt=before).delete()
    return deleted
