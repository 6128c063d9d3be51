"""Feeds of every list, and the `.torrent` files that their items lead to."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from bottin.accounts.permissions import Permission
from bottin.catalog import downloads, queries
from bottin.feeds import documents, keeping
from bottin.feeds.callers import Caller, caller_of, split_key
from bottin.feeds.documents import Head, Kind
from bottin.feeds.errors import NoSuchFeed
from bottin.feeds.items import TORRENT, Reader, item_of, legal
from bottin.feeds.plain import plain
from bottin.feeds.selections import Selection, selection_of, texts_of

_LONGEST_ID: Final = 18


@plain(Permission.BROWSE)
def rss(request: HttpRequest, feed: str) -> HttpResponse:
    """Give a list as RSS 2.0."""
    return _feed(request, feed, "rss")


@plain(Permission.BROWSE)
def atom(request: HttpRequest, feed: str) -> HttpResponse:
    """Give a list as Atom 1.0."""
    return _feed(request, feed, "atom")


@plain(Permission.DOWNLOAD_OPEN)
def torrent(request: HttpRequest, name: str) -> HttpResponse:
    """Give a `.torrent`: the key's owner their own, a stranger that of an open release (DL-4)."""
    number, key = split_key(name, request)
    caller = caller_of(request, key)
    if not (number.isascii() and number.isdecimal() and len(number) <= _LONGEST_ID):
        raise NoSuchFeed(feed=number[:40])
    release = queries.fetched_release_for(int(number), caller.viewer)
    file = downloads.personal_torrent(release, viewer=caller.viewer)
    response = HttpResponse(file.content, content_type=TORRENT)
    named = f"attachment; filename=\"{file.name}\"; filename*=UTF-8''{file.name}"
    response["Content-Disposition"] = named
    response["Content-Length"] = str(len(file.content))
    response["Cache-Control"] = "private, no-store"
    return response


def _feed(request: HttpRequest, feed: str, kind: Kind) -> HttpResponse:
    name, key = split_key(feed, request)
    caller = caller_of(request, key)
    with translation.override(_language(request, caller)):
        selection = selection_of(name, caller.viewer, request.GET)
        body = _body(request, kind, selection, caller)
    return keeping.answer(request, body, caller.key, documents.MEDIA_TYPES[kind])


def _body(request: HttpRequest, kind: Kind, selection: Selection, caller: Caller) -> keeping.Body:
    reader = Reader(
        key=keeping.KEY_HERE if caller.key else "",
        links_pages=request.GET.get("link") == "page" or not caller.key,
    )

    def make() -> tuple[str, datetime | None]:
        texts = texts_of(selection.rows)
        items = [item_of(row, texts.get(row.pk, ""), reader) for row in selection.rows]
        head = _head(request, kind, selection, reader)
        return documents.document_of(kind, head, items), documents.latest(items)

    parts = (kind, translation.get_language(), str(reader), selection.page_path)
    return keeping.kept("|".join(map(str, (*parts, _given(request)))), selection.rows, make)


def _head(request: HttpRequest, kind: Kind, selection: Selection, reader: Reader) -> Head:
    origin = settings.BOTTIN.origin
    name, _key = split_key(request.path.removeprefix(f"/{kind}/"), request)
    address = f"{origin}/{kind}/{name}" + (f".{reader.key}" if reader.key else "")
    given = _given(request)
    return Head(
        title=legal(f"{selection.title} · {settings.BOTTIN.site_name}"),
        description=_("Published releases, newest first."),
        page_url=f"{origin}{selection.page_path}",
        self_url=f"{address}?{given}" if given else address,
        language=translation.get_language() or settings.LANGUAGE_CODE,
    )


def _given(request: HttpRequest) -> str:
    """Return the parameters in one order, without a key."""
    given = request.GET.copy()
    given.pop("key", None)
    return "&".join(sorted(filter(None, given.urlencode().split("&"))))


def _language(request: HttpRequest, caller: Caller) -> str:
    asked = request.GET.get("lang", "")
    if asked in dict(settings.LANGUAGES):
        return asked
    return caller.viewer.language if caller.viewer.is_signed_in else settings.LANGUAGE_CODE
