"""A release as one line of NDJSON, public facts only: what dumps, mirrors and imports share."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet

from bottin.accounts.viewer import ANONYMOUS
from bottin.catalog.models import Release
from bottin.metainfo.rebuild import MagnetParts, magnet
from bottin.tracker import keys

FORMAT: Final = 1
BATCH: Final = 1_000
_PLAIN: Final = (
    *("id", "title", "original_title", "provenance_url", "provenance_statement", "description"),
    *("language", "authors", "year", "identifiers", "is_open", "published_at", "name", "version"),
    *("size_bytes", "file_count", "piece_length", "is_private", "info_hash_v1", "info_hash_v2"),
    *("category_id", "category__slug", "licence_id", "publisher__name", "metainfo__files"),
)

Record = dict[str, Any]


def listed() -> QuerySet[Release]:
    """Return what strangers see: nothing on a private site."""
    return Release.objects.visible_to(ANONYMOUS).listed()


def records_of(release_ids: Iterable[int]) -> dict[int, Record]:
    """Return the records of those among these that are public, by id. One query."""
    rows = listed().filter(pk__in=list(release_ids))
    return {int(record["id"]): record for record in _records(rows)}


def all_records() -> Iterator[Record]:
    """Yield every public record in the order of ids, a thousand a query."""
    last = 0
    while found := list(_records(listed().filter(pk__gt=last), BATCH)):
        yield from found
        last = int(found[-1]["id"])


def line_of(record: Record) -> bytes:
    """Return a record as a line: UTF-8, keys in one order, so that equal records are equal."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


def digest_of(record: Record) -> bytes:
    """Return the 32 bytes that change when the record does."""
    return sha256(line_of(record)).digest()


def magnet_of(record: Record) -> str | None:
    """Return the magnet link of a record that anyone may fetch, None for others (MAG-3, MAG-4)."""
    is_open = record["is_open"] or settings.BOTTIN_ACCESS == "public"
    if not is_open or record["is_private"]:
        return None
    v1, v2 = record["info_hash_v1"], record["info_hash_v2"]
    return magnet(
        MagnetParts(
            name=record["name"],
            info_hash_v1=bytes.fromhex(v1) if v1 else None,
            info_hash_v2=bytes.fromhex(v2) if v2 else None,
            size_bytes=record["size_bytes"],
            trackers=tuple(url for tier in keys.announce_tiers(None) for url in tier),
        )
    )


def _records(rows: QuerySet[Release], limit: int | None = None) -> Iterator[Record]:
    slugs = ArrayAgg("tags__slug", filter=Q(tags__isnull=False), order_by="tags__slug", default=[])
    for row in rows.order_by("pk").values(*_PLAIN, slugs=slugs)[:limit]:
        yield _record(row)


def _record(row: Mapping[str, Any]) -> Record:
    return {
        "v": FORMAT,
        "kind": "release",
        "id": str(row["id"]),
        "title": row["title"],
        "original_title": row["original_title"],
        "category": row["category__slug"],
        "category_id": str(row["category_id"]),
        "licence": row["licence_id"],
        "provenance_url": row["provenance_url"],
        "provenance_statement": row["provenance_statement"],
        "description": row["description"],
        "language": row["language"],
        "authors": list(row["authors"]),
        "year": row["year"],
        "identifiers": list(row["identifiers"]),
        "tags": list(row["slugs"]),
        "publisher": row["publisher__name"],
        "published_at": _time(row["published_at"]),
        "is_open": row["is_open"],
        "is_private": row["is_private"],
        "name": row["name"],
        "version": row["version"],
        "info_hash_v1": _hex(row["info_hash_v1"]),
        "info_hash_v2": _hex(row["info_hash_v2"]),
        "size_bytes": row["size_bytes"],
        "file_count": row["file_count"],
        "piece_length": row["piece_length"],
        "files": _files(row["metainfo__files"] or ""),
        "page": f"{settings.BOTTIN.origin}/torrents/{row['id']}",
    }


def _files(text: str) -> list[list[object]]:
    found: list[list[object]] = []
    for line in filter(None, text.split("\n")):
        size, _attr, path = line.split("\t", 2)
        found.append([path, int(size)])
    return found


def _hex(digest: bytes | None) -> str | None:
    return bytes(digest).hex() if digest else None


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
