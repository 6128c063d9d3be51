"""Work shared with a few threads: counts while hits are looked for. The engine runs without Python.

One small pool for the process. What no thread has begun when its result is wanted is
done by who wants it, so that nobody ever waits in a queue, however many ask at once.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_CORES: Final = len(os.sched_getaffinity(0))
# Beside the thread that asks; hits and two parts of the counts are all that there is to share.
HELPERS: Final = 2 if _CORES > 1 else 0
_pool: Final = ThreadPoolExecutor(max(1, HELPERS), thread_name_prefix="search")


class Job(Generic[T]):
    """Something to be done, perhaps at once by a thread that is free."""

    def __init__(self, work: Callable[[], T], *, is_shared: bool) -> None:
        """Offer `work` to the pool when it is shared."""
        self.work = work
        self._offered: Future[T] | None = _pool.submit(work) if is_shared and HELPERS else None

    def begun(self) -> Future[T] | None:
        """Return what a thread has begun, None when it is left to the one that asks."""
        offered = self._offered
        return None if offered is None or offered.cancel() else offered


def results(jobs: Sequence[Job[T]]) -> list[T]:
    """Return what came of each: what no thread has begun is done here, before waiting for others.

    Raises what they raise.
    """
    begun = [job.begun() for job in jobs]
    here = [job.work() if future is None else None for job, future in zip(jobs, begun, strict=True)]
    pairs = zip(begun, here, strict=True)
    return [done if future is None else future.result() for future, done in pairs]  # type: ignore[misc]


def in_background(work: Callable[[], object]) -> None:
    """Have something done later, when a thread is free."""
    _pool.submit(work)
