"""Where the feed of a list is: with the member's own key, or for anyone."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest

from bottin.accounts.feed_keys import feed_key
from bottin.web.viewer import account_of

# What says how a page shows a list, not which list.
_OF_PAGES: Final = ("cursor", "sort", "lang", "mine", "layout", "facet")


@dataclass(frozen=True, slots=True)
class FeedAddresses:
    """One list as RSS and as Atom, absolute addresses."""

    rss: str
    atom: str


def addresses_of(request: HttpRequest, feed: str, given: str = "") -> FeedAddresses:
    """Return the addresses of a feed, `all` or `category/musique`; `given` comes after `?`.

    A member's carry their feed key, so that a reader fetches what they may.
    """
    account = account_of(request)
    name = quote(feed) + (f".{feed_key(account)}" if account else "")
    tail = f"{name}?{given}" if given else name
    origin = settings.BOTTIN.origin
    return FeedAddresses(f"{origin}/rss/{tail}", f"{origin}/atom/{tail}")


def of_this_search(request: HttpRequest) -> FeedAddresses:
    """Return the addresses of the feed that asks what this page of results asks."""
    given = request.GET.copy()
    for name in _OF_PAGES:
        given.pop(name, None)
    return addresses_of(request, "search", given.urlencode())
