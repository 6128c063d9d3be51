"""The fields of the query language: their names in both languages, the values they take."""

import re
from typing import Final

from bottin.search.errors import BadQuery

# What people type → the field; French and English, with and without accents.
FIELDS: Final[dict[str, str]] = {
    **dict.fromkeys(("category", "cat", "categorie", "catégorie"), "category"),
    **dict.fromkeys(("licence", "license"), "licence"),
    **dict.fromkeys(("language", "lang", "langue"), "language"),
    **dict.fromkeys(("tag", "etiquette", "étiquette"), "tag"),
    **dict.fromkeys(("size", "taille"), "size"),
    **dict.fromkeys(("by", "par", "publisher", "deposant", "déposant"), "publisher"),
    **dict.fromkeys(("type", "kind"), "kind"),
    **dict.fromkeys(("seeders", "seeds", "sources"), "seeders"),
    **dict.fromkeys(("version",), "version"),
    **dict.fromkeys(("open", "ouvert"), "open"),
}
NUMERIC: Final = frozenset({"size", "seeders"})

_SIZE: Final = re.compile(r"(\d{1,15}(?:[.,]\d{1,6})?)\s*([a-zà-ÿ]*)")
_COUNT: Final = re.compile(r"\d{1,9}")
_CHOICES: Final = {
    "version": {"v1": "v1", "v2": "v2", "hybrid": "hybrid", "hybride": "hybrid"},
    "open": {"yes": "yes", "oui": "yes", "1": "yes", "true": "yes", "no": "no", "non": "no"},
}
_SIZE_MAX: Final = 2**62


def _units() -> dict[str, int]:
    units = {"": 1, "o": 1, "b": 1}
    for power, letter in enumerate("kmgtp", start=1):
        decimal = dict.fromkeys((letter, f"{letter}o", f"{letter}b"), 1000**power)
        units |= decimal | dict.fromkeys((f"{letter}io", f"{letter}ib"), 1024**power)
    return units


_UNITS: Final = _units()


def read_value(field: str, comparison: str, text: str, *, at: int) -> str | int:
    """Return what a field is compared with: bytes for a size, a count, else a lower-case word.

    Sizes are decimal (`700 Mo`, `4GB`, `1.5g`) or binary (`4GiB`). Raises BadQuery.
    """
    if not text:
        raise BadQuery(reason="bad_value", field=field, value="", at=at)
    if comparison != "=" and field not in NUMERIC:
        raise BadQuery(reason="bad_comparison", field=field, value=comparison, at=at)
    if field in NUMERIC:
        return _number(field, text.lower(), at)
    lowered = text.lower()
    if field in _CHOICES:
        if lowered not in _CHOICES[field]:
            raise BadQuery(reason="unknown_value", field=field, value=text[:40], at=at)
        return _CHOICES[field][lowered]
    return lowered


def _number(field: str, text: str, at: int) -> int:
    if field == "seeders" and _COUNT.fullmatch(text):
        return int(text)
    match = _SIZE.fullmatch(text) if field == "size" else None
    if match is None or match[2] not in _UNITS:
        raise BadQuery(reason="bad_value", field=field, value=text[:40], at=at)
    return min(int(float(match[1].replace(",", ".")) * _UNITS[match[2]]), _SIZE_MAX)
