"""The one place that asks what time it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time, in UTC."""
        return datetime.now(UTC)


class StoppedClock:
    """A clock that moves only when told."""

    def __init__(self, at: datetime) -> None:
        """Stop at `at`. Raises ValueError when it has no time zone."""
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the time it was stopped at, or moved to, in UTC."""
        return self._at

    def advance(self, by: timedelta) -> None:
        """Move forward by `by`."""
        self._at += by


_current: ContextVar[Clock] = ContextVar("clock", default=SystemClock())  # noqa: B039 - no state


def now() -> datetime:
    """Return the time, aware, in UTC, from the clock in force."""
    return _current.get().now()


@contextmanager
def stopped(at: datetime) -> Iterator[StoppedClock]:
    """Make `now` answer from a stopped clock within the block, in this context only."""
    clock = StoppedClock(at)
    token = _current.set(clock)
    try:
        yield clock
    finally:
        _current.reset(token)
