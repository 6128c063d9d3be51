"""Torrents made by hand, valid by default, with a lax encoder for those that must not be.

Independent of `bottin.metainfo`: the encoder and the hash trees are written again, the plain way.
"""

from __future__ import annotations

from hashlib import sha1, sha256
from typing import Any

PIECE = 16 * 1024
Info = dict[bytes, Any]


class Pairs(list[tuple[bytes, Any]]):
    """A dictionary written in this order, repeated keys and all."""


class Verbatim(bytes):
    """Bytes that are bencoded already, well or badly."""


def bencoded(value: Any) -> bytes:  # noqa: PLR0911 - one line per type
    """Encode the plain way; `Pairs` and `Verbatim` are written as they stand."""
    match value:
        case Verbatim():
            return bytes(value)
        case bytes():
            return b"%d:%s" % (len(value), value)
        case str():
            return bencoded(value.encode())
        case int():
            return b"i%de" % value
        case Pairs():
            return b"d" + b"".join(bencoded(k) + bencoded(v) for k, v in value) + b"e"
        case dict():
            return bencoded(Pairs(sorted(value.items())))
        case _:
            return b"l" + b"".join(map(bencoded, value)) + b"e"


def torrent(info: Any, **outer: Any) -> bytes:
    """Return a whole file; `_` stands for a space in keys, `__` for a hyphen."""
    return bencoded(_keyed(outer) | {b"info": info})


def pieces_of(content: bytes, piece_length: int = PIECE) -> bytes:
    """Return v1's `pieces`."""
    cuts = range(0, len(content), piece_length)
    return b"".join(
        sha1(content[at : at + piece_length], usedforsecurity=False).digest() for at in cuts
    )


def v1_single(content: bytes = b"hello", name: Any = b"hello.txt", **extra: Any) -> Info:
    """Return the info of one file."""
    info = {
        b"length": len(content),
        b"name": name,
        b"piece length": PIECE,
        b"pieces": pieces_of(content),
    }
    return info | _keyed(extra)


def entry(path: Any, size: Any = 1, **extra: Any) -> Info:
    """Return one v1 file; `path` is text with slashes, or the list itself."""
    parts = path.split("/") if isinstance(path, str) else path
    return {b"length": size, b"path": parts} | _keyed(extra)


def v1_folder(*entries: Info, **extra: Any) -> Info:
    """Return the info of a folder; the content is all zeros."""
    listed = list(entries) or [entry("a.txt", 3), entry("b/c.txt", 5)]
    sizes = [e.get(b"length", 0) for e in listed]
    total = min(sum(s for s in sizes if isinstance(s, int) and s > 0), 2**20)
    info = {
        b"files": listed,
        b"name": b"folder",
        b"piece length": PIECE,
        b"pieces": pieces_of(bytes(total)),
    }
    return info | _keyed(extra)


def tree_hashes(content: bytes, piece_length: int = PIECE) -> tuple[bytes, bytes]:
    """Return (pieces root, piece layer) of a file, by the whole padded tree of BEP 52."""
    blocks = [sha256(content[at : at + PIECE]).digest() for at in range(0, len(content), PIECE)]
    width = 1
    while width < len(blocks) or (len(content) > piece_length and width < piece_length // PIECE):
        width *= 2
    level = blocks + [bytes(32)] * (width - len(blocks))
    layer, span = b"", PIECE
    count = -(-len(content) // piece_length)
    while True:
        if span == piece_length:
            layer = b"".join(level[:count])
        if len(level) == 1:
            return level[0], layer
        level = [sha256(level[i] + level[i + 1]).digest() for i in range(0, len(level), 2)]
        span *= 2


def leaf(content: bytes, piece_length: int = PIECE, **extra: Any) -> Info:
    """Return the `""` entry of a v2 file."""
    node: Info = {b"length": len(content)}
    if content:
        node[b"pieces root"] = tree_hashes(content, piece_length)[0]
    return node | _keyed(extra)


def layers_of(*contents: bytes, piece_length: int = PIECE) -> Info:
    """Return `piece layers` for the files of more than one piece."""
    found = (tree_hashes(c, piece_length) for c in contents if len(c) > piece_length)
    return dict(found)


SMALL = b"small file"
LARGE = b"".join(sha256(b"%d" % i).digest() for i in range(1_600))  # 51,200 bytes: four pieces


def v2(tree: Any = None, **extra: Any) -> Info:
    """Return the info of a v2 folder with a small and a large file."""
    default = {b"big.bin": {b"": leaf(LARGE)}, b"small.txt": {b"": leaf(SMALL)}}
    info = {
        b"file tree": default if tree is None else tree,
        b"meta version": 2,
        b"name": b"folder",
        b"piece length": PIECE,
    }
    return info | _keyed(extra)


def hybrid(**extra: Any) -> Info:
    """Return the info of a hybrid folder: the same two files, padded."""
    pad = -len(LARGE) % PIECE
    files = [
        entry("big.bin", len(LARGE)),
        entry([b".pad", b"%d" % pad], pad, attr=b"p"),
        entry("small.txt", len(SMALL)),
    ]
    info = v2() | {b"files": files, b"pieces": pieces_of(LARGE + bytes(pad) + SMALL)}
    return info | _keyed(extra)


def v2_torrent(info: Info | None = None, layers: Any = None) -> bytes:
    """Return a whole v2 or hybrid file with its piece layers."""
    found = layers_of(LARGE) if layers is None else layers
    return torrent(v2() if info is None else info, piece_layers=found)


def without(values: Info, *keys: bytes) -> Info:
    """Return `values` less some keys."""
    return {key: value for key, value in values.items() if key not in keys}


def _keyed(extra: dict[str, Any]) -> Info:
    return {
        key.replace("__", "-").replace("_", " ").encode(): value for key, value in extra.items()
    }
