"""Reads of what the tracker knows: swarm counts, nodes and how far they followed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from bottin.tracker.models import (
    SLOT,
    ClientRule,
    SiteSample,
    SwarmCount,
    SwarmDay,
    SwarmQuarter,
    TrackerNode,
    slot_of,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """Seeders and leechers now, downloads finished since ever."""

    seeders: int = 0
    leechers: int = 0
    completed: int = 0


NO_COUNTS: Final = Counts()
# Of a day.
QUARTERS: Final = 96
_NAME_BYTES: Final = 7
_NAMED: Final = """
SELECT release_id, substr(info_hash_v1, 1, 7), substr(info_hash_v2, 1, 7) FROM tracker_listing
WHERE substr(info_hash_v1, 1, 7) = ANY(%s) OR substr(info_hash_v2, 1, 7) = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class DayOfSwarm:
    """The most seeders and leechers at once on a day, and the downloads finished on it."""

    day: date
    counts: Counts


@dataclass(frozen=True, slots=True)
class QuarterOfSwarm:
    """A swarm in a quarter of an hour, downloads finished in it; None where nobody sampled."""

    start: datetime
    counts: Counts | None


@dataclass(frozen=True, slots=True)
class HourOfSite:
    """The most peers at once in an hour, and its announces; None where nobody sampled."""

    start: datetime
    seeders: int | None = None
    leechers: int | None = None
    udp_announces: int | None = None
    http_announces: int | None = None


def counts_for(release_ids: Iterable[int]) -> dict[int, Counts]:
    """Give the counts of these releases; every id asked for has an entry. One query."""
    wanted = list(release_ids)
    rows = SwarmCount.objects.filter(release_id__in=wanted).values_list(
        "release_id", "seeders", "leechers", "completed"
    )
    found = {release_id: Counts(*counts) for release_id, *counts in rows}
    return {release_id: found.get(release_id, NO_COUNTS) for release_id in wanted}


def releases_named(names: Iterable[int]) -> dict[int, int]:
    """Find releases by the names of their hashes, as facts and notices have them.

    A name is -1 minus the first seven bytes of a v1 or v2 info-hash; what is not
    listed has no entry. One query, which reads every listing: for rare use.
    """
    heads = {(-1 - name).to_bytes(_NAME_BYTES, "big"): name for name in names}
    if not heads:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [list(heads), list(heads)])
        rows = cursor.fetchall()
    return {
        heads[bytes(head)]: release_id
        for release_id, *both in rows
        for head in both
        if head is not None and bytes(head) in heads
    }


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


def client_rules() -> list[ClientRule]:
    """List the team's rules about clients, that for all others last. One query."""
    rules = list(ClientRule.objects.select_related("set_by").order_by("head"))
    return sorted(rules, key=lambda rule: not rule.head)


def rule_for(head: str, rules: Iterable[ClientRule]) -> ClientRule | None:
    """Find the rule that holds for clients whose peer ids begin so: the longest that fits."""
    fits = [rule for rule in rules if head.startswith(rule.head)]
    return max(fits, key=lambda rule: len(rule.head), default=None)


def swarm_by_day(release_id: int, days: int, *, today: date | None = None) -> list[DayOfSwarm]:
    """Tell the last `days` days of a swarm, oldest first; empty days are zeros. One query.

    Downloads finished before the first day that is kept count for no day.
    """
    last = today or timezone.localdate()
    rows = SwarmDay.objects.filter(release_id=release_id, day__lte=last).order_by("-day")
    # One row more: downloads of a day are those since the row before it.
    kept = list(rows[: days + 1].values_list("day", "seeders", "leechers", "completed"))[::-1]
    before = [*(row[3] for row in kept[:1]), *(row[3] for row in kept)]
    found = {
        day: Counts(seeders, leechers, completed - known)
        for (day, seeders, leechers, completed), known in zip(kept, before, strict=False)
    }
    spans = (last - timedelta(days=back) for back in range(days - 1, -1, -1))
    return [DayOfSwarm(day, found.get(day, NO_COUNTS)) for day in spans]


def swarm_by_quarter(release_id: int, *, at: datetime) -> list[QuarterOfSwarm]:
    """Tell the last day of a swarm by quarters of an hour, oldest first. Two queries."""
    last = slot_of(at)
    first = last - QUARTERS + 1
    rows = SwarmQuarter.objects.filter(release_id=release_id, slot__lte=last).order_by("slot")
    found = {
        slot: Counts(*counts)
        for slot, *counts in rows.values_list("slot", "seeders", "leechers", "completed")
    }
    taken = SiteSample.objects.filter(at__gte=_start_of(first), at__lte=at)
    sampled = {slot_of(moment) for moment in taken.values_list("at", flat=True)}
    before = [found[slot] for slot in found if slot < first]
    now = before[-1] if before else NO_COUNTS
    # What was finished before the first row that is kept counts for no quarter.
    known = now.completed if before else None
    told = []
    for slot in range(first, last + 1):
        fresh = 0
        if slot in found:
            now = found[slot]
            fresh = 0 if known is None else now.completed - known
            known = now.completed
        counts = Counts(now.seeders, now.leechers, fresh) if slot in sampled else None
        told.append(QuarterOfSwarm(_start_of(slot), counts))
    return told


def _start_of(slot: int) -> datetime:
    return datetime.fromtimestamp(slot * SLOT.total_seconds(), UTC)


def site_by_hour(hours: int, *, at: datetime) -> list[HourOfSite]:
    """Tell the last `hours` hours of all swarms together, oldest first. One query."""
    latest = timezone.localtime(at).replace(minute=0, second=0, microsecond=0)
    starts = [latest - timedelta(hours=back) for back in range(hours - 1, -1, -1)]
    samples: dict[datetime, list[SiteSample]] = {}
    for sample in SiteSample.objects.filter(at__gte=starts[0], at__lte=at).defer("counters"):
        hour = timezone.localtime(sample.at).replace(minute=0, second=0, microsecond=0)
        samples.setdefault(hour, []).append(sample)
    return [_hour(start, samples.get(start, [])) for start in starts]


def _hour(start: datetime, samples: list[SiteSample]) -> HourOfSite:
    if not samples:
        return HourOfSite(start)
    return HourOfSite(
        start,
        seeders=max(sample.seeders for sample in samples),
        leechers=max(sample.leechers for sample in samples),
        udp_announces=sum(sample.udp_announces for sample in samples),
        http_announces=sum(sample.http_announces for sample in samples),
    )
