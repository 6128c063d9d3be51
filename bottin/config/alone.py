"""How a part starts: its settings, its logs, its figures, a server fit to keep accounts."""

import os
import signal
import threading
from typing import Final

from bottin.config import env, logs, metrics
from bottin.config.connections import refuse_weak_server
from bottin.config.options import Options

_SUPERVISED: Final = "PROMETHEUS_MULTIPROC_DIR"  # the supervisor sets it, and serves the figures


def start_part(name: str) -> Options:
    """Prepare this process to be one part, under the supervisor or by itself.

    Raises ConfigError when its settings or the database forbid it.
    """
    os.environ["BOTTIN_PART"] = name
    options = env.load()
    logs.configure(options, name)
    if _SUPERVISED not in os.environ:
        refuse_weak_server(options)
        metrics.prepare(options, is_fresh=False)
        metrics.serve(options)
    return options


def stop_on_signals() -> threading.Event:
    """Make an event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
