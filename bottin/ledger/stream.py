"""Which journal this is: a name for good, so that positions of two are never mixed up."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

from bottin.tracker import site

_FILE: Final = "stream"


def stream_of(folder: Path) -> str:
    """Name the journal in `folder`; a journal without a name is given one, for good.

    A journal that was deleted, or that belongs to another site, has another name:
    its positions say nothing about ours. Raises OSError.
    """
    path = folder / _FILE
    if not path.exists():
        _create(path, f"{site.node_name()}:{secrets.token_hex(8)}")
    return path.read_text(encoding="ascii").strip()


def _create(path: Path, name: str) -> None:
    fresh = path.with_name(f".{_FILE}.{secrets.token_hex(8)}")
    with fresh.open("w", encoding="ascii") as file:
        file.write(f"{name}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        with contextlib.suppress(FileExistsError):  # another process was first: its name holds
            os.link(fresh, path)
    finally:
        fresh.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
