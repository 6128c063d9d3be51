"""Pages of a list: how many rows, and the `Link` header (API-4).

The cursors themselves are `bottin.lib.paging`'s: signed, and good for one list only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 200
_NOT_FILTERS: Final = frozenset({"cursor", "limit"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a list stands: `path` and `filters` name the list, without its paging."""

    path: str
    filters: tuple[tuple[str, str], ...]
    limit: int

    def link(self, relations: Mapping[str, str | None]) -> str:
        """Write the `Link` header (RFC 8288) with addresses relative to the site."""
        return ", ".join(
            f'<{self.path}?{self._query(cursor)}>; rel="{relation}"'
            for relation, cursor in relations.items()
            if cursor is not None
        )

    def _query(self, cursor: str) -> str:
        given = [("cursor", cursor)] if cursor else []
        return urlencode([*self.filters, ("limit", str(self.limit)), *given])


def place_of(request: HttpRequest, limit: int) -> Place:
    """Return the place of the page that `request` asks for."""
    pairs = (
        (name, str(value))
        for name, values in request.GET.lists()
        for value in values
        if name not in _NOT_FILTERS
    )
    return Place(request.path, tuple(sorted(pairs)), limit)


def link_pages(
    response: HttpResponse, place: Place, *, following: str | None, previous: str | None
) -> None:
    """Add the `Link` header of a page, from its cursors."""
    response["Link"] = place.link({"first": "", "next": following, "prev": previous})
