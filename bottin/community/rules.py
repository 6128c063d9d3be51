"""How much a release needs seeds, what fits a disk, when a letter is due: pure.

The score of need is the sum of six parts, 100 at most:

| part | points | |
|---|---|---|
| seeders | 40 | 40, 20, 10, 5 … halves with each; a promise not kept yet is half a seeder |
| leechers | 25 | 8 for each doubling of the people who wait |
| downloads | 10 | 2 for each doubling of the downloads ever finished |
| age | 10 | grows over the first year |
| only copy | 10 | no other published release has the same content |
| size | 5 | halves at 10 GB: small ones are saved for little |

Releases with `SEEDERS_ENOUGH` seeders, or younger than `FRESH`, need nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from bottin.community.models import Pace

SEEDERS_ENOUGH: Final = 5
FRESH: Final = timedelta(hours=6)
LAPSE: Final = timedelta(days=14)
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=12)
_SMALLEST_BYTES: Final = 1_000_000
_LETTER_HOUR: Final = 7
_WEEK_D: Final = 7

# The table as a term of SQL: `c` are the counts, `r` the release, `p` the promises.
# What an only copy adds is known later, for the neediest only.
# In double precision throughout: PostgreSQL's exact numbers take ten times as long.
SCORE_SQL: Final = """
    40 * power(0.5::float8, coalesce(c.seeders, 0) + coalesce(p.promised, 0) * 0.5::float8)
  + least(25, 8 * ln(1 + coalesce(c.leechers, 0)::float8) / ln(2::float8))
  + least(10, 2 * ln(1 + coalesce(c.completed, 0)::float8) / ln(2::float8))
  + 10 * least(1, date_part('epoch', %(at)s - r.published_at) / 31536000)
  + 5 / (1 + r.size_bytes::float8 / 10000000000)
"""
UNIQUE_POINTS: Final = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release that could be kept: its score, its size, and whether it has seeders."""

    release_id: int
    score: float
    size_bytes: int


_C = TypeVar("_C", bound=Candidate)


def fitting(candidates: Iterable[_C], room_bytes: int) -> list[_C]:
    """Choose what to keep in `room_bytes`: most score for each byte first.

    Greedy, then compared with the single best that fits, so that the sum of
    scores is at least half of the best possible one. What is smaller than a
    megabyte counts as one, or crumbs would come first. In the order of the score.
    """
    ranked = sorted(candidates, key=lambda one: one.score / _weight(one), reverse=True)
    chosen, left = list[_C](), room_bytes
    for one in ranked:
        if one.size_bytes <= left:
            chosen.append(one)
            left -= one.size_bytes
    best = max(
        (one for one in ranked if one.size_bytes <= room_bytes),
        key=lambda one: one.score,
        default=None,
    )
    if best is not None and best.score > sum(one.score for one in chosen):
        chosen = [best]
    return sorted(chosen, key=lambda one: one.score, reverse=True)


def _weight(one: Candidate) -> int:
    return max(one.size_bytes, _SMALLEST_BYTES)


def is_due(pace: Pace, *, last: datetime | None, waiting_since: datetime, at: datetime) -> bool:
    """Whether a letter of new results goes out at `at`, a time of the reader's zone.

    At once: now. Daily: after seven o'clock of a day that had none yet. Weekly:
    the same, on or after Monday. What waits since before the boundary is sent.
    """
    if pace is Pace.AT_ONCE:
        return True
    if pace is Pace.NEVER:
        return False
    boundary = at.replace(hour=_LETTER_HOUR, minute=0, second=0, microsecond=0)
    if boundary > at:
        boundary -= timedelta(days=1)
    if pace is Pace.WEEKLY:
        boundary -= timedelta(days=boundary.weekday() % _WEEK_D)
    return waiting_since < boundary and (last is None or last < boundary)


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries: 1, 5, 25 minutes, 2, 10, then 12 hours each."""
    times: int = 5 ** (tries - 1)
    return min(_FIRST_PAUSE * times, _LONGEST_PAUSE)


def room_left(offered_bytes: int, pledged: Sequence[int]) -> int:
    """Bytes of an offer that no pledge takes yet."""
    return max(0, offered_bytes - sum(pledged))
