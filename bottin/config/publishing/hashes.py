"""Hashes of pieces on disk, so that a run that was stopped goes on with the next piece."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final, Self
from zlib import crc32

# A record: key, length of each hash, SHA-1 and root padded with zeros, checksum of all before.
_KEY_BYTES: Final = 16
_SHA1_BYTES: Final = 20
_ROOT_BYTES: Final = 32
_BODY_BYTES: Final = _KEY_BYTES + 2 + _SHA1_BYTES + _ROOT_BYTES
_RECORD_BYTES: Final = _BODY_BYTES + 4
# A record stands for one piece: what a power cut takes is hashed again within a second.
_WRITTEN_AT_ONCE: Final = 16


class HashLog:
    """A file to which each piece adds a record; torn or damaged records are as good as none."""

    def __init__(self, path: Path) -> None:
        """Read the records in `path`, if any."""
        self._path = path
        self._known: dict[bytes, tuple[bytes, bytes]] = dict(_read(path))
        self._used: dict[bytes, tuple[bytes, bytes]] = {}
        self._due: list[bytes] = []
        self.recalled = 0

    def __enter__(self) -> Self:
        """Return the log itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Write what is still in memory."""
        self._write()

    def __len__(self) -> int:
        """Say how many pieces are known."""
        return len(self._known)

    def recall(self, key: bytes) -> tuple[bytes, bytes] | None:
        """Return the hashes kept under `key`, or None."""
        return self._known.get(key)

    def keep(self, key: bytes, hashes: tuple[bytes, bytes]) -> None:
        """Add a record, unless it is there."""
        self._used[key] = hashes
        if key in self._known:
            self.recalled += 1
            return
        self._known[key] = hashes
        self._due.append(_record(key, hashes))
        if len(self._due) >= _WRITTEN_AT_ONCE:
            self._write()

    def forget_others(self) -> None:
        """Keep only the records that this run used: the content as it is now."""
        self._write()
        if len(self._used) < len(self._known):
            partial = self._path.with_name(f".{self._path.name}.{os.getpid()}")
            partial.write_bytes(b"".join(_record(*row) for row in self._used.items()))
            partial.replace(self._path)

    def _write(self) -> None:
        if not self._due:
            return
        with self._path.open("ab", buffering=0) as file:
            # After a torn record, whole ones begin again where a record can be.
            torn = file.tell() % _RECORD_BYTES
            file.write((bytes(_RECORD_BYTES - torn) if torn else b"") + b"".join(self._due))
        self._due = []


@contextmanager
def hash_log(base: Path, path: Path) -> Iterator[HashLog]:
    """Open the log of what stands at `path`, absolute, whatever site it goes to."""
    folder = base / "hashes"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = sha256(os.fsencode(path)).hexdigest()[:24]
    with HashLog(folder / name) as log:
        yield log


def _record(key: bytes, hashes: tuple[bytes, bytes]) -> bytes:
    digest, root = hashes
    lengths = bytes((len(digest), len(root)))
    body = key + lengths + digest.ljust(_SHA1_BYTES, b"\0") + root.ljust(_ROOT_BYTES, b"\0")
    return body + crc32(body).to_bytes(4, "big")


def _read(path: Path) -> Iterator[tuple[bytes, tuple[bytes, bytes]]]:
    try:
        raw = path.read_bytes()
    except OSError:
        return
    for at in range(0, len(raw) - _RECORD_BYTES + 1, _RECORD_BYTES):
        body = raw[at : at + _BODY_BYTES]
        if crc32(body).to_bytes(4, "big") != raw[at + _BODY_BYTES : at + _RECORD_BYTES]:
            continue
        first = _KEY_BYTES + 2
        digest, root = body[first : first + _SHA1_BYTES], body[first + _SHA1_BYTES :]
        yield body[:_KEY_BYTES], (digest[: body[_KEY_BYTES]], root[: body[_KEY_BYTES + 1]])
