"""Where the index lives on disk: one folder per build, a pointer to the one in force, locks.

index/current              the name of the folder in force
index/v1-0199…/            a build: tantivy's files, and `position`
index/follower.lock        held by the process that follows changes
index/rebuild.lock         held by the process that builds a new one
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from django.conf import settings

from bottin.lib.ids import uuid7

# Raise it with any change of the fields or of how text is cut into words: a rebuild follows.
SCHEMA_VERSION: Final = 5

_POINTER: Final = "current"
_POSITION: Final = "position"
_DAMAGED: Final = "damaged"


@dataclass(frozen=True, slots=True)
class Position:
    """How far changes were followed: all of `transaction_id` and before, up to row `change_id`."""

    transaction_id: int
    change_id: int = 0


def root() -> Path:
    """Return the folder of the index."""
    return Path(settings.BOTTIN_DATA_DIR) / "index"


def in_force() -> Path | None:
    """Return the folder of the build in force, None when there is none for this schema."""
    try:
        name = (root() / _POINTER).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    folder = root() / name
    is_ours = name.startswith(f"v{SCHEMA_VERSION}-") and "/" not in name
    return folder if is_ours and (folder / "meta.json").is_file() else None


def report_damage(folder: Path) -> None:
    """Note that a build cannot be read, so that the worker makes another."""
    with suppress(OSError):
        (folder / _DAMAGED).touch()


def is_damaged(folder: Path) -> bool:
    """Whether somebody could not read this build."""
    return (folder / _DAMAGED).exists()


def new_build() -> Path:
    """Make the folder of a new build; it is in force once `put_in_force` says so."""
    folder = root() / f"v{SCHEMA_VERSION}-{uuid7().hex}"
    folder.mkdir(parents=True, mode=0o700)
    return folder


def discard(folder: Path) -> None:
    """Delete a build that came to nothing."""
    shutil.rmtree(folder, ignore_errors=True)


def put_in_force(folder: Path) -> None:
    """Point to a finished build, at once for every process, and delete the others.

    Readers that still have an old one open keep its files until they let go.
    """
    _write(root() / _POINTER, folder.name)
    for other in root().iterdir():
        if other.is_dir() and other != folder:
            shutil.rmtree(other, ignore_errors=True)


def position_of(folder: Path) -> Position | None:
    """Return how far a build has followed, None when that is not known."""
    try:
        found = json.loads((folder / _POSITION).read_text(encoding="ascii"))
        return Position(int(found[0]), int(found[1]))
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return None


def note_position(folder: Path, position: Position) -> None:
    """Write how far a build has followed, after its commit: what is done twice does no harm."""
    _write(folder / _POSITION, json.dumps([position.transaction_id, position.change_id]))


@contextmanager
def rebuilding() -> Iterator[bool]:
    """Hold the right to rebuild; yields False when another process has it."""
    held = held_lock("rebuild")
    try:
        yield held is not None
    finally:
        if held is not None:
            held.close()


def held_lock(name: str) -> IO[str] | None:
    """Take a lock until the file is closed or the process ends; None when another has it."""
    root().mkdir(parents=True, exist_ok=True, mode=0o700)
    file = (root() / f"{name}.lock").open("w", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileNotFoundError):
        fresh.replace(path)
