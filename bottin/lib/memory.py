"""How much memory there is to divide."""

import os
from pathlib import Path
from typing import Final

_CGROUP_LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def machine_bytes(limits: tuple[Path, ...] = _CGROUP_LIMITS) -> int:
    """Return the memory of the machine in bytes, or of the container where that is less.

    `limits` are the files in which a container's limit stands.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in limits:
        try:
            memory = min(memory, int(limit.read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such file, or `max`
            continue
    return memory
