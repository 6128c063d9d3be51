"""Forks tracker and worker parts on request, so that a killed one is back in milliseconds.

A program for tests: it loads the site once, then reads `tracker`, `worker`,
`worker-2` for a second one, or `naive` (the control that must miscount) lines and
answers each with the process id of a fresh part. At the end of its input it kills what it forked.
"""

import contextlib
import os
import signal
import sys
import threading
from typing import NoReturn

import django

django.setup()

from bottin.config import worker  # noqa: E402 - after the settings are loaded
from bottin.tracker import service  # noqa: E402
from tests.integration.ledger import naive  # noqa: E402


def run(part: str) -> NoReturn:
    """Be that part until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    code = 1
    try:
        kind = part.partition("-")[0]
        {"tracker": service.run, "worker": worker.run, "naive": naive.run}[kind](stop)
        code = 0
    except Exception as error:  # noqa: BLE001 - the edge of this process
        sys.stderr.write(f"{part}: {error}\n")
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Answer requests."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    children = []
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            run(line.strip())
        children.append(child)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
