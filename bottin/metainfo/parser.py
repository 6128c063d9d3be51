"""From the bytes of a `.torrent` file to a checked `Metainfo`, or a refusal that says why."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha1, sha256
from typing import Final

from bottin.metainfo import bencode, fields, names, outside, pieces
from bottin.metainfo.bencode import Bencoded, Outline
from bottin.metainfo.errors import (
    AmbiguousLayout,
    BadPrivateFlag,
    CompressedUpload,
    HybridMismatch,
    MetainfoTooLarge,
    MissingKey,
    UnsupportedVersion,
    WrongType,
)
from bottin.metainfo.fields import Dictionary
from bottin.metainfo.files import Listing, v1_files, v2_files
from bottin.metainfo.fingerprints import fingerprints_of
from bottin.metainfo.limits import DEFAULT_LIMITS, Limits
from bottin.metainfo.model import Caution, File, Metainfo, Version

_COMPRESSED: Final = ((b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"))
_META_VERSION: Final = 2
_SOURCE_CHARACTERS: Final = 256
_LOOKED_AT: Final = 64
# META-10: a program dressed as a document, `holiday.jpg.exe`. The end of the name is looked at
# first: the pattern alone takes its time on a name full of dots.
_PROGRAMS: Final = tuple(
    f".{ending}"
    for ending in (
        *("exe", "scr", "com", "pif", "bat", "cmd", "js", "jse", "vbs", "vbe", "wsf", "hta"),
        *("lnk", "msi", "ps1", "jar", "apk", "reg", "cpl", "dll"),
    )
)
_DRESSED: Final = re.compile(r"\.[a-z0-9]{2,5}[\s._]*\Z")


@dataclass(frozen=True, slots=True)
class _Content:
    """The checked body of `info`."""

    version: Version
    listing: Listing
    piece_length: int
    piece_count: int


def parse(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Metainfo:
    """Read a `.torrent` file (BEP 3, 12, 17, 19, 27, 47, 52; trust META-1 to META-10).

    `raw` is the whole file. The info-hashes are over the `info` bytes exactly as
    sent, which must be canonical bencoding. What surrounds `info` may be untidy:
    it is read for display and rebuilt on download. Names come back as NFC.
    `warnings` says what was normalised or looks odd, at most `limits.warnings`.

    Raises a MetainfoRefusal (see `errors`), and nothing else whatever `raw` holds:
    MetainfoTooLarge, CompressedUpload, MalformedBencode, InfoNotCanonical,
    NestedTooDeep, TooManyTokens, IntegerOutOfRange, MissingKey, WrongType,
    UnsupportedVersion, AmbiguousLayout, BadPrivateFlag, EmptyContent, TooManyFiles,
    BadPath, DuplicatePath, BadAttr, BadSymlink, BadPieceLength,
    PieceCountMismatch, TooManyPieces, BadPiecesRoot, BadPieceLayers, HybridMismatch.
    """
    _check_body(raw, limits)
    outline = bencode.scan(raw, limits)
    info_bytes = _slice(raw, outline, b"info")
    info = fields.dictionary({b"info": _decoded(raw, outline, b"info")}, b"info", "")
    name = _name(info, limits)
    content = _content(info, name, limits)
    layers, layers_cautions = _layers(raw, outline, content)
    values, around_cautions = _around(raw, outline)
    surroundings, read_cautions = outside.read(values, limits)
    files = tuple(map(_shown, content.listing.files))
    cautions = [*around_cautions, *layers_cautions, *_odd_files(files), *read_cautions]
    found_pieces = info.get(b"pieces") if content.version != "v2" else None
    return Metainfo(
        info_bytes=info_bytes,
        info_hash_v1=None if content.version == "v2" else _sha1(info_bytes),
        info_hash_v2=None if content.version == "v1" else sha256(info_bytes).digest(),
        version=content.version,
        name=names.shown((name,))[0],
        files=files,
        is_single_file=content.listing.is_single_file,
        size_bytes=sum(file.size_bytes for file in files if not file.is_pad),
        piece_length=content.piece_length,
        piece_count=content.piece_count,
        is_private=_is_private(info),
        source=_source(info),
        piece_layers=layers,
        outside=surroundings,
        fingerprints=fingerprints_of(files, content.piece_length, found_pieces),
        warnings=tuple(cautions[: limits.warnings]),
    )


def _check_body(raw: bytes, limits: Limits) -> None:
    if len(raw) > limits.upload_bytes:
        raise MetainfoTooLarge(size_bytes=len(raw), limit_bytes=limits.upload_bytes)
    for magic, name in _COMPRESSED:
        if raw.startswith(magic):
            raise CompressedUpload(format=name)


def _slice(raw: bytes, outline: Outline, key: bytes) -> bytes:
    if key not in outline.slices:
        raise MissingKey(key=key.decode())
    start, end = outline.slices[key]
    return raw[start:end]


def _decoded(raw: bytes, outline: Outline, key: bytes) -> Bencoded:
    """Return a value of the outermost dictionary, decoded once."""
    if outline.values is not None:
        return outline.values[key]
    return bencode.decode(_slice(raw, outline, key))


def _name(info: Dictionary, limits: Limits) -> str:
    raw = fields.string(info, b"name")
    name = names.component(raw, "info.name", limits)
    if info.get(b"name.utf-8", raw) != raw:
        raise AmbiguousLayout(keys=["info.name", "info.name.utf-8"])
    return name


def _content(info: Dictionary, name: str, limits: Limits) -> _Content:
    version = _version(info)
    piece_length = pieces.piece_length_of(info, limits)
    if version == "v1":
        v1 = v1_files(info, name, limits)
        count = pieces.v1_piece_count(info, v1.files, piece_length, limits.pieces)
        return _Content(version, v1, piece_length, count)
    v2 = v2_files(info, limits)
    count = pieces.v2_piece_count(v2.files, piece_length, limits.pieces)
    if version == "v2":
        return _Content(version, v2, piece_length, count)
    both = pieces.joined(v1_files(info, name, limits), v2, piece_length)
    if pieces.v1_piece_count(info, both.files, piece_length, limits.pieces) != count:
        raise HybridMismatch(path=name, reason="other_piece_count")
    return _Content(version, both, piece_length, count)


def _version(info: Dictionary) -> Version:
    has_v1 = not info.keys().isdisjoint({b"pieces", b"files", b"length"})
    if b"meta version" not in info:
        if b"file tree" in info:
            raise MissingKey(key="info.meta version")
        return "v1"
    found = fields.integer(info, b"meta version")
    if found != _META_VERSION:
        raise UnsupportedVersion(version=found)
    return "hybrid" if has_v1 else "v2"


def _layers(raw: bytes, outline: Outline, content: _Content) -> tuple[bytes, list[Caution]]:
    found: Dictionary = {}
    if content.version == "v1":
        return b"", []
    if b"piece layers" in outline.slices:
        decoded = _decoded(raw, outline, b"piece layers")
        found = fields.dictionary({b"piece layers": decoded}, b"piece layers", "")
    kept, has_more = pieces.checked_layers(found, content.listing.files, content.piece_length)
    return kept, [Caution("piece_layers_left_out")] if has_more else []


def _around(raw: bytes, outline: Outline) -> tuple[Dictionary, list[Caution]]:
    cautions = []
    if not outline.is_sorted:
        cautions.append(Caution("outer_keys_unsorted"))
    if outline.trailing_bytes:
        cautions.append(Caution("trailing_bytes_left_out", str(outline.trailing_bytes)))
    skipped = {b"info", b"piece layers"}
    values = {key: _decoded(raw, outline, key) for key in outline.slices if key not in skipped}
    return values, cautions


def _is_private(info: Dictionary) -> bool:
    value = info.get(b"private", 0)
    if not isinstance(value, int):
        raise WrongType(key="info.private", expected="integer")
    if value > 1:
        raise BadPrivateFlag(value=value)
    return value == 1


def _source(info: Dictionary) -> str:
    value = info.get(b"source", b"")
    return value.decode("utf-8", "replace")[:_SOURCE_CHARACTERS] if isinstance(value, bytes) else ""


def _shown(file: File) -> File:
    path = names.shown(file.path)
    if path is file.path and file.symlink is None:
        return file
    return replace(file, path=path, symlink=file.symlink and names.shown(file.symlink))


def _odd_files(files: tuple[File, ...]) -> Iterator[Caution]:
    places = _places(files)
    for file in files:
        if _is_dressed(file.path[-1].lower()):
            yield Caution("double_extension", file.display_path)
        if file.symlink and file.symlink not in places:
            yield Caution("dangling_symlink", file.display_path)


def _is_dressed(name: str) -> bool:
    return name.endswith(_PROGRAMS) and bool(_DRESSED.search(name.rpartition(".")[0][-_LOOKED_AT:]))


def _places(files: tuple[File, ...]) -> set[names.RawPath]:
    """Every file and folder a link could point to; empty when there is no link."""
    if not any(file.symlink for file in files):
        return set()
    return {file.path[:depth] for file in files for depth in range(1, len(file.path) + 1)}


def _sha1(content: bytes) -> bytes:
    return sha1(content, usedforsecurity=False).digest()
