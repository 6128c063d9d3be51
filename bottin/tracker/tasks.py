"""Periodic work of the tracker's control side."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from bottin.tracker import actions, notices, restart, site

KEEP: Final = timedelta(days=2)


def reap_outbox() -> int:
    """Drop outbox rows that every tracker has read, or will never read."""
    return actions.reap_outbox(before=timezone.now() - KEEP)


def forget_notices() -> int:
    """Drop what clients were told long ago."""
    return notices.forget_notices(before=timezone.now() - notices.KEEP)


def forget_stale_swarms() -> None:
    """Drop the addresses that a tracker left behind which did not come back within an interval."""
    restart.forget_stale_swarms(site.swarms_file(), older_than_s=site.interval_s())


def sample_swarms() -> None:
    """Keep what swarms are like, for the plots of releases and of the status page."""
    actions.take_sample(at=timezone.now())
