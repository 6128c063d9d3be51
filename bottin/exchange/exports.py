"""Writes every public release to one file, with its `.torrent` if asked: what an import reads."""

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

import zstandard

from bottin.catalog import downloads
from bottin.catalog.models import StoredMetainfo
from bottin.exchange import records
from bottin.exchange.records import BATCH, Record
from bottin.metainfo.model import Outside
from bottin.metainfo.rebuild import personal_torrent


def write(path: Path, *, with_torrents: bool) -> int:
    """Write the records to `path`, compressed when it ends in `.zst`; return how many.

    Each `.torrent` is rebuilt without trackers and without anyone's key. The file
    appears when it is whole. Raises OSError.
    """
    part = path.with_name(f".{path.name}.part")
    count = 0
    try:
        with _opened(part, is_packed=path.suffix == ".zst") as file:
            found = records.all_records()
            while chunk := list(islice(found, BATCH)):
                for record in _with_torrents(chunk) if with_torrents else chunk:
                    file.write(records.line_of(record))
                    count += 1
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


@contextmanager
def _opened(path: Path, *, is_packed: bool) -> Iterator[IO[bytes]]:
    with path.open("wb") as plain:
        if not is_packed:
            yield plain
            return
        packer = zstandard.ZstdCompressor(level=6, write_checksum=True).stream_writer(plain)
        with packer:
            yield packer


def _with_torrents(chunk: Iterable[Record]) -> Iterator[Record]:
    wanted = {int(record["id"]): record for record in chunk}
    for stored in StoredMetainfo.objects.filter(pk__in=wanted).order_by("pk").iterator():
        outside = Outside(
            web_seeds=downloads.allowed_web_seeds(stored),
            created_by=stored.created_by,
            creation_date=stored.creation_date,
        )
        layers = bytes(stored.piece_layers) if stored.piece_layers else b""
        torrent = personal_torrent(bytes(stored.info), outside, layers)
        yield wanted[stored.pk] | {"torrent": base64.b64encode(torrent).decode()}
