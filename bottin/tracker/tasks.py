"""Periodic work of the tracker's control side."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from bottin.tracker import actions

KEEP: Final = timedelta(days=2)


def reap_outbox() -> int:
    """Drop outbox rows that every tracker has read, or will never read."""
    return actions.reap_outbox(before=timezone.now() - KEEP)
