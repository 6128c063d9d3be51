"""One tracker takes another's place: everything is loaded before the other is told to end."""

import os
import select
import signal
from pathlib import Path
from typing import Final

from bottin.config.errors import ConfigError

PATIENCE_S: Final = 15.0


def refuse_other_process(pid: int | None) -> None:
    """Raise ConfigError when that process is no tracker; None is nobody."""
    if pid is not None and not _is_tracker(pid):
        raise ConfigError(f"Process {pid} is no tracker: nothing was replaced.")


def end_predecessor(pid: int | None, *, within_s: float = PATIENCE_S) -> None:
    """Tell the tracker that runs as `pid` to end, and wait until it has; None is nobody.

    What it kept for the next run is on disk when this returns. Raises ConfigError when
    that process is none of ours, no tracker, or does not end.
    """
    if pid is None:
        return
    refuse_other_process(pid)
    try:
        handle = os.pidfd_open(pid)
    except OSError as error:
        raise ConfigError(f"Process {pid} cannot be replaced: {error.strerror}.") from None
    try:
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        ended, _, _ = select.select([handle], [], [], within_s)
    except OSError as error:
        raise ConfigError(f"Process {pid} cannot be replaced: {error.strerror}.") from None
    finally:
        os.close(handle)
    if not ended:
        raise ConfigError(f"Process {pid} did not end within {within_s:.0f} seconds.")


def _is_tracker(pid: int) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"tracker" in words and any(b"bottin" in word for word in words)
