"""Digests that recognise content under another info-hash (trust STAY-1, interfaces XS-1, XS-3)."""

from collections.abc import Iterable
from hashlib import sha1, sha256

from bottin.metainfo.model import File, Fingerprints, without_pads

_INTEGER_BYTES = 8


def fingerprints_of(files: Iterable[File], piece_length: int, pieces: bytes | None) -> Fingerprints:
    """Return the fingerprints of checked files; `pieces` is None in a v2-only torrent."""
    content = without_pads(files)
    prefix = piece_length.to_bytes(_INTEGER_BYTES, "big")
    return Fingerprints(
        content_v1=None if pieces is None else sha256(prefix + pieces).digest(),
        pieces_sha1=None if pieces is None else sha1(pieces, usedforsecurity=False).digest(),
        file_tree=file_tree_of([(file.path, file.size_bytes) for file in content]),
        size_set=size_set_of([file.size_bytes for file in content]),
        v2_roots=tuple(sorted({file.root for file in content if file.root})),
    )


def file_tree_of(files: Iterable[tuple[tuple[str, ...], int]]) -> bytes:
    """Return the 32-byte fingerprint of (path, size in bytes) pairs, in any order.

    Paths are tuples of NFC names below the root folder, as `File.path` holds them.

    SHA-256 over, for each in the order of its UTF-8 path: the size (8 bytes,
    big-endian), each name with a zero byte after it, and one more zero byte.
    """
    # Joined by what is less than any character of a name, paths sort as their names do.
    joined = sorted(
        [("".join([name + "\0" for name in path]).encode(), size) for path, size in files]
    )
    return sha256(
        b"".join([size.to_bytes(_INTEGER_BYTES, "big") + path + b"\0" for path, size in joined])
    ).digest()


def size_set_of(sizes: Iterable[int]) -> bytes:
    """Return the 32-byte fingerprint of file sizes in bytes, empty files left out.

    SHA-256 over the sorted sizes, 8 bytes each, big-endian; repeated ones count.
    """
    kept = sorted([size for size in sizes if size])
    return sha256(b"".join([size.to_bytes(_INTEGER_BYTES, "big") for size in kept])).digest()
