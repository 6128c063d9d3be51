"""Where a page of results starts, in a form that only we can write."""

from typing import Final, NamedTuple

from django.conf import settings

from bottin.lib import paging
from bottin.lib.paging import BadCursor
from bottin.search.requests import SearchRequest

AFTER: Final = "a"
BEFORE: Final = "b"
_PARTS: Final = 3


class Place(NamedTuple):
    """After or before what, and whether the pages are of near spellings."""

    direction: str
    start: int | str
    has_typos: bool

    @property
    def is_backwards(self) -> bool:
        """Whether the page ends there."""
        return self.direction == BEFORE


def write(
    direction: str, start: int | str | None, request: SearchRequest, *, has_typos: bool
) -> str | None:
    """Return the cursor of a neighbouring page; None without a place."""
    if start is None:
        return None
    position = (direction, start, int(has_typos))
    return paging.encode(position, scope=_scope(request), key=settings.SECRET_KEY.encode())


def read(request: SearchRequest) -> Place | None:
    """Return the place that a request starts from. Raises BadCursor."""
    if request.cursor is None:
        return None
    key = settings.SECRET_KEY.encode()
    found = paging.decode(request.cursor, scope=_scope(request), key=key)
    if len(found) != _PARTS:
        raise BadCursor
    start = found[1] if isinstance(found[1], str) else int(found[1] or 0)
    return Place(str(found[0]), start, bool(found[2]))


def _scope(request: SearchRequest) -> str:
    shelf = request.category.pk if request.category else ""
    chosen = sorted((name, *sorted(values)) for name, values in request.filters.items())
    return f"search|{request.sort}|{shelf}|{request.mine}|{chosen}|{request.text}"
