"""The `.torrent` and the magnet link that a person takes away."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote, urlsplit

from bottin.metainfo import bencode
from bottin.metainfo.errors import NoSuchVariant, PrivateMagnet
from bottin.metainfo.model import Metainfo, Outside

Variant = Literal["all", "v1", "v2"]

MAGNET_TRACKERS: Final = 5
_MULTIHASH_SHA256: Final = "1220"
# A long run of letters and digits in a tracker's address is somebody's key, ours or another's.
_KEYED_PATH: Final = re.compile(r"/[0-9A-Za-z_-]{16,}(?=[/?]|\Z)")
_KEYED_QUERY: Final = re.compile(r"(?:\A|&)(?:[a-z_-]*key|token|auth|sig)=", re.IGNORECASE)


def personal_torrent(info_bytes: bytes, outside: Outside, piece_layers: bytes = b"") -> bytes:
    """Return a `.torrent`: `info_bytes` untouched, `outside` around it (DL-1 to DL-3).

    `info_bytes` and `piece_layers` are as `Metainfo` holds them: bencoded, layers
    empty when there are none. Empty fields of `outside` are left out. `announce`
    is the first tracker of the first tier; `announce-list` is written when there
    is more than one. The result is canonical bencoding. The caller leaves `nodes`
    and others' trackers out for a private torrent (BEP 27), and gives web seeds of
    its allow-list only (META-9).
    """
    tiers = [list(tier) for tier in outside.trackers if tier]
    values: dict[bytes, bencode.Bencoded] = {
        b"announce": tiers[0][0] if tiers else "",
        b"announce-list": tiers if sum(map(len, tiers)) > 1 else [],
        b"comment": outside.comment,
        b"created by": outside.created_by,
        b"httpseeds": list(outside.http_seeds),
        b"nodes": [list(node) for node in outside.nodes],
        b"url-list": list(outside.web_seeds),
    }
    kept = {key: value for key, value in values.items() if value}
    if outside.creation_date is not None:
        kept[b"creation date"] = outside.creation_date
    slices = {b"info": info_bytes}
    if piece_layers:
        slices[b"piece layers"] = piece_layers
    return bencode.encode_around(kept, slices)


@dataclass(frozen=True, slots=True)
class MagnetParts:
    """What a magnet link says (MAG-1); no part may hold anyone's key (MAG-3).

    `info_hash_v1` is 20 bytes, `info_hash_v2` 32; at least one is given.
    `torrent_url` is an address of the `.torrent` that needs no key.
    """

    name: str
    info_hash_v1: bytes | None
    info_hash_v2: bytes | None
    size_bytes: int = 0
    trackers: tuple[str, ...] = ()
    web_seeds: tuple[str, ...] = ()
    torrent_url: str = ""
    is_private: bool = False

    @classmethod
    def of(cls, metainfo: Metainfo, trackers: Iterable[str]) -> "MagnetParts":
        """Take what a metainfo says, with our own key-less `trackers`; no web seed."""
        return cls(
            name=metainfo.name,
            info_hash_v1=metainfo.info_hash_v1,
            info_hash_v2=metainfo.info_hash_v2,
            size_bytes=metainfo.size_bytes,
            trackers=tuple(trackers),
            is_private=metainfo.is_private,
        )


def magnet(parts: MagnetParts, variant: Variant = "all") -> str:
    """Return a magnet link (BEP 9, BEP 52; MAG-1 to MAG-5), ASCII, percent-encoded.

    `all` gives every `xt` the torrent has; `v1` and `v2` one only, for clients
    that stumble over a hybrid's two. At most five trackers.

    Raises PrivateMagnet for a private torrent, NoSuchVariant where it lacks that
    hash, and ValueError (a bug of the caller) when an address looks keyed.
    """
    if parts.is_private:
        raise PrivateMagnet
    topics = _topics(parts, variant)
    if not topics:
        raise NoSuchVariant(variant=variant)
    if any(map(_is_keyed, (*parts.trackers, parts.torrent_url))) or any(
        _KEYED_PATH.search(urlsplit(url).path) for url in parts.trackers
    ):
        raise ValueError("an address in a magnet link looks keyed (MAG-3)")
    pairs = [("dn", parts.name)]
    if parts.size_bytes:
        pairs.append(("xl", str(parts.size_bytes)))
    pairs += [("tr", url) for url in parts.trackers[:MAGNET_TRACKERS]]
    pairs += [("ws", url) for url in parts.web_seeds]
    pairs += [("as", parts.torrent_url)] if parts.torrent_url else []
    return "magnet:?" + "&".join(
        topics + [f"{key}={quote(value, safe='')}" for key, value in pairs]
    )


def _topics(parts: MagnetParts, variant: Variant) -> list[str]:
    topics = []
    if parts.info_hash_v1 and variant != "v2":
        topics.append(f"xt=urn:btih:{parts.info_hash_v1.hex()}")
    if parts.info_hash_v2 and variant != "v1":
        topics.append(f"xt=urn:btmh:{_MULTIHASH_SHA256}{parts.info_hash_v2.hex()}")
    return topics


def _is_keyed(url: str) -> bool:
    split = urlsplit(url)
    return split.username is not None or bool(_KEYED_QUERY.search(split.query))
