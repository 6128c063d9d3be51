"""Piece length, `pieces`, `piece layers`, and whether the halves of a hybrid agree."""

from collections.abc import Iterable
from typing import Final

from bottin.metainfo import bencode, fields
from bottin.metainfo.errors import (
    BadPieceLayers,
    BadPieceLength,
    HybridMismatch,
    PieceCountMismatch,
    TooManyPieces,
)
from bottin.metainfo.fields import Dictionary
from bottin.metainfo.files import Listing
from bottin.metainfo.limits import Limits
from bottin.metainfo.merkle import HASH_BYTES, root_of_layer
from bottin.metainfo.model import File

SHA1_BYTES: Final = 20


def ceil_div(size: int, unit: int) -> int:
    """Return how many `unit`s it takes to hold `size`."""
    return -(-size // unit)


def piece_length_of(info: Dictionary, limits: Limits) -> int:
    """Return `piece length` in bytes, a power of two (META-4). Raises BadPieceLength."""
    value = fields.integer(info, b"piece length")
    is_power = value > 0 and value & (value - 1) == 0
    if not is_power or not limits.piece_length_min <= value <= limits.piece_length_max:
        raise BadPieceLength(piece_length=value)
    return value


def v1_piece_count(info: Dictionary, files: Iterable[File], piece_length: int, most: int) -> int:
    """Return the number of v1 pieces, padding included (META-4).

    Raises TooManyPieces above `most`, and PieceCountMismatch when `pieces` is
    not 20 bytes for each.
    """
    count = ceil_div(sum(file.size_bytes for file in files), piece_length)
    if count > most:
        raise TooManyPieces(pieces=count, limit=most)
    found = len(fields.string(info, b"pieces"))
    if found != count * SHA1_BYTES:
        raise PieceCountMismatch(expected=count * SHA1_BYTES, found=found)
    return count


def v2_piece_count(files: Iterable[File], piece_length: int, most: int) -> int:
    """Return the number of v2 pieces: each file starts one. Raises TooManyPieces above `most`."""
    count = sum(ceil_div(file.size_bytes, piece_length) for file in files)
    if count > most:
        raise TooManyPieces(pieces=count, limit=most)
    return count


def checked_layers(
    found: Dictionary, files: Iterable[File], piece_length: int
) -> tuple[bytes, bool]:
    """Return the layers that BEP 52 asks for, bencoded, and whether others were left out.

    A file of more than one piece needs its layer: 32 bytes per piece, whose tree
    has the file's `pieces root` as its root (META-8). Raises BadPieceLayers.
    """
    kept: Dictionary = {}
    for file in files:
        if file.root is None or file.size_bytes <= piece_length:
            continue
        layer = _layer_of(found, file, piece_length)
        if file.root not in kept and root_of_layer(layer, piece_length) != file.root:
            raise BadPieceLayers(path=file.display_path, reason="wrong_root")
        kept[file.root] = layer
    return (bencode.encode(dict(sorted(kept.items()))) if kept else b""), len(kept) < len(found)


def _layer_of(found: Dictionary, file: File, piece_length: int) -> bytes:
    layer = found.get(file.root or b"")
    if layer is None:
        raise BadPieceLayers(path=file.display_path, reason="missing")
    expected = ceil_div(file.size_bytes, piece_length) * HASH_BYTES
    if not isinstance(layer, bytes) or len(layer) != expected:
        raise BadPieceLayers(path=file.display_path, reason="wrong_length")
    return layer


def joined(v1: Listing, v2: Listing, piece_length: int) -> Listing:
    """Return v1's files (padding included) with v2's roots, once both are shown to agree.

    BEP 52: same files, names, sizes and order; each file starts a piece. Raises
    HybridMismatch.
    """
    remaining = iter(v2.files)
    files: list[File] = []
    offset = 0
    for file in v1.files:
        if not file.is_pad:
            file = _paired(file, next(remaining, None), offset % piece_length)  # noqa: PLW2901
        files.append(file)
        offset += file.size_bytes
    left = next(remaining, None)
    if left is not None:
        raise HybridMismatch(path=left.display_path, reason="missing_in_v1")
    return Listing(tuple(files), v1.is_single_file)


def _paired(file: File, twin: File | None, misalignment: int) -> File:
    reason = None
    if twin is None:
        reason = "missing_in_v2"
    elif file.path != twin.path:
        reason = "other_path"
    elif file.size_bytes != twin.size_bytes:
        reason = "other_size"
    elif (file.attr, file.symlink) != (twin.attr, twin.symlink):
        reason = "other_attr"
    elif misalignment and file.size_bytes:
        reason = "not_aligned"
    if twin is None or reason:
        raise HybridMismatch(path=file.display_path, reason=reason)
    return twin
