"""Loops of the worker that keep dumps and the feed of changes."""

from bottin.exchange import dumps, following
from bottin.lib import clock


def follow_public() -> bool:
    """Note what changed for mirrors; True when there is more at once."""
    return following.follow()


def keep_daily_dump() -> bool:
    """Write the dump of the day once."""
    return dumps.keep_daily(at=clock.now())
