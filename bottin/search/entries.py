"""What is indexed and what is asked, as plain values.

Orders are numbers that hold the value and, below it, the release's id: no two
are equal, so that a page starts exactly where the last one ended.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from bottin.search.language import AllOf, AnyOf, Filter, Node, Not

ID_BITS: Final = 32
ID_MASK: Final = 2**ID_BITS - 1
_TOP: Final = 2**31 - 1
_EPOCH_S: Final = 946_684_800  # 2000-01-01, so that dates fit above the id
_KIB: Final = 1024

ORDERS: Final = ("by_date", "by_size", "by_seeders", "by_leechers", "by_completed")
BY_NAME: Final = "by_name"

# Relevance is multiplied by `weight_of`: docs/search.md explains the figures.
_DOUBLING_S: Final = 10 * 365.25 * 86_400
_LIFE: Final = 0.12
_ALIVE_FROM: Final = 3
# More seeders than that weigh no more: what any release can weigh is known beforehand.
_SEEDERS_MAX: Final = 1_000_000


class Entry(NamedTuple):
    """A release as it is indexed. Texts are many lines; `published_s` is unix seconds.

    `exact` are the words of fields that are compared whole. `language` decides the
    stem of the body: "en", "fr", or "" for both. `year` is 0 when not known.
    """

    release_id: int
    title: str
    body: str
    files: str
    language: str
    category_id: int
    family_id: int
    exact: Mapping[str, Sequence[str]]
    size_bytes: int
    published_s: int
    counts: tuple[int, int, int]
    title_key: str = ""
    authors: str = ""
    names: str = ""
    grams: str = ""
    licence: str = ""
    licence_family: str = ""
    publisher: str = ""
    version: str = ""
    year: int = 0
    is_open: bool = False
    has_web_seed: bool = False

    @property
    def status(self) -> str:
        """Whether it lives (SRCH-8), from its counts and its web seeds."""
        seeders, leechers, _completed = self.counts
        if seeders:
            return "alive" if seeders >= _ALIVE_FROM else "fragile"
        return "dying" if leechers or self.has_web_seed else "dormant"


@dataclass(frozen=True, slots=True)
class Order:
    """How hits are ordered: by `field` (None: relevance), starting beyond `beyond` if given.

    `beyond` is a number, for names the last name shown.
    """

    field: str | None = None
    is_descending: bool = True
    beyond: int | str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One search. `category_ids` and `chosen` narrow hits and total.

    The counts by category leave `category_ids` out, those of a facet what is
    chosen of it. `only` and `never` are ids of releases. `now_s`: what ages are
    counted from.
    """

    node: AllOf
    order: Order
    limit: int
    offset: int = 0
    category_ids: tuple[int, ...] = ()
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only: frozenset[int] | None = None
    never: frozenset[int] = frozenset()
    has_typos: bool = False
    with_facets: bool = False
    with_total: bool = True
    now_s: int = 0

    @property
    def may_be_kept(self) -> bool:
        """Whether others will ask the same: nobody's own releases, no age, which moves."""
        return self.only is None and not self.never and not _has_age(self.node)


@dataclass(frozen=True, slots=True)
class Hits:
    """Ids in order, their keys in that order (empty for relevance), exact counts."""

    ids: tuple[int, ...]
    keys: tuple[int | str, ...]
    total: int
    categories: dict[int, int]
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


def _has_age(node: Node) -> bool:
    match node:
        case AllOf(nodes) | AnyOf(nodes):
            return any(map(_has_age, nodes))
        case Not(inner):
            return _has_age(inner)
        case Filter(name):
            return name == "age"
    return False


def stepped(count: int) -> int:
    """Round a count down to one eighth of its power of two; exact up to 15.

    Counts move all the time; an index follows them in steps that change rank visibly.
    """
    spare = max(0, count.bit_length() - 4)
    return count >> spare << spare


def order_keys(entry: Entry) -> dict[str, int]:
    """Return the numbers that a release is ordered by."""
    seeders, leechers, completed = map(stepped, entry.counts)
    values = {
        "by_date": max(0, entry.published_s - _EPOCH_S),
        "by_size": entry.size_bytes // _KIB,
        "by_seeders": seeders,
        "by_leechers": leechers,
        "by_completed": completed,
    }
    return {name: key_of(value, entry.release_id) for name, value in values.items()}


def key_of(value: int, release_id: int) -> int:
    """Return the number that orders by a value, then by id."""
    return (min(max(value, 0), _TOP) << ID_BITS) | (release_id & ID_MASK)


def value_of(key: int) -> int:
    """Return the value in a number that orders."""
    return key >> ID_BITS


def date_value(unix_s: int) -> int:
    """Return the value of `by_date` for a moment."""
    return min(max(unix_s - _EPOCH_S, 0), _TOP)


def name_key(entry: Entry) -> str:
    """Return what titles sort by, ties broken by id."""
    return f"{entry.title_key}\x00{entry.release_id:012d}"


def name_head(name: str) -> int:
    """Return the first eight bytes of a name as a number of the same order."""
    return int.from_bytes(name.encode()[:8].ljust(8, b"\x00"), "big")


def weight_of(entry: Entry) -> float:
    """Return what relevance is multiplied by: fresher and livelier is more.

    Ten years double it whatever the date of the search, so that it never needs to
    be written again as time goes by; each doubling of seeders adds an eighth.
    """
    return _weight(entry.published_s, stepped(entry.counts[0]))


def weight_max(now_s: int) -> float:
    """Return the most that a release published by now can weigh."""
    return _weight(now_s, _SEEDERS_MAX)


def _weight(published_s: int, seeders: int) -> float:
    freshness = math.exp2(max(0, published_s - _EPOCH_S) / _DOUBLING_S)
    return freshness * (1.0 + _LIFE * math.log2(1 + min(seeders, _SEEDERS_MAX)))
