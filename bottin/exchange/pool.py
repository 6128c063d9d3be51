"""Worker processes for an import: lines in, outcomes out in the same order, whatever a line does.

A line that kills its worker, or takes it too long, is found by doing its neighbours again one
at a time, each `.torrent` in a child of its own; the others of its chunk lose nothing.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Final

from bottin.exchange import preparing
from bottin.exchange.preparing import Ground, Line, Outcome

CHUNK: Final = 100
CHUNK_S: Final = 60.0
_AHEAD: Final = 2  # chunks for each worker that wait or run

_ground: Ground | None = None


def outcomes(
    lines: Iterable[Line], ground: Ground, *, workers: int | None = None
) -> Iterator[list[Outcome]]:
    """Yield the outcomes of lines, a chunk at a time, in the order of the lines.

    Call it before the database is used, or with its connections closed: workers
    are forked, and a forked connection is nobody's.
    """
    count = workers or max(1, len(os.sched_getaffinity(0)))
    chunks = _chunks(lines)
    pool = _pool(ground, count)
    waiting: deque[tuple[Sequence[Line], Future[list[Outcome]]]] = deque()
    try:
        while True:
            for chunk in islice(chunks, count * _AHEAD - len(waiting)):
                waiting.append((chunk, pool.submit(_work, chunk)))
            if not waiting:
                return
            chunk, future = waiting.popleft()
            try:
                yield future.result(timeout=CHUNK_S)
            except (BrokenProcessPool, TooLate):
                _end(pool)
                yield [preparing.prepare(line, ground, alone=True) for line in chunk]
                pool = _pool(ground, count)
                waiting = deque((again, pool.submit(_work, again)) for again, _lost in waiting)
    finally:
        _end(pool)


def outcomes_here(lines: Iterable[Line], ground: Ground) -> Iterator[list[Outcome]]:
    """Do the same in this process, each `.torrent` in a child of its own: for a few lines."""
    for chunk in _chunks(lines):
        yield [preparing.prepare(line, ground, alone=True) for line in chunk]


def _pool(ground: Ground, count: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("fork")
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(ground,))


def _begin(ground: Ground) -> None:
    global _ground  # noqa: PLW0603 - one worker, one ground
    _ground = ground
    preparing.confine(ground.limits)


def _work(chunk: Sequence[Line]) -> list[Outcome]:
    if _ground is None:
        raise RuntimeError("the worker was not begun")
    return [preparing.prepare(line, _ground) for line in chunk]


def _end(pool: ProcessPoolExecutor) -> None:
    # A worker that hangs does not hear a polite request.
    for process in list((pool._processes or {}).values()):  # noqa: SLF001 - there is no other way
        process.kill()
    pool.shutdown(wait=True, cancel_futures=True)


def _chunks(lines: Iterable[Line]) -> Iterator[Sequence[Line]]:
    left = iter(lines)
    while chunk := tuple(islice(left, CHUNK)):
        yield chunk
