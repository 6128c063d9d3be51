"""A child process for bytes of strangers: it can cost little and reach nothing (trust META-11).

Both sides are here. The parent starts a `Child` that imports one module of ours and waits; it
is asked once, and ends. The module calls `confine` before it reads what the parent sent on.
"""

import os
import resource
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Final

_PACKAGE_PARENT: Final = str(Path(__file__).resolve().parents[2])
_START: Final = (
    "import sys, importlib; sys.path.insert(0, sys.argv[1]);"
    " importlib.import_module(sys.argv[2]).main()"
)


class ChildFailed(Exception):
    """It died, was too slow or said too much; the text says which."""


class Child:
    """One child, waiting for its one request."""

    def __init__(self, module: str) -> None:
        """Start it; `module` is one of ours and has a `main` that answers and leaves."""
        # -I: no environment, no user packages, no current directory. Nothing is inherited
        # but the two pipes; when the parent goes, stdin ends and so does the child.
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and constants
            [sys.executable, "-I", "-c", _START, _PACKAGE_PARENT, module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
        )

    @property
    def is_waiting(self) -> bool:
        """Whether it still can be asked."""
        return self.process.poll() is None

    def ask(self, request: bytes, wall_s: float, answer_bytes: int) -> bytes:
        """Return the whole answer. Raises ChildFailed, also past `wall_s` or `answer_bytes`."""
        stdin, stdout = self._pipes()
        with self._killed_after(wall_s) as timer:
            with suppress(BrokenPipeError):
                stdin.write(request)
                stdin.close()
            answer = stdout.read(answer_bytes + 1)
            if len(answer) > answer_bytes:
                self.process.kill()
            status = self.process.wait()
        if status == 0 and answer:
            return answer
        is_late = status == -signal.SIGKILL and not timer.is_alive()
        raise ChildFailed("too slow" if is_late else _cause(status))

    def stop(self) -> None:
        """End the child, whatever it does."""
        self.process.kill()
        self.process.wait()
        for pipe in self._pipes():
            with suppress(BrokenPipeError):
                pipe.close()

    @contextmanager
    def _killed_after(self, wall_s: float) -> Iterator[Timer]:
        timer = Timer(wall_s, self.process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield timer
        finally:
            timer.cancel()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the child was started without pipes")
        return stdin, stdout


class Children:
    """Children started ahead of need; each answers once and ends.

    `spares` children wait. Safe to share between threads; after a fork the copy
    starts its own.
    """

    def __init__(self, module: str, spares: int) -> None:
        """Start `spares` children of `module`."""
        self._module = module
        self._spares = spares
        self._lock = Lock()
        self._waiting: deque[Child] = deque()
        self._owner = os.getpid()
        self._refill()

    def ask(self, request: bytes, wall_s: float, answer_bytes: int) -> bytes:
        """Ask one of them; see `Child.ask`. Raises ChildFailed."""
        child = self._take()
        try:
            return child.ask(request, wall_s, answer_bytes)
        finally:
            child.stop()
            self._refill()

    def close(self) -> None:
        """End the waiting children; later calls start their own."""
        self._spares = 0
        with self._lock:
            while self._waiting:
                self._waiting.popleft().stop()

    def _take(self) -> Child:
        with self._lock:
            if self._owner != os.getpid():
                self._owner = os.getpid()
                self._waiting = deque()
            while self._waiting:
                child = self._waiting.popleft()
                if child.is_waiting:
                    return child
                child.stop()
        return Child(self._module)

    def _refill(self) -> None:
        with self._lock:
            while len(self._waiting) < self._spares:
                self._waiting.append(Child(self._module))


def confine(memory_bytes: int, cpu_s: int) -> None:
    """Give up memory and CPU past the limits, files, children and core dumps, for good."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))  # no child of its own, unless root


def _cause(status: int) -> str:
    if status < 0:
        return signal.Signals(-status).name
    return f"exit status {status}"
