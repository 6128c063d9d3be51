"""A small past for the demo: facts of a few weeks, applied by the real ledger."""

import bisect
import itertools
import math
import random
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from bottin.accounts.models import Account
from bottin.catalog.models import Release
from bottin.ledger import holds, inspections, speeds
from bottin.ledger.actions import apply_batch
from bottin.ledger.models import JournalPosition
from bottin.tracker.dataplane import LONELY, Fact
from bottin.tracker.models import SLOT, SiteSample, SwarmCount, SwarmDay, SwarmQuarter, slot_of

STREAM: Final = "demo"
_MEMBERS: Final = ("lea", "bruno", "chloe", "diego", "emma", "farid", "gwenn", "harriet")
_DAYS: Final = 30
_STEP_S: Final = 1800
_DAY_MS: Final = 86_400_000
_EVENT_NONE, _EVENT_COMPLETED, _EVENT_STARTED, _EVENT_STOPPED = range(4)
_FIRST: Final = 1
_CLIENTS: Final = (b"-qB4520-", b"-qB5110-", b"-TR4060-", b"-DE2110-", b"-lt20B0-")
# Who said to have sent and received how much of one release within half an hour.
_CLAIMS: Final = (("diego", 2_400_000_000, 0), ("lea", 600_000_000, 0), ("emma", 0, 900_000_000))
_SAMPLES: Final = 47 * 4


def write(staff: dict[str, Account], at: datetime) -> None:
    """Apply thirty days of made-up sharing, once."""
    if JournalPosition.objects.filter(stream=STREAM).exists():
        return
    dice = random.Random("history")  # noqa: S311 - a demo's past
    releases = list(Release.objects.filter(is_demo=True).listed().order_by("pk")[:120])
    facts: list[Fact] = []
    for name in _MEMBERS:
        for release in dice.sample(releases, k=min(12, len(releases))):
            facts += _session(staff[name].pk, release, at, dice)
    members_only = [release for release in releases if not release.is_open]
    if members_only:
        largest = max(members_only, key=lambda release: release.size_bytes)
        facts += _doubtful(staff, largest, at)
    facts.sort(key=lambda fact: fact.time_ms)
    numbered = [fact._replace(position=position) for position, fact in enumerate(facts)]
    # Day by day, so that the rows of the ledger come in the order of time.
    for _, day in itertools.groupby(numbered, key=lambda fact: fact.time_ms // _DAY_MS):
        apply_batch(list(day), stream=STREAM)
    _doubt(at)
    _count_completed(releases, dice)
    _draw_swarms(releases, at, dice)
    _draw_quarters(releases, at, dice)
    _draw_site(at, dice)


def _doubtful(staff: dict[str, Account], release: Release, at: datetime) -> list[Fact]:
    """Give the team something to look at: three members who do not agree, one alone at the end."""
    begin_ms = int(_doubted(at).timestamp() * 1000)
    size = release.size_bytes
    facts: list[Fact] = []
    for name, sent, received in _CLAIMS:
        who = (release.pk, staff[name].pk, staff[name].pk)
        for step, event in enumerate((_EVENT_STARTED, _EVENT_NONE)):
            marks = LONELY if sent == max(claim[1] for claim in _CLAIMS) else 0
            counters = (sent * step, received * step, size)
            time_ms = begin_ms + (1 + step) * _STEP_S * 1000
            facts.append(Fact(0, *who, event, marks, 4, 4, *counters, time_ms, _CLIENTS[0]))
    return facts


def _doubted(at: datetime) -> datetime:
    """Return the beginning of the six hours that are weighed: two days ago."""
    return inspections.window_before(at) - 8 * inspections.WINDOW


def _doubt(at: datetime) -> None:
    """Have the ledger find what is odd in what was invented."""
    begins = _doubted(at)
    holds.hold_excess(begins, begins + inspections.WINDOW)
    speeds.flag_unusual(begins, begins + inspections.WINDOW)


def _session(user_id: int, release: Release, at: datetime, dice: random.Random) -> list[Fact]:
    """One client's life on one release: fetch in an hour, then seed for some days."""
    begin = at - timedelta(days=dice.randrange(2, _DAYS), seconds=dice.randrange(86_400))
    hours = min(dice.randrange(10, 120), int((at - begin).total_seconds() // 3600) - 1)
    session, size = dice.getrandbits(63), release.size_bytes
    facts, sent, client = [], 0, dice.choice(_CLIENTS)
    steps = hours * 3600 // _STEP_S
    for step in range(steps + 1):
        received = min(size, size * step // 2)
        sent += dice.randrange(0, max(2, size // 4)) if step else 0
        event = {0: _EVENT_STARTED, 2: _EVENT_COMPLETED, steps: _EVENT_STOPPED}.get(step, 0)
        time_ms = int((begin.timestamp() + step * _STEP_S) * 1000)
        flags = _FIRST if step == 0 else 0
        facts.append(
            Fact(
                0,
                release.pk,
                user_id,
                session,
                event,
                flags,
                4,
                4,
                sent,
                received,
                size - received,
                time_ms,
                client,
            )
        )
    return facts


def _count_completed(releases: list[Release], dice: random.Random) -> None:
    for release in releases:
        count, _ = SwarmCount.objects.get_or_create(release_id=release.pk)
        SwarmCount.objects.filter(pk=count.pk, completed=0).update(
            completed=int(dice.paretovariate(0.9) * 3) % 900
        )


def _draw_swarms(releases: list[Release], at: datetime, dice: random.Random) -> None:
    """Invent the days of swarms, up to yesterday: today is what the tracker says."""
    today = timezone.localdate(at)
    counts = SwarmCount.objects.in_bulk([release.pk for release in releases])
    rows = []
    for release in releases:
        finished = sorted(dice.randrange(_DAYS) for _ in range(dice.randrange(1, 40)))
        known = counts[release.pk].completed
        seeders = dice.randrange(1, 30)
        for back in range(_DAYS, 0, -1):
            seeders = max(0, seeders + dice.randrange(-3, 4))
            later = len(finished) - bisect.bisect_right(finished, _DAYS - back)
            rows.append(
                SwarmDay(
                    release_id=release.pk,
                    day=today - timedelta(days=back),
                    seeders=seeders,
                    leechers=dice.randrange(seeders // 2 + 2),
                    completed=max(0, known - later),
                )
            )
    SwarmDay.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)


def _draw_quarters(releases: list[Release], at: datetime, dice: random.Random) -> None:
    """Invent the last day of swarms, up to the quarter of an hour before this one."""
    rows = []
    counts = SwarmCount.objects.in_bulk([release.pk for release in releases])
    last = slot_of(at)
    for release in releases:
        seeders, known = dice.randrange(1, 20), counts[release.pk].completed
        changes = sorted(dice.sample(range(1, 130), k=40), reverse=True)
        finished = sorted(dice.choices(changes, k=min(known, dice.randrange(4))))
        for back in changes:
            seeders = max(0, seeders + dice.randrange(-2, 3))
            rows.append(
                SwarmQuarter(
                    release_id=release.pk,
                    slot=last - back,
                    seeders=seeders,
                    leechers=dice.randrange(seeders // 2 + 2),
                    completed=known - bisect.bisect_left(finished, back),
                )
            )
    SwarmQuarter.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)


def _draw_site(at: datetime, dice: random.Random) -> None:
    """Invent two days of the site, up to the last quarter: people sleep, some swarms never do."""
    rows = []
    latest = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    for back in range(_SAMPLES, 0, -1):
        moment = latest - back * SLOT
        evening = 1 + math.sin((timezone.localtime(moment).hour - 15) * math.pi / 12)
        seeders = int(420 + 160 * evening) + dice.randrange(25)
        leechers = int(30 + 70 * evening) + dice.randrange(15)
        udp = (seeders + leechers) // 2 + dice.randrange(15)
        rows.append(
            SiteSample(
                at=moment,
                taken_at=moment,
                seeders=seeders,
                leechers=leechers,
                udp_announces=udp,
                http_announces=udp // 4 + dice.randrange(10),
            )
        )
    SiteSample.objects.bulk_create(rows, ignore_conflicts=True)
