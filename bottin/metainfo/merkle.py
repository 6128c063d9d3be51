"""BEP 52's hash trees: SHA-256 over 16 KiB blocks, padded to a power of two."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Final

BLOCK_BYTES: Final = 16 * 1024
HASH_BYTES: Final = 32
_NO_BLOCK: Final = bytes(HASH_BYTES)


def next_power_of_two(count: int) -> int:
    """Return the smallest power of two that is `count` or more; 1 for 0."""
    return 1 << max(count - 1, 0).bit_length()


@cache
def pad_hash(height: int) -> bytes:
    """Return the root of a tree of `height` levels above leaves that are absent (32 zero bytes)."""
    value = _NO_BLOCK
    for _ in range(height):
        value = sha256(value + value).digest()
    return value


def root(hashes: Sequence[bytes], width: int, pad: bytes = _NO_BLOCK) -> bytes:
    """Return the 32-byte root over `width` leaves, those after `hashes` being `pad`.

    `width` is a power of two and at least `len(hashes)`; `hashes` is not empty.
    """
    level = list(hashes)
    while width > 1:
        if len(level) % 2:
            level.append(pad)
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [sha256(left + right).digest() for left, right in pairs]
        pad = sha256(pad + pad).digest()
        width //= 2
    return level[0]


def root_of_layer(layer: bytes, piece_length: int) -> bytes:
    """Return a file's root from its piece layer: 32 bytes per piece, in order, not empty."""
    pieces = [layer[at : at + HASH_BYTES] for at in range(0, len(layer), HASH_BYTES)]
    pad = pad_hash((piece_length // BLOCK_BYTES).bit_length() - 1)
    return root(pieces, next_power_of_two(len(pieces)), pad)


def block_hashes(content: bytes | memoryview) -> list[bytes]:
    """Return the SHA-256 of each 16 KiB block, the last one as short as it is."""
    view = memoryview(content)
    return [sha256(view[at : at + BLOCK_BYTES]).digest() for at in range(0, len(view), BLOCK_BYTES)]
