"""Counts of what many releases match, kept for a few seconds across commits.

Counting looks at each hit for each facet, so that it is what large finds cost. Such counts
move little within seconds; what fewer releases match is counted anew each time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final, Generic, TypeVar

from bottin.search.index.sharing import in_background

T = TypeVar("T")

_KEPT: Final = 256


@dataclass(slots=True)
class _Counted(Generic[T]):
    counts: T
    commit: object
    at_s: int


class Kept(Generic[T]):
    """Counts by what was asked, the 256 that were counted last. Safe for threads."""

    def __init__(
        self, age_s: int, later: Callable[[Callable[[], object]], None] = in_background
    ) -> None:
        """`age_s` is how old counts may be that are not of the last commit; `later` counts anew."""
        self._age_s = age_s
        self._later = later
        self._counted: dict[object, _Counted[T]] = {}
        self._lock = Lock()
        self._under_way: set[object] = set()

    def found(
        self, key: object, commit: object, now_s: int, count: Callable[[], T | None]
    ) -> T | None:
        """Return counts that still hold, None when there are none.

        What is asked again when half of its time has passed is counted anew in the
        background, by `count`: what is asked often never waits for its counts.
        """
        kept = self._counted.get(key)
        if kept is None or kept.commit == commit:
            return kept.counts if kept else None
        age_s = now_s - kept.at_s
        if not 0 <= age_s < self._age_s:
            return None
        if age_s * 2 >= self._age_s:
            self._renew(key, count)
        return kept.counts

    def keep(self, key: object, commit: object, now_s: int, counts: T) -> None:
        """Keep counts made for a commit; the oldest go when there are too many."""
        with self._lock:
            self._counted.pop(key, None)
            while len(self._counted) >= _KEPT:
                del self._counted[next(iter(self._counted))]
            self._counted[key] = _Counted(counts, commit, now_s)

    def forget(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._counted.clear()

    def _renew(self, key: object, count: Callable[[], T | None]) -> None:
        with self._lock:
            if key in self._under_way:
                return
            self._under_way.add(key)

        def renew() -> None:
            try:
                count()
            finally:
                self._under_way.discard(key)

        self._later(renew)
