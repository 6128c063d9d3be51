"""The parser in a child process that can cost little and reach nothing (trust META-11)."""

import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Final

from bottin.metainfo import codec, errors, worker
from bottin.metainfo.errors import MetainfoRefusal, MetainfoTooLarge, ParserCrashed
from bottin.metainfo.limits import DEFAULT_LIMITS, MIB, Limits
from bottin.metainfo.model import Metainfo

# Four times the CPU limit: a busy machine shares its cores, and that is not the file's fault.
WALL_S: Final = 20.0
# An answer repeats names and layers, so it stays below a few times the largest upload.
_ANSWER_BYTES: Final = 64 * MIB

_PACKAGE_PARENT: Final = str(Path(__file__).resolve().parents[2])
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); from bottin.metainfo import worker; worker.main()"
)
_REFUSALS: Final[dict[str, type[MetainfoRefusal]]] = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, MetainfoRefusal)
}


class _Child:
    """One child, waiting for its one request."""

    def __init__(self) -> None:
        # -I: no environment, no user packages, no current directory. Nothing is inherited
        # but the two pipes; when the parent goes, stdin ends and so does the child.
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and constants
            [sys.executable, "-I", "-c", _START, _PACKAGE_PARENT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
        )

    @property
    def is_waiting(self) -> bool:
        return self.process.poll() is None

    def ask(self, request: bytes, wall_s: float) -> bytes:
        """Return the whole answer. Raises ParserCrashed."""
        stdin, stdout = self._pipes()
        with self._killed_after(wall_s) as timer:
            with suppress(BrokenPipeError):
                stdin.write(request)
                stdin.close()
            answer = stdout.read(_ANSWER_BYTES + 1)
            if len(answer) > _ANSWER_BYTES:
                self.process.kill()
            status = self.process.wait()
        if status == 0 and answer:
            return answer
        is_late = status == -signal.SIGKILL and not timer.is_alive()
        raise ParserCrashed(reason="too slow" if is_late else _cause(status))

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


class ParserPool:
    """Children started ahead of need; each parses one file and ends.

    `spares` children wait, about 15 MB each. Safe to share between threads; after
    a fork the copy starts its own.
    """

    def __init__(self, spares: int = 1, wall_s: float = WALL_S) -> None:
        """Start `spares` children. `wall_s` is the time given to one file."""
        self._spares = spares
        self._wall_s = wall_s
        self._lock = Lock()
        self._waiting: deque[_Child] = deque()
        self._owner = os.getpid()
        self._refill()

    def parse(self, raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Metainfo:
        """Parse in a child; see `parse_in_worker`."""
        if len(raw) > limits.upload_bytes:
            raise MetainfoTooLarge(size_bytes=len(raw), limit_bytes=limits.upload_bytes)
        child = self._take()
        try:
            answer = child.ask(json.dumps(asdict(limits)).encode() + b"\n" + raw, self._wall_s)
        finally:
            child.stop()
            self._refill()
        return _metainfo_in(answer, raw)

    def close(self) -> None:
        """End the waiting children; later calls start their own."""
        self._spares = 0
        with self._lock:
            while self._waiting:
                self._waiting.popleft().stop()

    def _take(self) -> _Child:
        with self._lock:
            if self._owner != os.getpid():
                self._owner = os.getpid()
                self._waiting = deque()
            while self._waiting:
                child = self._waiting.popleft()
                if child.is_waiting:
                    return child
                child.stop()
        return _Child()

    def _refill(self) -> None:
        with self._lock:
            while len(self._waiting) < self._spares:
                self._waiting.append(_Child())


def parse_in_worker(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Metainfo:
    """Parse a `.torrent` in a child process of its own.

    The child has 512 MiB of address space, 5 s of CPU, 20 s of time, an empty
    environment, and no file but its two pipes. It answers with plain values that
    are checked on arrival; info-hashes are computed here, from `raw`.

    Raises the refusals of `parser.parse`, and ParserCrashed when the child dies,
    is too slow or does not make sense.
    """
    return ParserPool(spares=0).parse(raw, limits)


def _metainfo_in(answer: bytes, raw: bytes) -> Metainfo:
    kind, body = answer[:1], answer[1:]
    if kind == worker.REFUSED:
        raise _refusal_in(body)
    try:
        return codec.decode(body, raw)
    except (MetainfoRefusal, ValueError, TypeError, KeyError) as error:
        raise ParserCrashed(reason="answer makes no sense") from error


def _refusal_in(body: bytes) -> MetainfoRefusal:
    try:
        code, context = json.loads(body)
        return _REFUSALS[code](**context)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ParserCrashed(reason="answer makes no sense") from error


def _cause(status: int) -> str:
    if status < 0:
        return signal.Signals(-status).name
    return f"exit status {status}"
