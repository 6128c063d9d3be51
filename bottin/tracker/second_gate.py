"""The tracker's own copy of the denied list, on disk before a take-down is acknowledged (TRK-2).

One hexadecimal info-hash a line: the form that `--deny FILE` reads too. A
database restored from yesterday's backup does not know what was taken down
today; this file does.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_HEX: Final = 40


class SecondGate:
    """The denied info-hashes (20 bytes each) of one tracker, kept in a file."""

    def __init__(self, path: Path) -> None:
        """Read the file; none yet is an empty list. Raises OSError or ValueError on a bad one."""
        self._path = path
        self._denied = set(_read(path))
        self._saved = set(self._denied)

    @property
    def denied(self) -> frozenset[bytes]:
        """What is denied."""
        return frozenset(self._denied)

    def change(self, *, deny: Iterable[bytes] = (), permit: Iterable[bytes] = ()) -> None:
        """Change the list in memory; `save` writes it."""
        self._denied = (self._denied | set(deny)) - set(permit)

    def save(self) -> None:
        """Write the list if it changed; it is on disk for good then. Raises OSError."""
        if self._denied != self._saved:
            _write(self._path, self._denied)
            self._saved = set(self._denied)


def _read(path: Path) -> list[bytes]:
    try:
        lines = path.read_text(encoding="ascii").split()
    except FileNotFoundError:
        return []
    if any(len(line) != _HEX for line in lines):
        raise ValueError(f"{path} does not hold one info-hash of 40 hexadecimal digits a line")
    return [bytes.fromhex(line) for line in lines]


def _write(path: Path, denied: Iterable[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="ascii") as file:
        file.writelines(f"{digest.hex()}\n" for digest in sorted(denied))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
