"""Loops of the worker: ranks, needs, promises, letters. Each may run twice, or not for a while."""

from datetime import timedelta
from typing import Final

from django.conf import settings

from bottin.community import alerts, deliveries, keepers, pledges, ranks
from bottin.lib import clock

KEEP_NEWS: Final = timedelta(days=183)


def refresh_ranks() -> None:
    """Work out who needs seeds and the lists of the best of the last days."""
    at = clock.now()
    pledges.note_kept(at=at)
    ranks.refresh_needs(at=at)
    ranks.refresh_charts(ranks.SHORT, at=at)


def refresh_long_ranks() -> None:
    """Work out the lists of the best of long times, and the counts by licence and the like."""
    ranks.refresh_charts(ranks.LONG, at=clock.now())
    ranks.refresh_tallies()


def forget_old_news() -> None:
    """Delete results and warnings that are half a year old."""
    before = clock.now() - KEEP_NEWS
    alerts.forget_old(before=before)
    deliveries.forget_old(before=before)
    pledges.forget_lost_keepers(before=before)


def end_idle_pledges() -> bool:
    """End what nobody keeps; True when there may be more at once."""
    return pledges.end_idle(at=clock.now()) > 0


def send_letters() -> None:
    """Write the letters that are due, and send those that wait."""
    alerts.write_letters(at=clock.now())
    keepers.write_letters(at=clock.now())
    alerts.send_letters(at=clock.now())


def send_deliveries() -> bool:
    """Write what webhooks have to be told, and send what is due; True when more may be."""
    if not settings.BOTTIN_HOOKS_MAX:
        return False
    at = clock.now()
    deliveries.write_deliveries(at=at)
    return deliveries.send_deliveries(at=at) >= deliveries.AT_ONCE


def note_losses() -> None:
    """Note which releases lost their last other seeder."""
    keepers.note_losses(at=clock.now())
