"""What is indexed and what is asked, as plain values.

Orders are numbers that hold the value and, below it, the release's id: no two
are equal, so that a page starts exactly where the last one ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bottin.search.language import AllOf

ID_BITS: Final = 32
ID_MASK: Final = 2**ID_BITS - 1
_TOP: Final = 2**31 - 1
_EPOCH_S: Final = 946_684_800  # 2000-01-01, so that dates fit above the id
_KIB: Final = 1024

ORDERS: Final = ("by_date", "by_size", "by_seeders", "by_leechers", "by_completed")


@dataclass(frozen=True, slots=True)
class Entry:
    """A release as it is indexed. Texts are many lines; `published_s` is unix seconds."""

    release_id: int
    title: str
    body: str
    files: str
    is_english: bool
    category_id: int
    family_id: int
    exact: Mapping[str, Sequence[str]]
    size_bytes: int
    published_s: int
    counts: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Order:
    """How hits are ordered: by `field` (None: relevance), starting beyond `beyond` if given."""

    field: str | None = None
    is_descending: bool = True
    beyond: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One search. `category_ids` narrows hits and total, not the counts by category."""

    node: AllOf
    order: Order
    limit: int
    offset: int = 0
    category_ids: tuple[int, ...] = ()
    has_typos: bool = False


@dataclass(frozen=True, slots=True)
class Hits:
    """Ids in order, their keys in that order (empty for relevance), exact counts by category."""

    ids: tuple[int, ...]
    keys: tuple[int, ...]
    total: int
    categories: dict[int, int]


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
    return (min(value, _TOP) << ID_BITS) | (release_id & ID_MASK)
