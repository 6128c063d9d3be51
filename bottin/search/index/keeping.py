"""Answers that cost much and move little, kept for a few seconds across commits."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from bottin.search.index.sharing import in_background

T = TypeVar("T")


@dataclass(slots=True)
class _Made(Generic[T]):
    answer: T
    commit: object
    held_s: int


class Kept(Generic[T]):
    """Answers by what was asked, the last ones that were made. Safe for threads."""

    def __init__(
        self,
        age_s: int,
        *,
        most: int = 256,
        later: Callable[[Callable[[], object]], None] = in_background,
    ) -> None:
        """Keep the `most` last ones; `age_s` is how long they hold after a commit.

        `later` runs what makes an answer anew.
        """
        self._age_s = age_s
        self._most = most
        self._later = later
        self._made: dict[object, _Made[T]] = {}
        self._lock = Lock()
        self._under_way: set[object] = set()

    def found(
        self, key: object, commit: object, now_s: int, make: Callable[[], object]
    ) -> T | None:
        """Return an answer that still holds, None when there is none.

        What is asked again when half of its time has passed is made anew in the
        background, by `make`: what is asked often never waits for its answer.
        """
        kept = self._made.get(key)
        if kept is None:
            return None
        if kept.commit == commit:
            kept.held_s = now_s
            return kept.answer
        age_s = now_s - kept.held_s
        if not 0 <= age_s < self._age_s:
            return None
        if age_s * 2 >= self._age_s:
            self._renew(key, make)
        return kept.answer

    def keep(self, key: object, commit: object, now_s: int, answer: T) -> None:
        """Keep an answer made for a commit; the oldest go when there are too many."""
        with self._lock:
            self._made.pop(key, None)
            while len(self._made) >= self._most:
                del self._made[next(iter(self._made))]
            self._made[key] = _Made(answer, commit, now_s)

    def forget(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._made.clear()

    def _renew(self, key: object, make: Callable[[], object]) -> None:
        with self._lock:
            if key in self._under_way:
                return
            self._under_way.add(key)

        def renew() -> None:
            try:
                make()
            finally:
                self._under_way.discard(key)

        self._later(renew)
