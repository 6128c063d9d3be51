"""Work shared with a few threads: counts while hits are looked for. The engine runs without Python.

One small pool for the process. What no thread has begun when its result is wanted is
done by who wants it, so that nobody ever waits in a queue, however many ask at once.
"""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_CORES: Final = len(os.sched_getaffinity(0))
# Beside the thread that asks; a third part of the work is the most that there is to share.
HELPERS: Final = min(_CORES - 1, 2)
_pool: Final = ThreadPoolExecutor(max(1, HELPERS), thread_name_prefix="search")


class Job(Generic[T]):
    """Something to be done, perhaps at once by a thread that is free."""

    def __init__(self, work: Callable[[], T], *, is_shared: bool) -> None:
        """Offer `work` to the pool when it is shared."""
        self._work = work
        self._begun: Future[T] | None = _pool.submit(work) if is_shared and HELPERS else None

    def result(self) -> T:
        """Return what came of it, doing it here if no thread has begun. Raises what it raises."""
        if self._begun is None or self._begun.cancel():
            return self._work()
        return self._begun.result()


def in_background(work: Callable[[], object]) -> None:
    """Have something done later, when a thread is free."""
    _pool.submit(work)
