"""Bands of sizes and years, and small facets packed in one number."""

from collections.abc import Iterable, Iterator
from typing import Final

_M: Final = 1_000_000
_G: Final = 1_000 * _M

# name: from, up to but without; the names are those of addresses.
SIZES: Final[tuple[tuple[str, int, int | None], ...]] = (
    ("0-100M", 0, 100 * _M),
    ("100M-700M", 100 * _M, 700 * _M),
    ("700M-4G", 700 * _M, 4 * _G),
    ("4G-20G", 4 * _G, 20 * _G),
    ("20G-100G", 20 * _G, 100 * _G),
    ("100G-", 100 * _G, None),
)
YEARS: Final[tuple[tuple[str, int, int | None], ...]] = (
    ("-1899", 1, 1900),
    ("1900-1949", 1900, 1950),
    ("1950-1979", 1950, 1980),
    ("1980-1999", 1980, 2000),
    ("2000-2009", 2000, 2010),
    ("2010-2019", 2010, 2020),
    ("2020-", 2020, None),
)
STATUSES: Final = ("alive", "fragile", "dying", "dormant")
YES_NO: Final = ("yes", "no")
VERSIONS: Final = ("v1", "v2", "hybrid")
# Places of kinds of files in a mask; new ones go to the end.
KINDS: Final = (
    "video",
    "audio",
    "image",
    "archive",
    "document",
    "program",
    "subtitle",
    "other",
)
KIND_MASK: Final = "kind_mask"
FAMILIES: Final = (
    "free_software",
    "creative_commons",
    "public_domain",
    "open_data",
    "own_work",
)
# What each number is made of, least first; "" stands for none of the values.
_SIZE_NAMES: Final = tuple(name for name, _low, _high in SIZES)
_YEAR_NAMES: Final = tuple(name for name, _low, _high in YEARS)
PACKED: Final[dict[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "life_bundle": (
        ("status", STATUSES),
        ("open", YES_NO),
        ("webseed", YES_NO),
        ("version", VERSIONS),
    ),
    "size_bundle": (("size", _SIZE_NAMES), ("family", FAMILIES), ("year", _YEAR_NAMES)),
}
_BITS: Final = {kind: 1 << place for place, kind in enumerate(KINDS)}
# The values that a facet can have, where they are known beforehand.
VALUES: Final = {name: values for parts in PACKED.values() for name, values in parts}


def _shares(
    parts: tuple[tuple[str, tuple[str, ...]], ...],
) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield what each value of each facet adds to the number."""
    unit = 1
    for name, choices in parts:
        yield name, {value: place * unit for place, value in enumerate(choices, start=1)}
        unit *= len(choices) + 1


_SHARES: Final = {bundle: tuple(_shares(parts)) for bundle, parts in PACKED.items()}


def size_band(size_bytes: int) -> str:
    """Return the band of a size."""
    return _band(SIZES, size_bytes)


def year_band(year: int) -> str:
    """Return the band of a year, "" when it is not known (0)."""
    return _band(YEARS, year) if year else ""


def pack(bundle: str, values: dict[str, str]) -> int:
    """Return the number that holds these values of the facets of a bundle."""
    return sum(shares.get(values[name], 0) for name, shares in _SHARES[bundle])


def mask_of(kinds: Iterable[str]) -> int:
    """Return the number whose bits are these kinds of files."""
    return sum(_BITS.get(kind, 0) for kind in set(kinds))


def kinds_in(counts: dict[int, int]) -> dict[str, int]:
    """Return counts by kind from counts by mask."""
    found = {
        kind: sum(count for mask, count in counts.items() if mask >> place & 1)
        for place, kind in enumerate(KINDS)
    }
    rows = sorted(found.items(), key=lambda row: -row[1])
    return {kind: count for kind, count in rows if count}


def unpacked(bundle: str, counts: dict[int, int]) -> dict[str, dict[str, int]]:
    """Return counts by facet and value from counts by number."""
    found: dict[str, dict[str, int]] = {name: {} for name, _choices in PACKED[bundle]}
    for packed, count in counts.items():
        number = packed
        for name, choices in PACKED[bundle]:
            number, place = divmod(number, len(choices) + 1)
            if place:
                value = choices[place - 1]
                found[name][value] = found[name].get(value, 0) + count
    return found


def _band(bands: tuple[tuple[str, int, int | None], ...], value: int) -> str:
    return next((name for name, low, high in bands if value >= low and value < (high or 2**63)), "")
