"""The two file lists of an `info` dictionary: BEP 3's `files` and BEP 52's `file tree`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bottin.metainfo import attributes, fields, names
from bottin.metainfo.bencode import Bencoded
from bottin.metainfo.errors import (
    AmbiguousLayout,
    BadAttr,
    BadPath,
    BadPiecesRoot,
    EmptyContent,
    IntegerOutOfRange,
    TooManyFiles,
    WrongType,
)
from bottin.metainfo.fields import Dictionary
from bottin.metainfo.limits import Limits
from bottin.metainfo.merkle import HASH_BYTES
from bottin.metainfo.model import File

_TREE: Final = "info.file tree"
_NO_ROOT: Final = bytes(HASH_BYTES)


@dataclass(frozen=True, slots=True)
class Listing:
    """A file list: files with their names as written, not yet NFC."""

    files: tuple[File, ...]
    is_single_file: bool


class _Collector:
    """Holds the limits and collisions that both lists share."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.files: list[File] = []
        self.register = names.PathRegister()
        self.count = self.total = 0

    def add(self, file: File) -> None:
        self.total += file.size_bytes
        if self.total > self.limits.integer:
            raise IntegerOutOfRange(key="length")
        if not file.is_pad:
            self.count += 1
            if self.count > self.limits.files:
                raise TooManyFiles(limit=self.limits.files)
            self.register.add(file.path)
        self.files.append(file)

    def listing(self, *, is_single_file: bool) -> Listing:
        if self.total == 0 or not any(f.size_bytes and not f.is_pad for f in self.files):
            raise EmptyContent
        return Listing(tuple(self.files), is_single_file)


def v1_files(info: Dictionary, name: str, limits: Limits) -> Listing:
    """Read `length` or `files` (BEP 3, BEP 47), padding files included.

    Raises the refusals of names, attributes and limits; AmbiguousLayout when both
    keys are there; EmptyContent when nothing holds a byte.
    """
    collector = _Collector(limits)
    if b"files" in info and b"length" in info:
        raise AmbiguousLayout(keys=["info.files", "info.length"])
    if b"length" in info:
        collector.add(_v1_entry(info, (name,), "info", limits))
        return collector.listing(is_single_file=True)
    entries = fields.sequence(info, b"files")
    _check_count(entries, limits)
    for index, entry in enumerate(entries):
        collector.add(_plain_entry(entry, limits) or _any_entry(entry, index, limits))
    return collector.listing(is_single_file=False)


def _check_count(entries: Sequence[Bencoded], limits: Limits) -> None:
    """Refuse a list that is too long before each of its entries is read."""
    if len(entries) > limits.files:
        pads = sum(b"p" in attr for attr in map(_attr_written, entries))
        if len(entries) - pads > limits.files:
            raise TooManyFiles(limit=limits.files)


def _attr_written(entry: Bencoded) -> bytes:
    attr = entry.get(b"attr") if type(entry) is dict else None
    return attr if type(attr) is bytes else b""


def _plain_entry(entry: Bencoded, limits: Limits) -> File | None:
    """Read an entry as most are, a length and a path of plain names; None for any other."""
    if type(entry) is not dict or len(entry) != 2:  # noqa: PLR2004 - those two
        return None
    parts, size = entry.get(b"path"), entry.get(b"length")
    if type(parts) is not list or type(size) is not int:
        return None
    names_of = [names.plain(part, limits) if type(part) is bytes else None for part in parts]
    if not 0 < len(names_of) <= limits.path_depth or None in names_of:
        return None
    return File(tuple(filter(None, names_of)), size)


def _any_entry(entry: Bencoded, index: int, limits: Limits) -> File:
    where = f"info.files[{index}]"
    if not isinstance(entry, dict):
        raise WrongType(key=where, expected="dictionary")
    return _v1_entry(entry, _v1_path(entry, where, limits), where, limits)


def _v1_path(entry: Dictionary, where: str, limits: Limits) -> names.RawPath:
    parts = fields.sequence(entry, b"path", where)
    if not parts:
        raise BadPath(path="", reason="empty_name")
    if len(parts) > limits.path_depth:
        raise BadPath(path="/".join(map(_brief, parts[:4])) + "/…", reason="too_deep")
    key = f"{where}.path"
    path = tuple(names.component(part, key, limits) for part in parts)
    if entry.get(b"path.utf-8", parts) != parts:
        raise AmbiguousLayout(keys=[key, f"{key}.utf-8"])
    return path


def _v1_entry(entry: Dictionary, path: names.RawPath, where: str, limits: Limits) -> File:
    if b"attr" not in entry:
        return File(path, fields.integer(entry, b"length", where))
    attr = attributes.attr_of(entry, path, where)
    size_bytes = _size_of(entry, attr, where)
    return File(
        path, size_bytes, None, attr, attributes.symlink_of(entry, path, size_bytes, limits)
    )


def v2_files(info: Dictionary, limits: Limits) -> Listing:
    """Read `file tree` (BEP 52), in the order of its sorted keys.

    Raises as `v1_files` does, and BadPiecesRoot for a root that is missing,
    misplaced, all zero or not 32 bytes.
    """
    collector = _Collector(limits)
    for path, leaf in _leaves(fields.dictionary(info, b"file tree"), limits):
        collector.add(_v2_entry(leaf, path, limits))
    # One file and no folder: clients save it bare, whatever `name` says (it is advisory in v2).
    depths = [len(file.path) for file in collector.files]
    return collector.listing(is_single_file=depths == [1])


def _leaves(tree: Dictionary, limits: Limits) -> Iterator[tuple[names.RawPath, Dictionary]]:
    pending: list[tuple[names.RawPath, Dictionary]] = [((), tree)]
    while pending:
        path, node = pending.pop()
        if b"" in node:
            yield path, _leaf(path, node)
            continue
        if not node:
            raise BadPath(path="/".join(path), reason="empty_folder")
        if len(path) >= limits.path_depth:
            raise BadPath(path="/".join(path[:4]) + "/…", reason="too_deep")
        pending += reversed([(_child(path, key, limits), _node(node, key)) for key in node])


def _child(path: names.RawPath, key: bytes, limits: Limits) -> names.RawPath:
    return (*path, names.component(key, _TREE, limits))


def _node(node: Dictionary, key: bytes) -> Dictionary:
    return fields.dictionary(node, key, _TREE)


def _leaf(path: names.RawPath, node: Dictionary) -> Dictionary:
    if len(node) > 1:
        raise BadPath(path="/".join(path), reason="both_file_and_folder")
    if not path:
        raise BadPath(path="", reason="empty_name")
    return _node(node, b"")


def _v2_entry(leaf: Dictionary, path: names.RawPath, limits: Limits) -> File:
    where = "/".join(path)
    root = leaf.get(b"pieces root")
    attr = attributes.attr_of(leaf, path, where)
    size_bytes = _size_of(leaf, attr, f"{_TREE}.{where}")
    if "p" in attr:
        raise BadAttr(path=where, attr="p")
    symlink = attributes.symlink_of(leaf, path, size_bytes, limits)
    if size_bytes == 0 and root is not None:
        raise BadPiecesRoot(path=where, reason="empty_file")
    if size_bytes and (not isinstance(root, bytes) or len(root) != HASH_BYTES or root == _NO_ROOT):
        raise BadPiecesRoot(path=where, reason="not_a_root")
    return File(path, size_bytes, root, attr, symlink)


def _size_of(entry: Dictionary, attr: str, where: str) -> int:
    # A link has no content: libtorrent writes its length in v1 and leaves it out in v2.
    if "l" in attr and b"length" not in entry:
        return 0
    return fields.integer(entry, b"length", where)


def _brief(part: object) -> str:
    return part[:32].decode("utf-8", "backslashreplace") if isinstance(part, bytes) else "?"
