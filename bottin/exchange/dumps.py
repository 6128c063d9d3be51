"""The public dump: all public releases as NDJSON, magnet links of the open ones, checksums.

A dump is a folder `2026-06-01` with `releases.ndjson.zst`, `magnets.txt.zst`, `manifest.json`
and `SHA256SUMS`. It is written under another name and renamed when whole: half a dump is
never seen. The manifest's `cursor` is where the feed of changes goes on from it.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

import structlog
import zstandard
from django.conf import settings

from bottin.exchange import following, records
from bottin.exchange.errors import DumpsClosed, NoSuchDump

RELEASES: Final = "releases.ndjson.zst"
MAGNETS: Final = "magnets.txt.zst"
MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
NAMES: Final = (RELEASES, MAGNETS, MANIFEST, SUMS)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_LEVEL: Final = 6
_CHUNK: Final = 1 << 20

log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DumpFile:
    """One file of a dump; `sha256` in hexadecimal."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Dump:
    """A whole dump: its day, when it was begun, how many releases, the cursor to go on from."""

    day: str
    made_at: datetime
    releases: int
    magnets: int
    cursor: int
    files: tuple[DumpFile, ...]


def folder() -> Path:
    """Where dumps stand."""
    return Path(settings.BOTTIN_DATA_DIR) / "dumps"


def write(target: Path, *, at: datetime) -> Dump:
    """Write a dump as a new folder at `target`, replacing one that is there.

    Raises OSError when it cannot be written; nothing is left behind then.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        dump = _fill(part, target.name, at)
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return dump


def dumps() -> list[Dump]:
    """Return the dumps that are there, newest first. Raises DumpsClosed."""
    if not following.are_open():
        raise DumpsClosed
    home = folder()
    days = sorted((d.name for d in home.iterdir()), reverse=True) if home.is_dir() else []
    found = (_read(home / day) for day in days if _DAY.fullmatch(day))
    return [dump for dump in found if dump is not None]


def path_of(day: str, name: str) -> Path:
    """Return the path of a file of a dump. Raises DumpsClosed, NoSuchDump."""
    if not following.are_open():
        raise DumpsClosed
    path = folder() / day / name
    if not _DAY.fullmatch(day) or name not in NAMES or not path.is_file():
        raise NoSuchDump(name=f"{day}/{name}"[:60])
    return path


def keep_daily(*, at: datetime) -> bool:
    """Write the dump of the day when it is not there, drop the oldest; a worker's loop."""
    if not following.are_open():
        return False
    target = folder() / at.astimezone(UTC).date().isoformat()
    if (target / MANIFEST).is_file() or not records.listed().exists():
        return False  # an empty site has nothing to give
    dump = write(target, at=at)
    log.info("dump.written", day=dump.day, releases=dump.releases)
    for old in dumps()[settings.BOTTIN_DUMPS_KEPT :]:
        shutil.rmtree(folder() / old.day, ignore_errors=True)
    return False


def _fill(part: Path, day: str, at: datetime) -> Dump:
    # Read first: what changes while the dump is written comes again in the feed of changes.
    cursor = following.cursor_now()
    counts = {"releases": 0, "magnets": 0}
    with ExitStack() as stack:
        lines = stack.enter_context(_packed(part / RELEASES))
        links = stack.enter_context(_packed(part / MAGNETS))
        for record in records.all_records():
            lines.write(records.line_of(record))
            counts["releases"] += 1
            link = records.magnet_of(record)
            if link is not None:
                links.write(link.encode() + b"\n")
                counts["magnets"] += 1
    files = tuple(map(_described, (part / RELEASES, part / MAGNETS)))
    dump = Dump(day, at, counts["releases"], counts["magnets"], cursor, files)
    (part / MANIFEST).write_text(json.dumps(_manifest(dump), indent=2) + "\n", encoding="utf-8")
    whole = (*files, _described(part / MANIFEST))
    (part / SUMS).write_text("".join(f"{file.sha256}  {file.name}\n" for file in whole))
    return dump


def _packed(path: Path) -> "IO[bytes]":
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    return compressor.stream_writer(path.open("xb"))


def _described(path: Path) -> DumpFile:
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return DumpFile(path.name, path.stat().st_size, digest.hexdigest())


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _manifest(dump: Dump) -> dict[str, Any]:
    return {
        "format": records.FORMAT,
        "site": settings.BOTTIN.origin,
        "made_at": dump.made_at.astimezone(UTC).isoformat(timespec="seconds"),
        "releases": dump.releases,
        "magnets": dump.magnets,
        "cursor": dump.cursor,
        "files": [
            {"name": file.name, "size_bytes": file.size_bytes, "sha256": file.sha256}
            for file in dump.files
        ],
    }


def _read(home: Path) -> Dump | None:
    try:
        manifest = json.loads((home / MANIFEST).read_text(encoding="utf-8"))
        files = tuple(DumpFile(**file) for file in manifest["files"])
        made_at = datetime.fromisoformat(manifest["made_at"])
        counts = manifest["releases"], manifest["magnets"], manifest["cursor"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Dump(home.name, made_at, *counts, files)
