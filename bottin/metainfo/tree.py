"""The files of a torrent as people browse them: folders with sums, in natural order."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bottin.metainfo.kinds import Kind, kind_of
from bottin.metainfo.model import File

__all__ = ["Folder", "Kind", "Leaf", "Sum", "kind_of", "natural_key", "tree_of"]

_DIGITS: Final = re.compile(r"([0-9]+)")
# More digits than this sort as text: int() of a stranger's digits is not free.
_DIGITS_AS_NUMBER: Final = 18


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file in its folder."""

    name: str
    kind: Kind
    file: File


@dataclass(frozen=True, slots=True)
class Sum:
    """How many files of a kind there are, and their bytes."""

    file_count: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder: sub-folders, then files, each in natural order; sums include all below.

    `kinds` goes from the kind with the most bytes to the one with the least. Padding files
    (BEP 47) are in no list and no sum; `pad_count` of the root says how many there were.
    """

    name: str
    path: tuple[str, ...]
    folders: tuple["Folder", ...]
    files: tuple[Leaf, ...]
    size_bytes: int
    file_count: int
    kinds: Mapping[Kind, Sum]
    pad_count: int = 0


@dataclass(slots=True)
class _Node:
    path: tuple[str, ...]
    folders: dict[str, "_Node"] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)


def tree_of(files: Iterable[File], name: str = "") -> Folder:
    """Return the tree of checked files under a root called `name`."""
    root = _Node(())
    pads = 0
    for file in files:
        if file.is_pad:
            pads += 1
            continue
        node = root
        for part in file.path[:-1]:
            node = node.folders.setdefault(part, _Node((*node.path, part)))
        node.files.append(file)
    return _frozen(root, name, pads)


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key under which `track 2` comes before `track 10`, case aside."""
    return tuple(map(_part_key, _DIGITS.split(name.casefold())))


def _part_key(part: str) -> tuple[int, int, str]:
    if part[:1].isascii() and part.isdigit() and len(part) <= _DIGITS_AS_NUMBER:
        return 0, int(part), part
    return 1, 0, part


def _frozen(node: _Node, name: str, pad_count: int = 0) -> Folder:
    # As deep as the paths: `Limits.path_depth`.
    folders = tuple(
        _frozen(node.folders[name], name) for name in sorted(node.folders, key=natural_key)
    )
    leaves = [Leaf(file.path[-1], kind_of(file.path[-1]), file) for file in node.files]
    leaves.sort(key=lambda leaf: natural_key(leaf.name))
    kinds = _sums(folders, leaves)
    return Folder(
        name=name,
        path=node.path,
        folders=folders,
        files=tuple(leaves),
        size_bytes=sum(part.size_bytes for part in kinds.values()),
        file_count=sum(part.file_count for part in kinds.values()),
        kinds=kinds,
        pad_count=pad_count,
    )


def _sums(folders: tuple[Folder, ...], leaves: list[Leaf]) -> dict[Kind, Sum]:
    counts: dict[Kind, int] = {}
    sizes: dict[Kind, int] = {}
    for leaf in leaves:
        counts[leaf.kind] = counts.get(leaf.kind, 0) + 1
        sizes[leaf.kind] = sizes.get(leaf.kind, 0) + leaf.file.size_bytes
    for folder in folders:
        for kind, part in folder.kinds.items():
            counts[kind] = counts.get(kind, 0) + part.file_count
            sizes[kind] = sizes.get(kind, 0) + part.size_bytes
    ordered = sorted(sizes, key=lambda kind: (-sizes[kind], kind))
    return {kind: Sum(counts[kind], sizes[kind]) for kind in ordered}
