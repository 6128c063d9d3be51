"""Feeds as documents: RSS 2.0 with the elements that clients look for, and Atom 1.0."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Final, Literal
from xml.sax.xmlreader import AttributesImpl

from django.utils.feedgenerator import rfc2822_date, rfc3339_date
from django.utils.xmlutils import SimplerXMLGenerator

from bottin.feeds.items import TORRENT, Item, legal

Kind = Literal["rss", "atom"]
TTL_MIN: Final = 5  # minutes between two readings, as others say (RSS-5)
MEDIA_TYPES: Final[dict[Kind, str]] = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
}
_ATOM: Final = "http://www.w3.org/2005/Atom"
_NAMESPACES: Final = {
    "xmlns:atom": _ATOM,
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:torrent": "http://xmlns.ezrss.it/0.1/",
    "xmlns:torznab": "http://torznab.com/schemas/2015/feed",
}
_NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Head:
    """What a feed says of itself; addresses are absolute."""

    title: str
    description: str
    page_url: str
    self_url: str
    language: str


class _Writer(SimplerXMLGenerator):
    """Writes XML; attributes and texts are escaped, and hold nothing that XML forbids."""

    def __init__(self, out: StringIO) -> None:
        super().__init__(out, "utf-8")

    def begin(self, name: str, attributes: Mapping[str, str] | None = None) -> None:
        """Open an element."""
        self.startElement(name, AttributesImpl(attributes or {}))

    def leaf(self, name: str, text: str = "", attributes: Mapping[str, str] | None = None) -> None:
        """Write an element without elements in it."""
        held = {key: legal(value) for key, value in (attributes or {}).items()}
        self.addQuickElement(name, legal(text), held)


def document_of(kind: Kind, head: Head, items: Iterable[Item]) -> str:
    """Return the whole feed, UTF-8, well-formed for any title."""
    out = StringIO()
    write = _rss if kind == "rss" else _atom
    write(_Writer(out), head, tuple(items))
    return out.getvalue()


def latest(items: Iterable[Item]) -> datetime | None:
    """Return when the newest or last edited of them changed."""
    return max((item.updated_at for item in items), default=None)


def _rss(xml: _Writer, head: Head, items: tuple[Item, ...]) -> None:
    xml.startDocument()
    xml.begin("rss", {"version": "2.0", **_NAMESPACES})
    xml.begin("channel")
    xml.leaf("title", head.title)
    xml.leaf("link", head.page_url)
    xml.leaf("description", head.description)
    xml.leaf("language", head.language)
    xml.leaf("ttl", str(TTL_MIN))
    own = {"rel": "self", "href": head.self_url, "type": "application/rss+xml"}
    xml.leaf("atom:link", "", own)
    xml.leaf("lastBuildDate", rfc2822_date(latest(items) or _NEVER))
    for item in items:
        xml.begin("item")
        _rss_item(xml, item)
        xml.endElement("item")
    xml.endElement("channel")
    xml.endElement("rss")


def _rss_item(xml: _Writer, item: Item) -> None:
    xml.leaf("title", item.title)
    xml.leaf("guid", item.guid)  # without attribute: TZ-31
    xml.leaf("link", item.link)
    xml.leaf("comments", f"{item.guid}#comments")
    xml.leaf("pubDate", rfc2822_date(item.published_at.astimezone(UTC)))
    xml.leaf("category", item.category)
    xml.leaf("author", item.author)
    if item.enclosure:
        length = str(item.size_bytes)
        xml.leaf("enclosure", "", {"url": item.enclosure, "length": length, "type": TORRENT})
    xml.leaf("description", item.description)
    if item.content:
        xml.leaf("content:encoded", item.content)
    # Both on each item, an empty magnet too: one that is missing drops the item (RSS-11).
    xml.leaf("torrent:infoHash", item.info_hash)
    xml.leaf("torrent:contentLength", str(item.size_bytes))
    xml.leaf("torrent:magnetURI", item.magnet)
    xml.leaf("torrent:seeds", str(item.seeders))
    xml.leaf("torrent:peers", str(item.peers))
    xml.leaf("torrent:fileName", item.file_name)
    for name, value in item.attributes:
        xml.leaf("torznab:attr", "", {"name": name, "value": value})


def _atom(xml: _Writer, head: Head, items: tuple[Item, ...]) -> None:
    xml.startDocument()
    xml.begin("feed", {"xmlns": _ATOM, "xml:lang": head.language})
    xml.leaf("title", head.title)
    xml.leaf("subtitle", head.description)
    xml.leaf("id", head.page_url)
    xml.leaf("updated", rfc3339_date(latest(items) or _NEVER))
    xml.leaf("link", "", {"rel": "alternate", "href": head.page_url, "type": "text/html"})
    xml.leaf("link", "", {"rel": "self", "href": head.self_url, "type": "application/atom+xml"})
    for item in items:
        xml.begin("entry")
        _atom_entry(xml, item)
        xml.endElement("entry")
    xml.endElement("feed")


def _atom_entry(xml: _Writer, item: Item) -> None:
    xml.leaf("title", item.title)
    xml.leaf("id", item.guid)
    xml.leaf("updated", rfc3339_date(item.updated_at.astimezone(UTC)))
    xml.leaf("published", rfc3339_date(item.published_at.astimezone(UTC)))
    xml.leaf("link", "", {"rel": "alternate", "href": item.guid, "type": "text/html"})
    if item.enclosure:
        held = {"rel": "enclosure", "href": item.enclosure, "type": TORRENT}
        xml.leaf("link", "", {**held, "length": str(item.size_bytes)})
    xml.begin("author")
    xml.leaf("name", item.author)
    xml.endElement("author")
    category = next((value for name, value in item.attributes[::-1] if name == "category"), "")
    xml.leaf("category", "", {"term": category, "label": item.category})
    xml.leaf("rights", item.rights)
    xml.leaf("summary", item.description)
    xml.leaf("content", item.content or item.description, {"type": "html"})
