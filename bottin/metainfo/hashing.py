"""Hashing the pieces of files on all cores, a few pieces at a time."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from itertools import islice
from typing import Final, Protocol

from bottin.metainfo.disk import DiskFile
from bottin.metainfo.merkle import BLOCK_BYTES, block_hashes, next_power_of_two, root, root_of_layer
from bottin.metainfo.model import Version

# Pieces handed out per thread: enough that none waits for the one that is read in order.
_AHEAD: Final = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """What to compute. `piece_length` in bytes; `threads` at least 1."""

    version: Version
    piece_length: int
    threads: int


class Memo(Protocol):
    """Remembers the hashes of pieces, so that a run that was stopped hashes them once.

    A key stands for what is hashed: paths, sizes and times of change of the files,
    which bytes of them, and the plan.
    """

    def recall(self, key: bytes) -> tuple[bytes, bytes] | None:
        """Return what was kept under `key` (16 bytes), or None."""

    def keep(self, key: bytes, hashes: tuple[bytes, bytes]) -> None:
        """Keep SHA-1 and root of a piece; either may be empty. Called in order, in one thread."""


class _NoMemo:
    """Remembers nothing."""

    def recall(self, key: bytes) -> None:
        del key

    def keep(self, key: bytes, hashes: tuple[bytes, bytes]) -> None:
        del key, hashes


@dataclass(slots=True)
class Hashes:
    """The result: v1's `pieces`, and per file index its piece layer and root (BEP 52)."""

    pieces: bytearray = field(default_factory=bytearray)
    layers: dict[int, bytearray] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Segment:
    index: int
    file: DiskFile
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece: one segment where files are aligned (v2, hybrid), several in v1."""

    segments: tuple[_Segment, ...]
    pad_bytes: int = 0

    @property
    def size_bytes(self) -> int:
        return sum(segment.length for segment in self.segments)

    def key(self, plan: Plan) -> bytes:
        """Return 16 bytes that stand for this piece of these files as they were listed."""
        parts = [
            (each.file.path, each.file.size_bytes, each.file.modified_ns, each.offset, each.length)
            for each in self.segments
        ]
        told = repr((plan.version, plan.piece_length, self.pad_bytes, parts))
        return sha256(told.encode("utf-8", "surrogatepass")).digest()[:16]


def hash_files(
    files: Sequence[DiskFile],
    plan: Plan,
    report: Callable[[int], None],
    memo: Memo | None = None,
) -> Hashes:
    """Hash the files in their order; `report` gets the bytes done, in the calling thread.

    Pieces that `memo` knows are not read again.

    hashlib lets go of the interpreter on each block, so threads use every core.
    At most one piece per thread is in memory. Raises ContentChanged,
    ContentUnreadable.
    """
    memo = _NoMemo() if memo is None else memo
    cut = _stream_pieces if plan.version == "v1" else _aligned_pieces
    result = Hashes()
    done = 0
    for piece, (digest, subtree) in _in_order(cut(files, plan), plan, memo):
        result.pieces += digest
        if subtree:
            result.layers.setdefault(piece.segments[0].index, bytearray()).extend(subtree)
        done += piece.size_bytes
        report(done)
    for index, layer in result.layers.items():
        result.roots[index] = root_of_layer(bytes(layer), plan.piece_length)
    for file in files:
        file.check_unchanged()
    return result


def _in_order(
    pieces: Iterator[_Piece], plan: Plan, memo: Memo
) -> Iterator[tuple[_Piece, tuple[bytes, bytes]]]:
    running: deque[tuple[_Piece, bytes, Future[tuple[bytes, bytes]]]] = deque()
    with ThreadPoolExecutor(plan.threads) as pool:

        def start(piece: _Piece) -> None:
            key = piece.key(plan)
            running.append((piece, key, _known(key, memo) or pool.submit(_hash_piece, piece, plan)))

        try:
            for piece in islice(pieces, plan.threads * _AHEAD):
                start(piece)
            while running:
                piece, key, future = running.popleft()
                hashes = future.result()
                memo.keep(key, hashes)
                yield piece, hashes
                for following in islice(pieces, 1):
                    start(following)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _known(key: bytes, memo: Memo) -> "Future[tuple[bytes, bytes]] | None":
    hashes = memo.recall(key)
    if hashes is None:
        return None
    done: Future[tuple[bytes, bytes]] = Future()
    done.set_result(hashes)
    return done


def _hash_piece(piece: _Piece, plan: Plan) -> tuple[bytes, bytes]:
    """Return the SHA-1 of a piece (v1, hybrid) and the root of its blocks (v2, hybrid)."""
    digest = sha1(usedforsecurity=False)
    subtree = b""
    for segment in piece.segments:
        content = segment.file.read(segment.offset, segment.length)
        if plan.version != "v2":
            digest.update(content)
        if plan.version != "v1":
            blocks = block_hashes(content)
            fits = segment.file.size_bytes <= plan.piece_length
            width = next_power_of_two(len(blocks)) if fits else plan.piece_length // BLOCK_BYTES
            subtree = root(blocks, width)
    digest.update(bytes(piece.pad_bytes))
    return (b"" if plan.version == "v2" else digest.digest()), subtree


def _aligned_pieces(files: Sequence[DiskFile], plan: Plan) -> Iterator[_Piece]:
    last = max(index for index, file in enumerate(files) if file.size_bytes)
    for index, file in enumerate(files):
        for offset in range(0, file.size_bytes, plan.piece_length):
            length = min(plan.piece_length, file.size_bytes - offset)
            pad = 0 if index == last else plan.piece_length - length
            yield _Piece((_Segment(index, file, offset, length),), pad)


def _stream_pieces(files: Sequence[DiskFile], plan: Plan) -> Iterator[_Piece]:
    segments: list[_Segment] = []
    room = plan.piece_length
    for index, file in enumerate(files):
        offset = 0
        while offset < file.size_bytes:
            length = min(room, file.size_bytes - offset)
            segments.append(_Segment(index, file, offset, length))
            offset += length
            room -= length
            if not room:
                yield _Piece(tuple(segments))
                segments, room = [], plan.piece_length
    if segments:
        yield _Piece(tuple(segments))
