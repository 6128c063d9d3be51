"""Starting, stopping and waiting for the programs that Bottin runs beside itself."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

CHILD: Final = Path(__file__).with_name("child.py")
_POLL_S: Final = 0.02


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
    environ: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own.

    `dies_by` is what it receives when the thread that called this ends, killed
    or not: call it from the main thread.
    """
    identity = f"{owner.uid}:{owner.gid}" if owner else "-"
    shim = [sys.executable, "-I", "-S", str(CHILD), str(int(dies_by)), str(os.getpid()), identity]
    return subprocess.Popen(  # noqa: S603 - our own programs
        [*shim, *command],
        env=dict(environ) if environ is not None else None,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        process_group=0,
        cwd="/" if owner else None,
    )


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


def stop(process: subprocess.Popen[bytes], by: signal.Signals, *, within_s: float) -> bool:
    """Ask a program to end, kill its group when it does not; true when it ended by itself."""
    if process.poll() is None:
        process.send_signal(by)
    has_ended = wait_until(lambda: process.poll() is not None, within_s=within_s)
    end_group(process)
    return has_ended
