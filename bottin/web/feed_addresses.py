"""Where the feed of a list is: with the member's own key, or for anyone."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest

from bottin.accounts.feed_keys import feed_key
from bottin.web.viewer import account_of


@dataclass(frozen=True, slots=True)
class FeedAddresses:
    """One list as RSS and as Atom, absolute addresses."""

    rss: str
    atom: str


def addresses_of(request: HttpRequest, feed: str, **given: str) -> FeedAddresses:
    """Return the addresses of a feed, `all` or `category/musique`, with its parameters.

    A member's carry their feed key, so that a reader fetches what they may.
    """
    account = account_of(request)
    name = quote(feed) + (f".{feed_key(account)}" if account else "")
    wanted = urlencode({key: value for key, value in given.items() if value})
    tail = f"{name}?{wanted}" if wanted else name
    origin = settings.BOTTIN.origin
    return FeedAddresses(f"{origin}/rss/{tail}", f"{origin}/atom/{tail}")
