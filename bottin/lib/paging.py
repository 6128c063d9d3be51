"""Opaque, signed cursors: where the next page starts, in a form nobody can write but us."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Final

from bottin.lib.errors import DomainError

# The sort values of the last row shown, and its id last so that ties have an order.
Position = tuple[str | int | float | None, ...]

_MAC_BYTES: Final = 16
_LONGEST: Final = 1_024


class BadCursor(DomainError):
    """A cursor that we did not make, or made for another list."""

    code = "paging.bad_cursor"


def encode(position: Position, *, scope: str, key: bytes) -> str:
    """Return the cursor after `position`: URL-safe ASCII, signed, not encrypted.

    `scope` names the list, its filters and its sort; a cursor is good for one
    only. `key` is the site's secret for cursors. Raises ValueError for a position
    too long to be read back (1,024 characters).
    """
    body = json.dumps(position, ensure_ascii=False, separators=(",", ":")).encode()
    token = urlsafe_b64encode(_mac(body, scope, key) + body).rstrip(b"=").decode()
    if len(token) > _LONGEST:
        raise ValueError("position too long for a cursor")
    return token


def decode(token: str, *, scope: str, key: bytes) -> Position:
    """Return the position in a cursor. Raises BadCursor for all but our own, same scope."""
    if len(token) > _LONGEST:
        raise BadCursor
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (UnicodeEncodeError, Base64Error) as error:
        raise BadCursor from error
    mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(body, scope, key)):
        raise BadCursor
    return tuple(json.loads(body))


def _mac(body: bytes, scope: str, key: bytes) -> bytes:
    named = scope.encode()
    message = b"bottin cursor" + len(named).to_bytes(4, "big") + named + body
    return hmac.digest(key, message, "sha256")[:_MAC_BYTES]
