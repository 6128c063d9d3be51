"""Starting, stopping and waiting for the programs that Bottin runs beside itself."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

CHILD: Final = Path(__file__).with_name("child.py")
_POLL_S: Final = 0.02
_PR_SET_CHILD_SUBREAPER: Final = 36


@dataclass(frozen=True, slots=True)
class Owner:
    """The system user a program runs as."""

    name: str
    uid: int
    gid: int


def spawn(
    command: Sequence[str],
    *,
    dies_by: signal.Signals,
    owner: Owner | None = None,
    output: IO[bytes] | None = None,
    is_held: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own.

    A held one waits, by its own will, for a byte on its standard input: see `release`.
    `dies_by` is what it receives when the thread that called this ends, killed
    or not: call it from the main thread.
    """
    identity = f"{owner.uid}:{owner.gid}" if owner else "-"
    shim = [sys.executable, "-I", "-S", str(CHILD), str(int(dies_by)), str(os.getpid()), identity]
    return subprocess.Popen(  # noqa: S603 - our own programs
        [*shim, *command],
        stdin=subprocess.PIPE if is_held else subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        process_group=0,
        cwd="/" if owner else None,
    )


def release(process: subprocess.Popen[bytes]) -> None:
    """Let a held program go on; again does nothing."""
    if process.stdin is not None and not process.stdin.closed:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(b"\n")
            process.stdin.close()


def wait_until(is_true: Callable[[], bool], *, within_s: float) -> bool:
    """Poll until true or out of time; the answer is whether it became true."""
    deadline = time.monotonic() + within_s
    while not is_true():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_S)
    return True


def is_alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] not in {"Z", "X"}


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the program's process group, and collect the program."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, instead of the system."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children() -> set[int]:
    """List the processes whose parent is this one, those that ended but were not collected too."""
    pids: set[int] = set()
    for listed in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # a thread that ended meanwhile
            pids.update(int(pid) for pid in listed.read_text(encoding="ascii").split())
    return pids


def reap(known: set[int]) -> None:
    """Collect the adopted children that ended, but for the known ones, which others wait for."""
    for pid in children() - known:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def end_orphans(*, within_s: float) -> None:
    """Wait for every child to end by itself, kill those that do not, collect them all."""

    def has_none() -> bool:
        reap(set())
        return not children()

    if not wait_until(has_none, within_s=within_s):
        for pid in children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(has_none, within_s=1.0)


def stop(process: subprocess.Popen[bytes], by: signal.Signals, *, within_s: float) -> bool:
    """Ask a program to end, kill its group when it does not; true when it ended by itself."""
    if process.poll() is None:
        process.send_signal(by)
    has_ended = wait_until(lambda: process.poll() is not None, within_s=within_s)
    end_group(process)
    return has_ended
