"""A `Metainfo` as plain bencoded values, so that a child process can hand over nothing else."""

from collections.abc import Callable
from hashlib import sha1, sha256
from typing import TypeVar

from bottin.metainfo import bencode, fields
from bottin.metainfo.bencode import Bencoded
from bottin.metainfo.fields import Dictionary
from bottin.metainfo.model import Caution, File, Fingerprints, Metainfo, Outside, Version

T = TypeVar("T")

_VERSIONS: dict[bytes, Version] = {b"v1": "v1", b"v2": "v2", b"hybrid": "hybrid"}


def encode(metainfo: Metainfo, raw: bytes) -> bytes:
    """Return `metainfo`, parsed from `raw`, bencoded; `info` goes as offsets into `raw`."""
    start = raw.index(metainfo.info_bytes)
    outside, prints = metainfo.outside, metainfo.fingerprints
    return bencode.encode(
        {
            b"info": [start, start + len(metainfo.info_bytes)],
            b"version": metainfo.version,
            b"name": metainfo.name,
            b"files": [_from_file(file) for file in metainfo.files],
            b"single": int(metainfo.is_single_file),
            b"size": metainfo.size_bytes,
            b"piece length": metainfo.piece_length,
            b"piece count": metainfo.piece_count,
            b"private": int(metainfo.is_private),
            b"source": metainfo.source,
            b"piece layers": metainfo.piece_layers,
            b"trackers": outside.trackers,
            b"web seeds": outside.web_seeds,
            b"http seeds": outside.http_seeds,
            b"nodes": outside.nodes,
            b"comment": outside.comment,
            b"created by": outside.created_by,
            b"creation date": outside.creation_date or 0,
            b"fingerprints": [
                prints.content_v1 or b"",
                prints.pieces_sha1 or b"",
                prints.file_tree,
                prints.size_set,
                prints.v2_roots,
            ],
            b"warnings": [(caution.code, caution.subject) for caution in metainfo.warnings],
        }
    )


def decode(answer: bytes, raw: bytes) -> Metainfo:
    """Return the metainfo in `answer`, its `info` bytes and info-hashes taken from `raw`.

    Raises ValueError or a MetainfoRefusal for anything that `encode` does not write.
    """
    values: Dictionary = bencode.decode(answer)
    info_bytes = _cut(raw, fields.sequence(values, b"info", "answer"))
    version = _VERSIONS[fields.string(values, b"version", "answer")]
    is_v1, is_v2 = version != "v2", version != "v1"
    v1_hash = sha1(info_bytes, usedforsecurity=False).digest()
    return Metainfo(
        info_bytes=info_bytes,
        info_hash_v1=v1_hash if is_v1 else None,
        info_hash_v2=sha256(info_bytes).digest() if is_v2 else None,
        version=version,
        name=_text(values[b"name"]),
        files=_each(values[b"files"], _to_file),
        is_single_file=bool(_integer(values[b"single"])),
        size_bytes=_integer(values[b"size"]),
        piece_length=_integer(values[b"piece length"]),
        piece_count=_integer(values[b"piece count"]),
        is_private=bool(_integer(values[b"private"])),
        source=_text(values[b"source"]),
        piece_layers=_bytes(values[b"piece layers"]),
        outside=_to_outside(values),
        fingerprints=_to_fingerprints(values[b"fingerprints"]),
        warnings=_each(values[b"warnings"], _to_caution),
    )


def _cut(raw: bytes, span: list[Bencoded]) -> bytes:
    start, end = map(_integer, span)
    if not 0 <= start < end <= len(raw):
        raise ValueError("no such slice")
    return raw[start:end]


def _from_file(file: File) -> list[Bencoded]:
    return [file.path, file.size_bytes, file.root or b"", file.attr, file.symlink or ()]


def _to_file(value: Bencoded) -> File:
    path, size, root, attr, symlink = value
    return File(
        path=_each(path, _text),
        size_bytes=_integer(size),
        root=_bytes(root) or None,
        attr=_text(attr),
        symlink=_each(symlink, _text) or None,
    )


def _to_outside(values: Dictionary) -> Outside:
    return Outside(
        trackers=_each(values[b"trackers"], lambda tier: _each(tier, _text)),
        web_seeds=_each(values[b"web seeds"], _text),
        http_seeds=_each(values[b"http seeds"], _text),
        nodes=_each(values[b"nodes"], _to_node),
        comment=_text(values[b"comment"]),
        created_by=_text(values[b"created by"]),
        creation_date=_integer(values[b"creation date"]) or None,
    )


def _to_node(value: Bencoded) -> tuple[str, int]:
    host, port = value
    return _text(host), _integer(port)


def _to_fingerprints(value: Bencoded) -> Fingerprints:
    content_v1, pieces_sha1, file_tree, size_set, roots = value
    return Fingerprints(
        content_v1=_bytes(content_v1) or None,
        pieces_sha1=_bytes(pieces_sha1) or None,
        file_tree=_bytes(file_tree),
        size_set=_bytes(size_set),
        v2_roots=_each(roots, _bytes),
    )


def _to_caution(value: Bencoded) -> Caution:
    code, subject = value
    return Caution(_text(code), _text(subject))


def _each(value: Bencoded, read: Callable[[Bencoded], T]) -> tuple[T, ...]:
    if not isinstance(value, list):
        raise ValueError("not a list")  # noqa: TRY004 - one kind of error for the caller
    return tuple(map(read, value))


def _text(value: Bencoded) -> str:
    return _bytes(value).decode()


def _bytes(value: Bencoded) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("not a string")  # noqa: TRY004 - one kind of error for the caller
    return value


def _integer(value: Bencoded) -> int:
    if not isinstance(value, int):
        raise ValueError("not an integer")  # noqa: TRY004 - one kind of error for the caller
    return value
