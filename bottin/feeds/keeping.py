"""Feeds as bodies: made once for many readers, keys put in afterwards; 304 for who has it."""

import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from bottin.catalog.models import Release

# Counts of peers move all the time: a feed says them anew after five minutes (RSS-5).
KEPT_S: Final = 300
# What stands for the reader's key in a kept body; drawn at each start, so that no title holds it.
KEY_HERE: Final = f"{secrets.token_hex(20)}"


@dataclass(frozen=True, slots=True)
class Body:
    """A whole feed with `KEY_HERE` for a key, and when what it holds last changed."""

    marks: str
    etag: str
    packed: bytes
    changed_at: datetime | None


def kept(
    name: str, rows: tuple[Release, ...], make: Callable[[], tuple[str, datetime | None]]
) -> Body:
    """Return the body of a feed, made again when its releases changed or five minutes went by.

    The rows were just read, so a release that was removed is in no answer after
    that, whatever is kept (TRK-4).
    """
    key = f"feeds:body:{_digest(name)}"
    marks = _digest("|".join(f"{row.pk} {row.edited_at} {row.published_at}" for row in rows))
    found: Body | None = cache.get(key)
    if found is not None and found.marks == marks:
        return found
    text, changed_at = make()
    body = Body(marks, _digest(text), zlib.compress(text.encode(), 1), changed_at)
    cache.set(key, body, KEPT_S)
    return body


def answer(request: HttpRequest, body: Body, key: str, media_type: str) -> HttpResponse:
    """Return the feed with the reader's key in it, or 304 when the reader has it (RSS-5)."""
    etag = f'"{_digest(body.etag + key)}"'
    modified = int(body.changed_at.timestamp()) if body.changed_at else None
    whole = HttpResponse(
        zlib.decompress(body.packed).decode().replace(KEY_HERE, key), content_type=media_type
    )
    response = get_conditional_response(request, etag, modified, whole)
    if not isinstance(response, HttpResponse):
        return whole
    response["ETag"] = etag
    if modified is not None:
        response["Last-Modified"] = http_date(modified)
    response["Cache-Control"] = "private, no-cache" if key else "public, no-cache"
    return response


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
