"""What is asked of search, and what it answers, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bottin.catalog.models import Category, Release

# Facets that a search may be narrowed by, besides the category. Several values of one
# facet are alternatives; several facets must all hold.
FACETS: Final = (
    "status",
    "family",
    "licence",
    "language",
    "year",
    "size",
    "kind",
    "tag",
    "version",
    "open",
    "webseed",
    "publisher",
)
# What the one who asks did with a release; needs an account.
MINE: Final = ("seeding", "downloaded", "not_yet")


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is searched, on which shelf (a family too), narrowed how, in which order, from where.

    `filters` maps names of `FACETS` to chosen values: `{"status": ("alive",), "tag": ("bd",)}`.
    `mine` is "" or one of `MINE`. `among`, when given, holds the only releases
    that may be found: what the caller knows by other means, bookmarks for one.
    `with_facets`: count what each choice would leave.
    """

    text: str = ""
    category: Category | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mine: str = ""
    among: frozenset[int] | None = None
    sort: str = "relevance"
    cursor: str | None = None
    limit: int = 50
    with_facets: bool = False


@dataclass(frozen=True, slots=True)
class FacetCount:
    """One choice of a facet, and how many releases it would leave."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of results.

    `total` is exact. `categories` counts the hits on every shelf and family,
    whatever shelf is asked for; `facets` does so for each facet, whatever is
    chosen of it. `has_typos`: nothing, or little, was spelt like that, and these
    are near. `suggestion` is the query with a likelier spelling. `understood` is
    the query as it was read. `is_rebuilding`: there is no index at the moment,
    and these come from the database, latest first, `total` not known to be whole.
    """

    rows: tuple[Release, ...]
    next_cursor: str | None
    previous_cursor: str | None
    total: int
    categories: dict[int, int]
    has_typos: bool = False
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    suggestion: str = ""
    understood: str = ""
    is_rebuilding: bool = False
