"""The lines that tell where the site is, once it is ready."""

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec

from bottin.config.options import Options
from bottin.config.parts import program


def announcer(options: Options) -> Callable[[], None]:
    """Make what the supervisor calls when every part is ready."""

    def announce() -> None:
        if options.demo and find_spec("bottin.config.commands.demo"):
            # Its own lines tell the login.
            subprocess.run(program("demo"), check=False)  # noqa: S603 - our own command
        sys.stdout.write("\n".join(lines(options)) + "\n")
        sys.stdout.flush()

    return announce


def lines(options: Options) -> list[str]:
    """Write the addresses."""
    trackers = ", ".join(f"udp://{address}" for address in options.tracker_listen)
    return [
        "Bottin is ready.",
        f"  site     {options.origin}/",
        f"  tracker  {trackers} (and HTTP on the same ports)",
        f"  metrics  http://{options.metrics_listen}/metrics",
        f"  data     {options.data_dir}",
        "Ctrl-C stops it.",
    ]
