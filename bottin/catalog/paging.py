"""Pages of releases in a stable order, by keyset: no offset, no row shown twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Final

from django.conf import settings
from django.db.models import Q, QuerySet

from bottin.catalog.errors import SortUnknown
from bottin.catalog.models import Release
from bottin.lib import paging
from bottin.lib.paging import BadCursor

LIMIT_MAX: Final = 200

_AFTER, _BEFORE = "a", "b"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a list that one index serves in order: by `key`, ties by id."""

    key: str
    is_descending: bool
    where: Q = field(default_factory=Q)

    def ordered(self, *, backwards: bool) -> list[str]:
        """Return the order of the stretch, or its mirror."""
        sign = "-" if self.is_descending is not backwards else ""
        return list(dict.fromkeys([f"{sign}{self.key}", f"{sign}pk"]))

    def beyond(self, value: object, pk: int, *, backwards: bool) -> Q:
        """Return what follows a row in that order."""
        step = "lt" if self.is_descending is not backwards else "gt"
        if self.key == "pk":
            return Q((f"pk__{step}", pk))
        ahead = Q((f"{self.key}__{step}", value)) | Q((self.key, value), (f"pk__{step}", pk))
        # The first condition is implied by the second; an index can start from it.
        return Q((f"{self.key}__{step}e", value)) & ahead


def _by_count(field: str) -> tuple[Segment, ...]:
    """Live swarms by count, then the dead ones: most releases have no row or a zero."""
    # `updated_at` is null only where there is no row; asking for the key would be answered
    # from the release's own id.
    none = Q((f"swarm__{field}", 0)) | Q(swarm__updated_at__isnull=True)
    return (
        Segment(f"swarm__{field}", is_descending=True, where=Q((f"swarm__{field}__gt", 0))),
        Segment("pk", is_descending=True, where=none),
    )


SORTS: Final[dict[str, tuple[Segment, ...]]] = {
    "newest": (Segment("published_at", is_descending=True),),
    "oldest": (Segment("published_at", is_descending=False),),
    "size": (Segment("size_bytes", is_descending=True),),
    "seeders": _by_count("seeders"),
    "leechers": _by_count("leechers"),
    "completed": _by_count("completed"),
    "title": (Segment("title_key", is_descending=False),),
    # What waits for the team.
    "waiting": (Segment("submitted_at", is_descending=False),),
    # For one person's own list, where drafts have no date.
    "latest": (Segment("pk", is_descending=True),),
}


# The orders that anyone may ask for: each has its index over published releases.
PUBLIC_SORTS: Final = frozenset(SORTS) - {"waiting", "latest"}


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of rows and the cursors of its neighbours, None where there is none."""

    rows: tuple[Release, ...]
    next_cursor: str | None
    previous_cursor: str | None


@dataclass(frozen=True, slots=True)
class Pager:
    """Cuts a queryset in pages. `scope` names the list: its cursors are good for no other."""

    sort: str
    scope: str
    limit: int

    def __post_init__(self) -> None:
        """Raise SortUnknown for an order that is not in `SORTS`."""
        if self.sort not in SORTS:
            raise SortUnknown(sort=self.sort, known=sorted(SORTS))

    def cut(self, releases: "QuerySet[Release]", cursor: str | None) -> Slice:
        """Return the page at `cursor`, the first one for None. Raises BadCursor.

        One query, two where a page crosses from live swarms to dead ones.
        """
        limit = max(1, min(self.limit, LIMIT_MAX))
        if cursor is None:
            start, backwards = None, False
        else:
            start = self._position(cursor)
            backwards = start[0] == _BEFORE
        found = self._walk(releases, start, backwards=backwards, count=limit + 1)
        rows, has_more = found[:limit], len(found) > limit
        if backwards:
            rows.reverse()
        has_next, has_previous = (True, has_more) if backwards else (has_more, cursor is not None)
        return Slice(
            tuple(rows),
            self._cursor(_AFTER, rows[-1]) if rows and has_next else None,
            self._cursor(_BEFORE, rows[0]) if rows and has_previous else None,
        )

    def _walk(
        self,
        releases: "QuerySet[Release]",
        start: paging.Position | None,
        *,
        backwards: bool,
        count: int,
    ) -> list[Release]:
        stretches = list(enumerate(SORTS[self.sort]))
        if backwards:
            stretches.reverse()
        found: list[Release] = []
        for index, segment in stretches:
            rows = releases.filter(segment.where).order_by(*segment.ordered(backwards=backwards))
            if start is not None:
                if index != start[1]:
                    continue
                rows = rows.filter(segment.beyond(*_read(start), backwards=backwards))
                start = None
            found += rows[: count - len(found)]
            if len(found) == count:
                break
        return found

    def _cursor(self, direction: str, row: Release) -> str:
        index = _segment_of(SORTS[self.sort], row)
        value = _value(SORTS[self.sort][index], row)
        shown = value.isoformat() if isinstance(value, datetime) else value
        return paging.encode(
            (direction, index, shown, row.pk), scope=self._name, key=settings.SECRET_KEY.encode()
        )

    def _position(self, cursor: str) -> paging.Position:
        found = paging.decode(cursor, scope=self._name, key=settings.SECRET_KEY.encode())
        if len(found) != 4 or found[1] not in range(len(SORTS[self.sort])):  # noqa: PLR2004
            raise BadCursor
        return found

    @property
    def _name(self) -> str:
        return f"{self.scope}|{self.sort}"


def _read(position: paging.Position) -> tuple[object, int]:
    return position[2], int(position[3] or 0)


def _segment_of(segments: Sequence[Segment], row: Release) -> int:
    return len(segments) - 1 if len(segments) > 1 and not _value(segments[0], row) else 0


def _value(segment: Segment, row: Release) -> datetime | str | int:
    if segment.key.startswith("swarm__"):
        return int(getattr(row, segment.key.removeprefix("swarm__")))
    value: datetime | str | int = attrgetter(segment.key)(row)
    return value
