"""What a `.torrent` file says, as frozen values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

Version = Literal["v1", "v2", "hybrid"]

TRUNCATED_BYTES: Final = 20


@dataclass(frozen=True, slots=True)
class File:
    """One file of a torrent.

    `path` holds the names below the torrent's root folder, each NFC; a
    single-file torrent has the torrent's name as its only one. `root` is the
    32-byte `pieces root` (BEP 52), None in v1 and for empty files. `attr` holds
    BEP 47 flags among `l` link, `x` executable, `h` hidden, `p` padding.
    `symlink` is the target's path from the root folder, for a link only.
    """

    path: tuple[str, ...]
    size_bytes: int
    root: bytes | None = None
    attr: str = ""
    symlink: tuple[str, ...] | None = None

    @property
    def is_pad(self) -> bool:
        """Whether it only aligns its neighbour to a piece (BEP 47)."""
        return "p" in self.attr

    @property
    def display_path(self) -> str:
        """The names joined by `/`."""
        return "/".join(self.path)


def without_pads(files: Iterable[File]) -> tuple[File, ...]:
    """Return the files that are content."""
    return tuple([file for file in files if "p" not in file.attr])


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Digests that survive what an info-hash does not (trust STAY-1, interfaces XS-1, XS-3).

    `content_v1`: SHA-256 of the piece length (8 bytes, big-endian) and `pieces`;
    survives a new name and other flags. `pieces_sha1`: SHA-1 of `pieces`, what
    cross-seed tools ask for. Both None in a v2-only torrent.
    `file_tree`: SHA-256 over the sorted (path, size) of files, padding and the
    torrent's name left out. `size_set`: SHA-256 over the sorted sizes of
    non-empty files; survives any renaming. `v2_roots`: the distinct `pieces
    root` values, sorted, 32 bytes each; each names one file in any torrent.
    """

    content_v1: bytes | None
    pieces_sha1: bytes | None
    file_tree: bytes
    size_set: bytes
    v2_roots: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Caution:
    """Something odd that was accepted or normalised: a stable `code`, and what it is about."""

    code: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Outside:
    """What surrounds `info` in the file: read for display and import, never trusted.

    `trackers` are tiers of announce addresses (BEP 12). `web_seeds` (BEP 19) and
    `http_seeds` (BEP 17) are https addresses only. `nodes` are (host, port)
    (BEP 5). `creation_date` is in seconds since 1970 UTC.
    """

    trackers: tuple[tuple[str, ...], ...] = ()
    web_seeds: tuple[str, ...] = ()
    http_seeds: tuple[str, ...] = ()
    nodes: tuple[tuple[str, int], ...] = ()
    comment: str = ""
    created_by: str = ""
    creation_date: int | None = None


NOTHING_OUTSIDE: Final = Outside()


@dataclass(frozen=True, slots=True)
class Metainfo:
    """A checked `.torrent` file (BEP 3, 47, 52).

    `info_bytes` is the `info` dictionary exactly as sent; both hashes are over
    it: `info_hash_v1` SHA-1, 20 bytes; `info_hash_v2` SHA-256, 32 bytes; at least
    one is present. `size_bytes` sums the files, padding left out.
    `piece_length` in bytes. `piece_count` is v1's, or v2's in a v2-only torrent.
    `piece_layers` is that dictionary, bencoded, with exactly the layers BEP 52
    asks for; empty in v1 and where no file exceeds a piece.
    """

    info_bytes: bytes = field(repr=False)
    info_hash_v1: bytes | None
    info_hash_v2: bytes | None
    version: Version
    name: str
    files: tuple[File, ...] = field(repr=False)
    is_single_file: bool
    size_bytes: int
    piece_length: int
    piece_count: int
    is_private: bool
    source: str
    piece_layers: bytes = field(repr=False)
    outside: Outside
    fingerprints: Fingerprints
    warnings: tuple[Caution, ...] = ()

    @property
    def info_hash(self) -> bytes:
        """The 20 bytes that name it here: v1's hash, else v2's cut to 20 (BEP 52)."""
        return self.info_hash_v1 or (self.info_hash_v2 or b"")[:TRUNCATED_BYTES]

    @property
    def info_hash_v2_truncated(self) -> bytes | None:
        """V2's hash as the wire carries it: 20 bytes."""
        return self.info_hash_v2[:TRUNCATED_BYTES] if self.info_hash_v2 else None

    @property
    def announced_hashes(self) -> tuple[bytes, ...]:
        """Every 20-byte hash under which clients announce it: two for a hybrid."""
        both = (self.info_hash_v1, self.info_hash_v2_truncated)
        return tuple(value for value in both if value)

    @property
    def content_files(self) -> tuple[File, ...]:
        """The files, padding left out."""
        return without_pads(self.files)

    @property
    def trackers(self) -> tuple[tuple[str, ...], ...]:
        """Announce tiers found in the file."""
        return self.outside.trackers

    @property
    def web_seeds(self) -> tuple[str, ...]:
        """Addresses found in `url-list`, https only."""
        return self.outside.web_seeds

    @property
    def http_seeds(self) -> tuple[str, ...]:
        """Addresses found in `httpseeds`, https only."""
        return self.outside.http_seeds

    @property
    def comment(self) -> str:
        """The publisher's comment."""
        return self.outside.comment

    @property
    def created_by(self) -> str:
        """The program that made it."""
        return self.outside.created_by

    @property
    def creation_date(self) -> int | None:
        """Seconds since 1970 UTC."""
        return self.outside.creation_date
