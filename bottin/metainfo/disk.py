"""The files of a folder, in the order of BEP 52, ready to be hashed."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from bottin.metainfo import names
from bottin.metainfo.errors import BadPath, ContentChanged, ContentUnreadable, TooManyFiles
from bottin.metainfo.limits import Limits
from bottin.metainfo.model import Caution


@dataclass(frozen=True, slots=True)
class DiskFile:
    """A file found: its path as it will stand in the torrent, and as it was when listed."""

    path: names.RawPath
    location: Path
    size_bytes: int
    modified_ns: int

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes at `offset`. Raises ContentChanged when there are fewer."""
        try:
            with self.location.open("rb", buffering=0) as file:
                found = os.pread(file.fileno(), length, offset)
                while len(found) < length:
                    more = os.pread(file.fileno(), length - len(found), offset + len(found))
                    if not more:
                        raise ContentChanged(path="/".join(self.path))
                    found += more
        except OSError as error:
            raise ContentUnreadable(path="/".join(self.path), reason=_why(error)) from error
        return found

    def check_unchanged(self) -> None:
        """Raise ContentChanged when the file is no longer as it was listed."""
        try:
            status = self.location.stat()
        except OSError as error:
            raise ContentChanged(path="/".join(self.path)) from error
        if (status.st_size, status.st_mtime_ns) != (self.size_bytes, self.modified_ns):
            raise ContentChanged(path="/".join(self.path))


def collect(
    root: Path, exclude: tuple[str, ...], limits: Limits
) -> tuple[list[DiskFile], list[Caution]]:
    """Return the files under `root` (or `root` itself), sorted by the bytes of their names.

    Symbolic links, sockets, pipes and devices are left out with a caution;
    names matching one of the `exclude` globs without (one that begins with `/` is
    held against the whole path below `root`, not against the name). Raises
    ContentUnreadable, TooManyFiles, and BadPath or DuplicatePath for names that
    the parser would refuse.
    """
    cautions: list[Caution] = []
    if root.is_dir():
        files = list(_walk(root, exclude, cautions, limits))
    elif root.is_file():
        files = [_listed((_checked(root.absolute().name, (), limits),), root)]
    else:
        raise ContentUnreadable(path=root.name, reason="not_a_file_or_folder")
    files.sort(key=lambda file: tuple(name.encode() for name in file.path))
    register = names.PathRegister()
    for file in files:
        register.add(file.path)
    return files, cautions


def _walk(
    root: Path, exclude: tuple[str, ...], cautions: list[Caution], limits: Limits
) -> Iterator[DiskFile]:
    pending: list[tuple[names.RawPath, Path]] = [((), root)]
    count = 0
    while pending:
        path, folder = pending.pop()
        for entry in _entries(folder, path):
            if _is_excluded(path, entry.name, exclude):
                continue
            below = (*path, _checked(entry.name, path, limits))
            if entry.is_dir(follow_symlinks=False):
                pending.append((below, folder / entry.name))
            elif entry.is_file(follow_symlinks=False):
                count += 1
                if count > limits.files:
                    raise TooManyFiles(limit=limits.files)
                yield _listed(below, folder / entry.name)
            else:
                kind = "symlink_skipped" if entry.is_symlink() else "special_file_skipped"
                cautions.append(Caution(kind, "/".join(below)))


def _is_excluded(folder: names.RawPath, name: str, exclude: tuple[str, ...]) -> bool:
    whole = "/" + "/".join((*folder, name))
    return any(fnmatch(whole if pattern.startswith("/") else name, pattern) for pattern in exclude)


def _entries(folder: Path, path: names.RawPath) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise ContentUnreadable(path="/".join(path), reason=_why(error)) from error


def _checked(name: str, folder: names.RawPath, limits: Limits) -> str:
    if len(folder) >= limits.path_depth:
        raise BadPath(path="/".join((*folder, name)), reason="too_deep")
    return names.component(os.fsencode(name), "path", limits)


def _listed(path: names.RawPath, location: Path) -> DiskFile:
    try:
        status = location.stat()
    except OSError as error:
        raise ContentUnreadable(path="/".join(path), reason=_why(error)) from error
    return DiskFile(path, location, status.st_size, status.st_mtime_ns)


def _why(error: OSError) -> str:
    return (error.strerror or "unreadable").lower()
