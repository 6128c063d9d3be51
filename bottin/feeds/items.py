"""What a feed says of one release: the values of an item, the same in RSS and Atom."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings

from bottin.catalog import downloads
from bottin.catalog.listings import is_open_to_all
from bottin.catalog.models import Category, Release
from bottin.catalog.text import slug_of

TORRENT: Final = "application/x-bittorrent"
_KIB: Final = 1024
_UNITS: Final = ("B", "KiB", "MiB", "GiB")  # RSS-14: programs know no TiB
# What XML 1.0 cannot hold at all, escaped or not (TZ-43).
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Item:
    """One release in a feed.

    `guid` is its page and never changes (RSS-2). `enclosure` is where the
    `.torrent` is, "" when nobody may fetch it from this feed.
    """

    guid: str
    title: str
    link: str
    enclosure: str
    author: str
    category: str
    published_at: datetime
    updated_at: datetime
    size_bytes: int
    description: str
    content: str
    rights: str
    file_name: str
    magnet: str
    info_hash: str
    seeders: int
    peers: int
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """How a feed is read: `key` is what stands in addresses, "" for nobody's."""

    key: str = ""
    links_pages: bool = False


def item_of(release: Release, content: str, reader: Reader) -> Item:
    """Return the item of a published release as `catalog.queries.lines` reads it. No query."""
    page = downloads.page_url(release)
    enclosure = _enclosure(release, reader)
    published_at = release.published_at or release.created_at
    category = release.category
    return Item(
        guid=page,
        title=legal(release.title),
        link=page if reader.links_pages or not (reader.key and enclosure) else enclosure,
        enclosure=enclosure,
        author=legal(release.publisher.name),
        category=legal(category.label) if category else "",
        published_at=published_at,
        updated_at=max(published_at, release.edited_at or published_at),
        size_bytes=release.size_bytes,
        description=_machine_words(release),
        content=legal(content),
        rights=release.licence_id or "",
        file_name=f"{slug_of(str(release))}.torrent",
        magnet=downloads.plain_magnet_of(release) or "",
        info_hash=release.canonical_info_hash.hex(),
        seeders=release.seeders,
        peers=release.seeders + release.leechers,
        attributes=tuple(_attributes(release, category)),
    )


def legal(text: str) -> str:
    """Drop what XML cannot hold."""
    return _ILLEGAL.sub("", text)


def machine_size(size_bytes: int) -> str:
    """Return a size that Sonarr and autobrr read alike: `1.13 GiB`, a point, never TiB (RSS-14)."""
    value, unit = float(size_bytes), 0
    while value >= _KIB and unit < len(_UNITS) - 1:
        value /= _KIB
        unit += 1
    return f"{value:.2f} {_UNITS[unit]}" if unit else f"{size_bytes} {_UNITS[0]}"


def _machine_words(release: Release) -> str:
    """Return the description: machine-built, with one size and no words of people (RSS-15)."""
    peers = release.seeders + release.leechers
    return (
        f"Size: {machine_size(release.size_bytes)} | Seeders: {release.seeders}"
        f" | Leechers: {release.leechers} | Peers: {peers}"
    )


def _enclosure(release: Release, reader: Reader) -> str:
    start = f"{settings.BOTTIN.origin}/torrent/download/{release.pk}"
    if reader.key:
        return f"{start}.{reader.key}"
    return start if is_open_to_all(release) else ""


def _attributes(release: Release, category: Category | None) -> list[tuple[str, str]]:
    """Return the Torznab attributes: the same facts where programs look for them (RSS-1)."""
    standard = [word for word in (category.newznab if category else "").split() if word.isdecimal()]
    ids = [*standard, *([str(category.pk)] if category else [])]
    found = [("category", each) for each in ids]
    found += [
        ("size", str(release.size_bytes)),
        ("files", str(release.file_count)),
        ("grabs", str(release.completed)),
        ("seeders", str(release.seeders)),
        ("leechers", str(release.leechers)),
        ("peers", str(release.seeders + release.leechers)),
        ("infohash", release.canonical_info_hash.hex()),
        # Both, always: some programs read an absent one as free (TZ-38).
        ("downloadvolumefactor", "1"),
        ("uploadvolumefactor", "1"),
    ]
    if release.info_hash_v2:
        found.append(("infohash_v2", release.info_hash_v2.hex()))
    if release.licence_id:
        found.append(("licence", release.licence_id))
    return found
