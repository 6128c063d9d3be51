"""Journal facts, valid by default: a member who fetches one release, at noon."""

from datetime import UTC, datetime
from typing import Final

from bottin.tracker.dataplane import Fact

NOON_MS: Final = int(datetime(2026, 6, 1, 12, 0, tzinfo=UTC).timestamp() * 1000)
STREAM: Final = "main:test"
NONE: Final = 0
COMPLETED: Final = 1
STARTED: Final = 2
STOPPED: Final = 3


def fact(position: int = 0, **given: int) -> Fact:
    """Make a fact; `second` sets its time, in seconds after noon."""
    second = given.pop("second", position * 60)
    values = {
        "release_id": 1,
        "user_id": 7,
        "session": 1,
        "event": NONE,
        "flags": 0,
        "up_quarters": 4,
        "down_quarters": 4,
        "uploaded": 0,
        "downloaded": 0,
        "left": 1000,
        "time_ms": NOON_MS + second * 1000,
    } | given
    return Fact(position=position, client=b"-qB4650-", **values)
