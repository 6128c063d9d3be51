"""Where the lines of an import come from: a file of them, or a folder of `.torrent` files."""

import csv
import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final

import zstandard

from bottin.exchange.errors import ImportRefused
from bottin.exchange.neutral import LINE_BYTES
from bottin.exchange.preparing import Line

METADATA: Final = ("metadata.ndjson", "metadata.csv")
_CSV_FIELD_MAX: Final = 1_000_000

# Told of how much was read: bytes of a file, files of a folder.
Told = Callable[[int], None]


def lines_of(path: Path, told: Told) -> Iterator[Line]:
    """Yield the lines of `FILE.ndjson`, `.ndjson.gz`, `.ndjson.zst`, or those made for a folder.

    A torn archive ends with a line that says so. Raises OSError.
    """
    if path.is_dir():
        yield from _folder(path, told)
        return
    with path.open("rb") as plain:
        number = 0
        try:
            for number, raw in enumerate(_split(_unpacked(plain, path)), 1):
                told(plain.tell())
                if raw.strip():
                    yield Line(number, raw)
        except (EOFError, gzip.BadGzipFile, zstandard.ZstdError, ImportRefused):
            yield Line(number + 1, b"torn: the archive ends here")


def lines_of_records(records: Iterable[dict[str, Any]], told: Told) -> Iterator[Line]:
    """Yield the lines of records that a converter made."""
    for number, record in enumerate(records, 1):
        told(number)
        yield Line(number, json.dumps(record).encode())


def size_of(path: Path) -> int:
    """Return what `told` counts up to."""
    if path.is_dir():
        return sum(1 for _file in path.rglob("*.torrent"))
    return path.stat().st_size


def _unpacked(plain: IO[bytes], path: Path) -> Any:  # noqa: ANN401 - three kinds of readers
    if path.suffix == ".gz":
        return gzip.GzipFile(fileobj=plain)
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(plain)
    return plain


def _split(reader: Any) -> Iterator[bytes]:  # noqa: ANN401 - same
    """Yield lines, none longer than a record may be: the rest of a longer one is dropped."""
    held = b""
    is_skipping = False
    while chunk := reader.read(1 << 20):
        first, *rest = chunk.split(b"\n")
        held = b"" if is_skipping else held + first
        for part in rest:
            if not is_skipping:
                yield held
            held, is_skipping = part, False
        if len(held) > LINE_BYTES:
            yield b"long: this line is longer than a record may be"
            held, is_skipping = b"", True
    if held:
        yield held


def _folder(path: Path, told: Told) -> Iterator[Line]:
    """Yield a line for each `.torrent`, with what the metadata beside them says of it."""
    said = _metadata(path)
    for number, file in enumerate(sorted(path.rglob("*.torrent")), 1):
        told(number)
        name = file.relative_to(path).as_posix()
        values = {"kind": "release", "source_id": name[-128:]} | said.pop(name, {})
        yield Line(number, json.dumps(values | {"torrent_file": name}).encode())
    for number, name in enumerate(sorted(said), 10_000_001):
        values = {"kind": "release", "source_id": name[-128:], "torrent_file": name}
        yield Line(number, json.dumps(values).encode())


def _metadata(path: Path) -> dict[str, dict[str, Any]]:
    """Read `metadata.ndjson` or `metadata.csv`: a line for each file, named by `torrent_file`."""
    found: dict[str, dict[str, Any]] = {}
    for row in (*_ndjson_rows(path / METADATA[0]), *_csv_rows(path / METADATA[1])):
        name = row.get("torrent_file")
        if isinstance(name, str):
            found[name] = row
    return found


def _ndjson_rows(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    for raw in path.read_bytes().splitlines():
        try:
            row = json.loads(raw)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            yield row


def _csv_rows(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    csv.field_size_limit(_CSV_FIELD_MAX)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        for row in csv.DictReader(file):
            yield {key: value for key, value in row.items() if key and value}
