"""By what a file is recognised in another torrent, and how much two torrents share."""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from bottin.metainfo import bencode
from bottin.metainfo.model import File
from bottin.metainfo.names import fold

_INTEGER_BYTES: Final = 8

# What a file is recognised by: its 32-byte root, or its folded name; and its size in bytes.
FileMark = tuple[bytes | str, int]


def file_digest_of(name: str, size_bytes: int) -> bytes:
    """Return 32 bytes that stand for a file's own name, folded, and its size.

    SHA-256 over the size (8 bytes, big-endian) and the name in UTF-8 after NFC and
    case folding; folders are left out, so a file keeps it when it is moved.
    """
    prefix = size_bytes.to_bytes(_INTEGER_BYTES, "big")
    return sha256(prefix + fold(name).encode("utf-8", "surrogatepass")).digest()


def marks_by_name(files: Iterable[File]) -> Counter[FileMark]:
    """Count files by folded name and size, empty ones and padding left out."""
    return Counter(
        (fold(file.path[-1]), file.size_bytes)
        for file in files
        if file.size_bytes and not file.is_pad
    )


def marks_by_root(info_bytes: bytes) -> Counter[FileMark]:
    """Count the files of a v2 or hybrid `info` by root and size; nothing in v1.

    For bytes that `parser.parse` accepted before.
    """
    marks: Counter[FileMark] = Counter()
    pending = [bencode.decode(info_bytes).get(b"file tree", {})]
    while pending:
        for key, node in pending.pop().items():
            if key:
                pending.append(node)
            elif b"pieces root" in node:
                marks[node[b"pieces root"], node[b"length"]] += 1
    return marks


def shared(one: Counter[FileMark], other: Counter[FileMark]) -> tuple[int, int]:
    """Return how many files two torrents share, and their bytes; repeated files count."""
    both = one & other
    return both.total(), sum(size * count for (_mark, size), count in both.items())
