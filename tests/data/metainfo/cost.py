"""Run each file of a corpus in a child of its own, under limits, and say how each child ended.

A program: `python cost.py`. On stdin come, for each file, its length (4 bytes, big-endian) and its
bytes. For each, a line on stdout: the refusal's code, `accepted`, or the signal that ended it.
The child is forked from one that has the parser loaded, so 600 files take seconds.
"""

import os
import signal
import sys
from typing import Final

from bottin.metainfo import worker
from bottin.metainfo.errors import MetainfoRefusal
from bottin.metainfo.limits import MIB, Limits
from bottin.metainfo.parser import parse

# Trust T-8. The time is processor time: a busy machine shares its cores.
LIMITS: Final = Limits(memory_bytes=64 * MIB)
CPU_S: Final = 0.2


def main() -> None:
    """Answer until stdin ends."""
    while header := sys.stdin.buffer.read(4):
        raw = sys.stdin.buffer.read(int.from_bytes(header, "big"))
        sys.stdout.write(_outcome(raw) + "\n")
        sys.stdout.flush()


def _outcome(raw: bytes) -> str:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _run(raw, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return said or f"exit status {os.waitstatus_to_exitcode(status)}"


def _run(raw: bytes, writing: int) -> None:
    worker.confine(LIMITS)
    signal.setitimer(signal.ITIMER_PROF, CPU_S)
    try:
        parse(raw)
        said = "accepted"
    except MetainfoRefusal as refusal:
        said = refusal.code.removeprefix("metainfo.")
    except MemoryError:
        said = "MemoryError"
    os.write(writing, said.encode())
    os._exit(0)


if __name__ == "__main__":
    main()
