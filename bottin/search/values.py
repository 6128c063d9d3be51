"""The fields of the query language: their names in both languages, the values they take."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from bottin.search.errors import BadQuery

# What people type → the field; French and English, with and without accents.
FIELDS: Final[dict[str, str]] = {
    **dict.fromkeys(("category", "cat", "categorie", "catégorie"), "category"),
    **dict.fromkeys(("licence", "license"), "licence"),
    **dict.fromkeys(("family", "famille"), "family"),
    **dict.fromkeys(("language", "lang", "langue"), "language"),
    **dict.fromkeys(("tag", "etiquette", "étiquette"), "tag"),
    **dict.fromkeys(("size", "taille"), "size"),
    **dict.fromkeys(("year", "annee", "année", "an"), "year"),
    **dict.fromkeys(("added", "ajoute", "ajouté", "date"), "added"),
    **dict.fromkeys(("by", "par", "publisher", "deposant", "déposant"), "publisher"),
    **dict.fromkeys(("type", "kind"), "kind"),
    **dict.fromkeys(("seeders", "seeds", "sources"), "seeders"),
    **dict.fromkeys(("leechers", "clients"), "leechers"),
    **dict.fromkeys(("completed", "termines", "terminés"), "completed"),
    **dict.fromkeys(("version",), "version"),
    **dict.fromkeys(("open", "ouvert"), "open"),
    **dict.fromkeys(("status", "etat", "état", "sante", "santé"), "status"),
    **dict.fromkeys(("webseed", "web"), "webseed"),
    **dict.fromkeys(("hash", "empreinte"), "hash"),
    **dict.fromkeys(("title", "titre"), "title"),
    **dict.fromkeys(("file", "fichier"), "file"),
    **dict.fromkeys(("author", "auteur", "autrice"), "author"),
    **{scheme: scheme for scheme in ("doi", "isbn", "issn", "ark", "wikidata", "swh")},
}
# Names that outlive addresses: `bottin.catalog.identifiers` says their forms.
IDENTIFIERS: Final = frozenset({"doi", "isbn", "issn", "ark", "wikidata", "swh"})
COUNTS: Final = frozenset({"seeders", "leechers", "completed"})
NUMERIC: Final = COUNTS | {"size", "year", "added"}
# Fields whose value is looked for as words.
TEXTUAL: Final = frozenset({"title", "file", "author"})
RANGE: Final = ".."

_SIZE: Final = re.compile(r"(\d{1,19}(?:[.,]\d{1,6})?)\s*([a-zà-ÿ]*)")
_COUNT: Final = re.compile(r"\d{1,9}")
_YEAR: Final = re.compile(r"\d{1,4}")
_HASH: Final = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")
_AGE: Final = re.compile(r"(\d{1,5})\s*(min|h|d|j|w|s|sem|mo|m|mois|y|a|an|ans)")
_DAY: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_HOUR: Final = 3_600
_DAY_S: Final = 86_400
_AGES: Final = {
    "min": 60,
    "h": _HOUR,
    **dict.fromkeys(("d", "j"), _DAY_S),
    **dict.fromkeys(("w", "s", "sem"), 7 * _DAY_S),
    **dict.fromkeys(("mo", "m", "mois"), 30 * _DAY_S),
    **dict.fromkeys(("y", "a", "an", "ans"), 365 * _DAY_S),
}
_AGE_MAX: Final = 99_999 * _DAY_S  # what five digits of days say; no release is older
_YES_NO: Final = {
    **dict.fromkeys(("yes", "oui", "1", "true"), "yes"),
    **dict.fromkeys(("no", "non", "0", "false"), "no"),
}
CHOICES: Final[dict[str, dict[str, str]]] = {
    "version": {"v1": "v1", "v2": "v2", "hybrid": "hybrid", "hybride": "hybrid"},
    "open": _YES_NO,
    "webseed": _YES_NO,
    "status": {
        **dict.fromkeys(("alive", "vivant", "vivante"), "alive"),
        "fragile": "fragile",
        **dict.fromkeys(("dying", "mourant", "mourante"), "dying"),
        **dict.fromkeys(("dormant", "dormante", "dead", "mort", "morte"), "dormant"),
    },
}
_SIZE_MAX: Final = 2**62


@dataclass(frozen=True, slots=True)
class Value:
    """A value as read: `low` and, for a day, a month or a year, the last second of it.

    `is_age`: the number counts seconds back from now.
    """

    low: str | int
    high: str | int
    is_age: bool = False


def _units() -> dict[str, int]:
    units = {"": 1, "o": 1, "b": 1}
    for power, letter in enumerate("kmgtp", start=1):
        decimal = dict.fromkeys((letter, f"{letter}o", f"{letter}b"), 1000**power)
        units |= decimal | dict.fromkeys((f"{letter}io", f"{letter}ib"), 1024**power)
    return units


_UNITS: Final = _units()


def read_value(field: str, comparison: str, text: str, *, at: int) -> Value:
    """Return what a field is compared with: bytes, a count, seconds, else a lower-case word.

    Sizes are decimal (`700 Mo`, `4GB`, `1.5g`) or binary (`4GiB`); dates are
    `2026`, `2026-05`, `2026-05-31` or an age (`30d`, `2w`, `6mo`, `1y`). Raises BadQuery.
    """
    if not text:
        raise BadQuery(reason="bad_value", field=field, value="", at=at)
    if comparison != "=" and field not in NUMERIC:
        raise BadQuery(reason="bad_comparison", field=field, value=comparison, at=at)
    lowered = text.lower()
    if field == "added":
        return _moment(lowered, at)
    if field in NUMERIC:
        number = _number(field, lowered, at)
        return Value(number, number)
    word = _word(field, lowered, at) if field not in TEXTUAL else text
    return Value(word, word)


def _word(field: str, lowered: str, at: int) -> str:
    choices = CHOICES.get(field)
    if choices is not None:
        if lowered not in choices:
            raise BadQuery(reason="unknown_value", field=field, value=lowered[:40], at=at)
        return choices[lowered]
    if field == "hash" and not _HASH.fullmatch(lowered):
        raise BadQuery(reason="bad_value", field=field, value=lowered[:40], at=at)
    return lowered


def _number(field: str, text: str, at: int) -> int:
    if field in COUNTS and _COUNT.fullmatch(text):
        return int(text)
    if field == "year" and _YEAR.fullmatch(text):
        return int(text)
    match = _SIZE.fullmatch(text) if field == "size" else None
    if match is None or match[2] not in _UNITS:
        raise BadQuery(reason="bad_value", field=field, value=text[:40], at=at)
    return min(int(Decimal(match[1].replace(",", ".")) * _UNITS[match[2]]), _SIZE_MAX)


def _moment(text: str, at: int) -> Value:
    if match := _AGE.fullmatch(text):
        seconds = min(int(match[1]) * _AGES[match[2]], _AGE_MAX)
        return Value(seconds, seconds, is_age=True)
    match = _DAY.fullmatch(text)
    span = _span(match) if match else None
    if span is None:
        raise BadQuery(reason="bad_value", field="added", value=text[:40], at=at)
    return span


def _span(match: re.Match[str]) -> Value | None:
    """Return the first and the last second of a year, month or day; None where there is none."""
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    try:
        first = date(year, month, day)
        if match[3]:
            after = first + timedelta(days=1)
        elif match[2]:
            after = date(year + month // 12, month % 12 + 1, 1)
        else:
            after = date(year + 1, 1, 1)
    except (ValueError, OverflowError):
        return None
    return Value(_seconds(first), _seconds(after) - 1)


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
