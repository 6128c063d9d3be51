"""A search as the API asks it: words, and filters beside them."""

from typing import Protocol

from bottin.accounts.viewer import Viewer
from bottin.api import lookups
from bottin.catalog.queries import ReleasePage
from bottin.search import queries as search
from bottin.search.errors import SearchNotReady
from bottin.search.queries import SearchRequest


class Asked(Protocol):
    """The filters of a list, as sent."""

    q: str
    category: str
    licence: str
    publisher: str
    cursor: str
    limit: int

    @property
    def sort(self) -> str | None:
        """The order, None for that of the search itself."""


def search_page(viewer: Viewer, asked: Asked) -> ReleasePage:
    """Return the page of releases that match; filters that name nothing are refused by name.

    Raises InvalidFields, and what `bottin.search.queries.search` raises.
    """
    request = SearchRequest(
        text=_query(asked),
        category=lookups.category_of(asked.category),
        sort=asked.sort or "relevance",
        cursor=asked.cursor or None,
        limit=asked.limit,
    )
    found = search.search(viewer, request)
    if found.is_rebuilding:
        # A program takes an answer for the whole one: it is told to come back instead.
        raise SearchNotReady
    return ReleasePage(found.rows, found.next_cursor, found.previous_cursor, found.total)


def _query(asked: Asked) -> str:
    """Write the filters in the query language, before the words: an open quote ends nothing."""
    licence = lookups.licence_of(asked.licence)
    publisher = lookups.publisher_of(asked.publisher)
    filters = [
        f'licence:"{licence.code}"' if licence else "",
        f'publisher:"{publisher.name}"' if publisher else "",
    ]
    given = " ".join(filter(None, filters))
    return f"{given} ({asked.q}" if given and asked.q else given or asked.q
