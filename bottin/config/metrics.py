"""Figures for Prometheus: every part counts in files of its own, one listener adds them up.

The supervisor serves them, or the part itself when it runs alone. A part
counts with `prometheus_client` as usual; PROMETHEUS_MULTIPROC_DIR, set here
before that import, makes the counters files that outlive it.
"""

import contextlib
import functools
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bottin.config.errors import ConfigError
from bottin.config.options import Options

_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
_PID: Final = re.compile(r"_(\d+)\.db$")


def folder(options: Options) -> Path:
    """Say where the parts' counters are."""
    return options.data_dir / "metrics"


def prepare(options: Options, *, is_fresh: bool) -> None:
    """Have the folder, emptied at a fresh start, and name it to this process and its children."""
    where = folder(options)
    if is_fresh:
        shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ[_VARIABLE] = str(where)


def serve(options: Options) -> None:
    """Answer Prometheus in a thread of this process.

    Raises ConfigError when the address cannot be had.
    """
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    from bottin.tracker.figures import FileCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder(options)))  # type: ignore[no-untyped-call]
    registry.register(FileCollector(folder(options) / "tracker.json"))
    listen = options.metrics_listen
    try:
        start_http_server(listen.port, listen.host, registry)
    except OSError as error:
        raise ConfigError(f"BOTTIN_METRICS_LISTEN: {listen} cannot be used: {error}.") from None


def forget(options: Options, pid: int) -> None:
    """Drop the gauges of a dead process and of those that died with it; counters stay."""
    for path in folder(options).glob("gauge_live*.db"):
        found = _PID.search(path.name)
        is_gone = found and (int(found[1]) == pid or not Path(f"/proc/{found[1]}").exists())
        if is_gone:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()


class PartFigures:
    """What the supervisor itself counts: which parts live, how often they came back."""

    def __init__(self) -> None:
        from prometheus_client import Counter, Gauge

        self._up = Gauge(
            "bottin_part_up", "1 while the part runs.", ["part"], multiprocess_mode="livemax"
        )
        self._restarts = Counter("bottin_part_restarts", "Unwanted ends of the part.", ["part"])

    def started(self, part: str) -> None:
        """Note that a part runs."""
        self._up.labels(part).set(1)
        self._restarts.labels(part).inc(0)

    def ended(self, part: str) -> None:
        """Note that a part ended by itself."""
        self._up.labels(part).set(0)
        self._restarts.labels(part).inc()


@functools.cache  # one per process, however often the chain of middleware is built
def observe_requests() -> Callable[[str, str, int, float], None]:
    """Make the counter of pages: call it with method, view name, status and the time it began."""
    from prometheus_client import Counter, Histogram

    served = Counter("bottin_web_requests", "Requests.", ["method", "view", "status"])
    lasted = Histogram(
        "bottin_web_request_seconds",
        "Time to make an answer.",
        ["view"],
        buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    )

    def observe(method: str, view: str, status: int, began: float) -> None:
        served.labels(method, view, f"{status // 100}xx").inc()
        lasted.labels(view).observe(time.perf_counter() - began)

    return observe
