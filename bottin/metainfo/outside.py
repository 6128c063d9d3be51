"""What surrounds `info`: read where it makes sense, ignored where not, never a reason to refuse.

All of it is stripped and rebuilt on download (META-9, DL-2), so a bad value costs a caution only.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from bottin.metainfo.bencode import Bencoded
from bottin.metainfo.fields import Dictionary
from bottin.metainfo.limits import Limits
from bottin.metainfo.model import Caution, Outside

_KNOWN: Final = frozenset(
    {
        b"announce",
        b"announce-list",
        b"comment",
        b"comment.utf-8",
        b"created by",
        b"creation date",
        b"encoding",
        b"httpseeds",
        b"info",
        b"nodes",
        b"piece layers",
        b"url-list",
    }
)
_TRACKER_SCHEMES: Final = frozenset({"http", "https", "udp", "ws", "wss"})
_URL_CHARACTERS: Final = 2_048
_TEXT_CHARACTERS: Final = 4_096
_HOST_CHARACTERS: Final = 253
_LATEST: Final = 253_402_300_799  # 9999-12-31T23:59:59Z, the last second datetime can hold
# Never in an address; a backslash is a slash to some programs and not to others.
_NO_ADDRESS: Final = re.compile(r'[\x00-\x20\x7f-\x9f\\<>"]')


def read(values: Dictionary, limits: Limits) -> tuple[Outside, list[Caution]]:
    """Return what stands beside `info` in the outermost dictionary, and what was left out.

    `values` are decoded, keys as bytes; `info` and `piece layers` are not looked
    at. Raises nothing.
    """
    unknown = (key for key in values if key not in _KNOWN)
    cautions = [
        Caution("unknown_key_left_out", key[:64].decode("utf-8", "backslashreplace"))
        for key in islice(unknown, limits.warnings)
    ]
    outside = Outside(
        trackers=tuple(_tiers(values, limits.trackers)),
        web_seeds=_seeds(values.get(b"url-list"), limits.web_seeds, cautions),
        http_seeds=_seeds(values.get(b"httpseeds"), limits.web_seeds, cautions),
        nodes=tuple(islice(_nodes(values.get(b"nodes")), limits.web_seeds)),
        comment=_text(values.get(b"comment")),
        created_by=_text(values.get(b"created by")),
        creation_date=_date(values.get(b"creation date")),
    )
    return outside, cautions


def _tiers(values: Dictionary, most: int) -> Iterator[tuple[str, ...]]:
    listed = values.get(b"announce-list")
    tiers = [tier for tier in listed if isinstance(tier, list)] if isinstance(listed, list) else []
    if not any(tiers):
        tiers = [[values.get(b"announce")]]
    left = most
    seen: set[str] = set()
    for tier in tiers[:most]:
        urls = [url for url in map(_url, tier[:left]) if url and url not in seen]
        urls = [url for url in dict.fromkeys(urls) if urlsplit(url).scheme in _TRACKER_SCHEMES]
        seen.update(urls)
        left -= len(tier[:left])  # looked at, kept or not: bad ones cost as much
        if urls:
            yield tuple(urls)


def _seeds(value: Bencoded, most: int, cautions: list[Caution]) -> tuple[str, ...]:
    found = [value] if isinstance(value, bytes) and value else value
    if not isinstance(found, list):
        return ()
    kept: dict[str, None] = {}
    for raw in found[:most]:
        url = _url(raw)
        if url and urlsplit(url).scheme == "https":
            kept[url] = None
        else:
            cautions.append(Caution("web_seed_left_out", _text(raw)[:200]))
    if len(found) > most:
        cautions.append(Caution("web_seed_left_out", f"{len(found) - most} more"))
    return tuple(kept)


def _url(raw: Bencoded) -> str | None:
    """Return an absolute address with a host and no sign-in, or None."""
    if not isinstance(raw, bytes) or len(raw) > _URL_CHARACTERS:
        return None
    try:
        url = raw.strip().decode()
        parts = urlsplit(url)
        _ = parts.port  # raises on a port that is none
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None or _NO_ADDRESS.search(url):
        return None
    return parts.scheme + url[len(parts.scheme) :]


def _nodes(value: Bencoded) -> Iterator[tuple[str, int]]:
    for node in value if isinstance(value, list) else ():
        match node:
            case [bytes() as host, int() as port] if (
                0 < port < 2**16 and 0 < len(host) <= _HOST_CHARACTERS and host.isascii()
            ):
                yield host.decode("ascii"), port
            case _:
                continue


def _text(value: Bencoded) -> str:
    if not isinstance(value, bytes):
        return ""
    return value.decode("utf-8", "replace")[:_TEXT_CHARACTERS]


def _date(value: Bencoded) -> int | None:
    return value if isinstance(value, int) and 0 < value <= _LATEST else None
