"""What `bottin publish` remembers of a path, so that a second run goes on where one stopped."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import uuid4

_TORRENT: Final = "made.torrent"
_NOTES: Final = "state.json"


class AlreadyRunning(Exception):
    """Another run publishes the same path to the same site."""


@dataclass(slots=True)
class Notes:
    """How far a path has come. Both stamps are SHA-256, in hexadecimal.

    `content` stands for the files as they were when hashed, `request` for what
    was sent with `key`; another request needs another key (API-7).
    """

    content: str = ""
    request: str = ""
    key: str = field(default_factory=lambda: str(uuid4()))
    release_id: str = ""


class Shelf:
    """The folder of one path: its notes and the torrent file made of it."""

    def __init__(self, folder: Path) -> None:
        """Read the notes in `folder`, if any; unreadable ones are as good as none."""
        self._folder = folder
        self.notes = _read(folder / _NOTES)

    @property
    def torrent(self) -> bytes | None:
        """The torrent file that was made, or None."""
        try:
            return (self._folder / _TORRENT).read_bytes()
        except OSError:
            return None

    def keep_torrent(self, raw: bytes, content: str) -> None:
        """Keep a torrent file just made, and forget what was done with the one before."""
        write_whole(self._folder / _TORRENT, raw)
        self.notes = Notes(content=content)
        self.save()

    def prepare(self, request: str) -> str:
        """Return the key under which to send `request`: the same one while it is the same."""
        if self.notes.request != request:
            self.notes = Notes(content=self.notes.content, request=request)
            self.save()
        return self.notes.key

    def save(self) -> None:
        """Write the notes."""
        write_whole(self._folder / _NOTES, json.dumps(asdict(self.notes), indent=1).encode())


@contextmanager
def shelf_for(base: Path, *identity: str) -> Iterator[Shelf]:
    """Open the folder of what `identity` names, for this run alone. Raises AlreadyRunning."""
    folder = base / sha256("\0".join(identity).encode()).hexdigest()[:24]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning from error
        yield Shelf(folder)


def state_home() -> Path:
    """Return where this user's programs keep their state (XDG base directories)."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "bottin" / "publish"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file at once: a reader, or a crash, meets the old content or the new one."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _read(path: Path) -> Notes:
    try:
        found = json.loads(path.read_bytes())
        return Notes(**{each.name: str(found[each.name]) for each in fields(Notes)})
    except (OSError, ValueError, KeyError, TypeError):
        return Notes()
