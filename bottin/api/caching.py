"""Validators of answers: an `ETag` from the bytes, and 304 for a reader who has them (API-5)."""

from hashlib import blake2b
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags

# What an answer depends on besides its address.
VARY: Final = "Authorization, Accept-Language"
_KEPT_ON_304: Final = (
    "Cache-Control",
    "Content-Language",
    "Content-Location",
    "Link",
    "RateLimit",
    "RateLimit-Policy",
    "Vary",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
)


def validated(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give a 200 answer its validator; answer 304 without a body when the reader has it.

    The tag is weak (RFC 9110 8.8.1): a proxy may compress the same answer.
    """
    if response.status_code != 200 or request.method not in {"GET", "HEAD"}:  # noqa: PLR2004
        return response
    digest = blake2b(response.content, digest_size=12).hexdigest()
    response["ETag"] = f'W/"{digest}"'
    if not _has(request, digest):
        return response
    unchanged = HttpResponse(status=304)
    del unchanged["Content-Type"]
    unchanged["ETag"] = response["ETag"]
    for name in _KEPT_ON_304:
        if name in response:
            unchanged[name] = response[name]
    return unchanged


def _has(request: HttpRequest, digest: str) -> bool:
    held = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in held or any(tag.removeprefix("W/") == f'"{digest}"' for tag in held)
