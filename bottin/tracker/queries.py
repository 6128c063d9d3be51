"""Reads of what the tracker knows: swarm counts, nodes and how far they followed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bottin.tracker.models import SwarmCount, TrackerNode


@dataclass(frozen=True, slots=True)
class Counts:
    """Seeders and leechers now, downloads finished since ever."""

    seeders: int = 0
    leechers: int = 0
    completed: int = 0


NO_COUNTS: Final = Counts()


def counts_for(release_ids: Iterable[int]) -> dict[int, Counts]:
    """Give the counts of these releases; every id asked for has an entry. One query."""
    wanted = list(release_ids)
    rows = SwarmCount.objects.filter(release_id__in=wanted).values_list(
        "release_id", "seeders", "leechers", "completed"
    )
    found = {release_id: Counts(*counts) for release_id, *counts in rows}
    return {release_id: found.get(release_id, NO_COUNTS) for release_id in wanted}


def in_force_since(committed_at: datetime) -> datetime | None:
    """When every live tracker had a change committed at that time in force; None if not yet.

    What `access_stopped_at` of a decision is (LAW-4). A tracker unheard for a
    minute is told before it answers again and does not count; while none lives,
    nobody is served and the commit itself is the answer.
    """
    nodes = list(TrackerNode.objects.live().values_list("acknowledged_at", flat=True))
    times = [at for at in nodes if at is not None and at >= committed_at]
    if len(times) < len(nodes):
        return None
    return max(times, default=committed_at)
