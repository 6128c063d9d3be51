"""One part in one process: `python -m bottin.config.part NAME`, or `bottin NAME` by hand.

The supervisor takes the first form: without the command line's libraries a
part starts sooner, and the site has several.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Final

from bottin.config import env, logs, metrics
from bottin.config.errors import ConfigError
from bottin.config.options import Options
from bottin.config.site import load_django
from bottin.config.succession import end_predecessor, refuse_other_process

_SUPERVISED: Final = "PROMETHEUS_MULTIPROC_DIR"  # the supervisor sets it, and serves the figures


def run_web() -> None:
    """Serve pages until SIGTERM or SIGINT."""
    options = _start("web")
    load_django()
    from bottin.config.web_server import load_views, serve_pages

    load_views()
    _await_release()
    _show_figures(options)
    serve_pages(options)


def run_tracker(*, replaces: int | None = None) -> None:
    """Answer peers until SIGTERM or SIGINT; SIGHUP has files read again.

    The tracker that runs as process `replaces` ends once this one has its policy.
    Raises ConfigError when it cannot.
    """
    hang_up = note_hang_up()
    options = _start("tracker")
    refuse_other_process(replaces)
    load_django()
    from bottin.tracker.restart import Succession
    from bottin.tracker.service import FIRST, run

    _await_release()
    figures = partial(_show_figures, options)
    if replaces is None:
        figures()
        succession = FIRST
    else:  # whose figures are on the same address
        succession = Succession(partial(end_predecessor, replaces), figures)
    run(stop_on_signals(), hang_up=hang_up, succession=succession)
    leave_at_once()


def run_worker() -> None:
    """Do background work until SIGTERM or SIGINT."""
    options = _start("worker")
    load_django()
    from bottin.config.worker import run

    _await_release()
    _show_figures(options)
    run(stop_on_signals())


PARTS: Final[dict[str, Callable[[], None]]] = {
    "web": run_web,
    "tracker": run_tracker,
    "worker": run_worker,
}


def stop_on_signals() -> threading.Event:
    """Make an event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def leave_at_once() -> None:
    """End this process, everything being done and written.

    Freeing all that was loaded one by one takes longer than a tracker takes to hand over,
    and whoever replaces it waits for that.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def note_hang_up() -> threading.Event:
    """Make an event that SIGHUP sets: files are to be read again."""
    hang_up = threading.Event()
    signal.signal(signal.SIGHUP, lambda *_: hang_up.set())
    return hang_up


def _start(name: str) -> Options:
    """Prepare this process to be one part, under the supervisor or by itself.

    Raises ConfigError when its settings or the database forbid it.
    """
    os.environ["BOTTIN_PART"] = name
    options = env.load()
    logs.configure(options, name)
    if _SUPERVISED not in os.environ:
        from bottin.config.connections import refuse_weak_server

        refuse_weak_server(options)
        metrics.prepare(options, is_fresh=False)
    return options


def _show_figures(options: Options) -> None:
    """Serve the figures of a part that runs by itself."""
    if _SUPERVISED not in os.environ:
        metrics.serve(options)


def _await_release() -> None:
    """Wait until the supervisor says that the database is there and up to date.

    Meanwhile everything is loaded: that takes longer than PostgreSQL's start.
    """
    if "--held" in sys.argv and not sys.stdin.buffer.read(1):
        sys.exit(0)  # it ended instead


def main() -> None:
    """Run the part that the command line names."""
    try:
        PARTS[sys.argv[1]]()
    except ConfigError as error:
        sys.exit(f"bottin {sys.argv[1]}: {error}")


if __name__ == "__main__":
    main()
