"""The lines that tell where the site is, once it is ready."""

import sys

from bottin.config.options import Options


def announce(options: Options) -> None:
    """Print the addresses; the supervisor calls it when every part is ready."""
    sys.stdout.write("\n".join(lines(options)) + "\n")
    sys.stdout.flush()


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
