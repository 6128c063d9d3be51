"""Background work of the catalogue."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from bottin.catalog import actions, tagging, web_seeds
from bottin.catalog.models import ReleaseChange
from bottin.lib.clock import now

SEEDS_AT_ONCE: Final = 5


@dataclass(slots=True)
class _Seen:
    """The last change that the counts are known to hold."""

    change_id: int = -1
    tagged_at: int = -1


_seen: Final = _Seen()


def refresh_counts() -> None:
    """Count the shelves again where something changed since the last time.

    Lists read these counts only where counting is slow, so they may lag by a round.
    """
    last = ReleaseChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if last != _seen.change_id:
        actions.recount_listed()
        _seen.change_id = last


def refresh_tag_counts() -> None:
    """Count the releases of each tag again where something changed since the last time."""
    last = ReleaseChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if last != _seen.tagged_at:
        tagging.recount_tags()
        _seen.tagged_at = last


def check_web_seeds() -> int:
    """Check a few web seeds where the operator wants it; the answer is how many were due."""
    if not settings.BOTTIN_WEB_SEED_CHECKS:
        return 0
    seeds = web_seeds.due(now(), SEEDS_AT_ONCE)
    for seed in seeds:
        web_seeds.check(seed, at=now())
    return len(seeds)
