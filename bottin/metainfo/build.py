"""From files on a disk to a `.torrent`: v1, v2 or hybrid, on all cores, in bounded memory."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bottin.metainfo import bencode, names
from bottin.metainfo.disk import DiskFile, collect
from bottin.metainfo.errors import BadPieceLength, EmptyContent, TooManyPieces
from bottin.metainfo.fields import Dictionary
from bottin.metainfo.hashing import Hashes, Memo, Plan, hash_files
from bottin.metainfo.limits import DEFAULT_LIMITS, MIB, Limits
from bottin.metainfo.merkle import next_power_of_two
from bottin.metainfo.model import NOTHING_OUTSIDE, Caution, Outside, Version
from bottin.metainfo.pieces import ceil_div
from bottin.metainfo.rebuild import personal_torrent

Progress = Callable[[int, int], None]

# Pieces aimed at: enough to share early, few enough for a small `.torrent`.
_PIECES_AIMED_AT: Final = 1_500
_AUTO_LARGEST: Final = 16 * MIB
# Their hashes take 2 MiB in a hybrid: half of what a site takes for a `.torrent`.
_PIECES_MOST: Final = 40_000
_META_VERSION: Final = 2


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How to make a torrent.

    `piece_length` in bytes, a power of two; 0 chooses one. `name` replaces the
    file's or folder's own. `source` enters `info` and so the info-hash; empty
    leaves it out. `exclude` are glob patterns matched against each name.
    `threads` 0 means one per core. `outside` is what goes around `info`.
    """

    version: Version = "hybrid"
    piece_length: int = 0
    is_private: bool = False
    source: str = ""
    name: str = ""
    exclude: tuple[str, ...] = ()
    threads: int = 0
    outside: Outside = NOTHING_OUTSIDE
    limits: Limits = DEFAULT_LIMITS


@dataclass(frozen=True, slots=True)
class Built:
    """A `.torrent`, whole, and what was skipped on the way."""

    raw: bytes
    piece_length: int
    size_bytes: int
    file_count: int
    warnings: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """What `build` would make of some files. Sizes in bytes; nothing was read yet."""

    piece_length: int
    piece_count: int
    size_bytes: int
    file_count: int
    warnings: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class _Content:
    files: Sequence[DiskFile]
    hashes: Hashes
    plan: Plan
    is_single_file: bool


def build(
    path: Path,
    options: BuildOptions | None = None,
    progress: Progress | None = None,
    *,
    memo: Memo | None = None,
) -> Built:
    """Make a `.torrent` from a file or folder.

    Files come in the order of their names as bytes, folder by folder (BEP 52),
    so the same content gives the same info-hash on every machine. Symbolic links
    and special files are skipped with a caution. In a hybrid each file but the
    last is padded to a piece (BEP 47). Memory stays below some pieces per core,
    whatever the size. `progress` gets (bytes done, bytes in all), in the calling
    thread. What `memo` remembers of a run that was stopped is not hashed again.

    Raises ContentUnreadable; ContentChanged when a file changes meanwhile;
    EmptyContent; TooManyFiles; BadPath or DuplicatePath for names that `parse`
    would refuse; BadPieceLength; TooManyPieces.
    """
    options = options or BuildOptions()
    files, cautions = collect(path, options.exclude, options.limits)
    total = sum(file.size_bytes for file in files)
    if total == 0:
        raise EmptyContent
    name = os.fsencode(options.name or path.absolute().name)
    checked = names.component(name, "info.name", options.limits)
    plan = _plan(files, total, options)
    report = progress or (lambda _done, _total: None)
    hashes = hash_files(files, plan, lambda done: report(done, total), memo)
    content = _Content(files, hashes, plan, is_single_file=not path.is_dir())
    info = bencode.encode(_info(checked, content, options))
    raw = personal_torrent(info, options.outside, _layers(content))
    return Built(raw, plan.piece_length, total, len(files), tuple(cautions))


def survey(path: Path, options: BuildOptions | None = None) -> Survey:
    """Return what `build` would make of a file or folder, from names and sizes alone.

    Raises as `build`, but for what shows only in reading.
    """
    options = options or BuildOptions()
    files, cautions = collect(path, options.exclude, options.limits)
    total = sum(file.size_bytes for file in files)
    if total == 0:
        raise EmptyContent
    plan = _plan(files, total, options)
    count = _piece_count(files, total, plan)
    return Survey(plan.piece_length, count, total, len(files), tuple(cautions))


def automatic_piece_length(size_bytes: int) -> int:
    """Return a power of two that gives 750 to 1,500 pieces, between 16 KiB and 16 MiB.

    Larger, up to 64 MiB, only where 16 MiB would give more than 40,000 pieces.
    """
    wanted = next_power_of_two(ceil_div(size_bytes, _PIECES_AIMED_AT))
    length = min(max(wanted, DEFAULT_LIMITS.piece_length_min), _AUTO_LARGEST)
    needed = next_power_of_two(ceil_div(size_bytes, _PIECES_MOST))
    return min(max(length, needed), DEFAULT_LIMITS.piece_length_max)


def _plan(files: Sequence[DiskFile], total: int, options: BuildOptions) -> Plan:
    limits = options.limits
    length = options.piece_length or automatic_piece_length(total)
    in_range = limits.piece_length_min <= length <= limits.piece_length_max
    if not in_range or length != next_power_of_two(length):
        raise BadPieceLength(piece_length=length)
    plan = Plan(options.version, length, options.threads or os.cpu_count() or 1)
    count = _piece_count(files, total, plan)
    if count > limits.pieces:
        raise TooManyPieces(pieces=count, limit=limits.pieces)
    return plan


def _piece_count(files: Sequence[DiskFile], total: int, plan: Plan) -> int:
    """Return how many pieces there are: in v2 and hybrids each file starts one."""
    if plan.version == "v1":
        return ceil_div(total, plan.piece_length)
    return sum(ceil_div(file.size_bytes, plan.piece_length) for file in files)


def _info(name: str, content: _Content, options: BuildOptions) -> Dictionary:
    info: Dictionary = {b"name": name, b"piece length": content.plan.piece_length}
    if options.is_private:
        info[b"private"] = 1
    if options.source:
        info[b"source"] = options.source
    if options.version != "v1":
        info |= {b"meta version": _META_VERSION, b"file tree": _tree(name, content)}
    if options.version != "v2":
        info[b"pieces"] = bytes(content.hashes.pieces)
        if content.is_single_file:
            info[b"length"] = content.files[0].size_bytes
        else:
            info[b"files"] = _v1_files(content, is_padded=options.version == "hybrid")
    return info


def _v1_files(content: _Content, *, is_padded: bool) -> list[Dictionary]:
    length = content.plan.piece_length
    entries: list[Dictionary] = []
    last = max(index for index, file in enumerate(content.files) if file.size_bytes)
    for index, file in enumerate(content.files):
        entries.append({b"length": file.size_bytes, b"path": list(file.path)})
        pad = -file.size_bytes % length
        if is_padded and pad and index < last:
            entries.append({b"attr": b"p", b"length": pad, b"path": [b".pad", str(pad)]})
    return entries


def _tree(name: str, content: _Content) -> Dictionary:
    tree: Dictionary = {}
    for index, file in enumerate(content.files):
        leaf: Dictionary = {b"length": file.size_bytes}
        if index in content.hashes.roots:
            leaf[b"pieces root"] = content.hashes.roots[index]
        folder = tree
        path = (name,) if content.is_single_file else file.path
        for part in path:
            folder = folder.setdefault(part.encode(), {})
        folder[b""] = leaf
    return tree


def _layers(content: _Content) -> bytes:
    layers = {
        content.hashes.roots[index]: bytes(layer)
        for index, layer in content.hashes.layers.items()
        if content.files[index].size_bytes > content.plan.piece_length
    }
    return bencode.encode(layers) if layers else b""
