"""`datapackage.json` (Frictionless Data Package 1 and 2): what a dataset says of itself."""

from collections.abc import Mapping
from typing import Any, Final

from bottin.config.publishing import files, licences
from bottin.config.publishing.citation import (
    AUTHORS_MAX,
    TAGS_MAX,
    address_in,
    known_identifiers,
    year_in,
)
from bottin.config.publishing.said import Found, cut

NAME: Final = "datapackage.json"
_MADE_IT: Final = frozenset({"author", "creator"})


def read(text: str, origin: str = NAME) -> tuple[Found, list[tuple[str, str]]]:
    """Return the fields it gives, and (origin, licence) for each licence. Raises BadMetadata."""
    table = files.json_table(text, origin)
    found = Found()
    title = files.words_of(table.get("title")) or files.words_of(table.get("name"))
    found.take("title", title, origin)
    found.take("description", files.words_of(table.get("description")), origin)
    found.take("year", year_in(table.get("created")), origin)
    found.take("authors", cut(found, f"{origin}: authors", _authors(table), AUTHORS_MAX), origin)
    given = table.get("keywords")
    keywords = [files.words_of(one) for one in given] if isinstance(given, list) else []
    found.take("tags", cut(found, f"{origin}: keywords", keywords, TAGS_MAX), origin)
    known_identifiers(found, origin, [files.words_of(table.get("id"))])
    found.take("provenance_url", _address(table), origin)
    stated = [_licence(row) for row in files.rows_of(table.get("licenses"))]
    return found, [(origin, words) for words in stated if words]


def _address(table: Mapping[str, Any]) -> str:
    sources = files.rows_of(table.get("sources"))
    listed = [table.get("homepage"), *(row.get("path") for row in sources)]
    return next((address for one in listed if (address := address_in(one))), "")


def _licence(row: Mapping[str, Any]) -> str:
    """Return what names the licence: its name, else its address, the first that is known."""
    stated = [files.words_of(row.get("name")), address_in(row.get("path"))]
    known = (words for words in stated if licences.normalised(words))
    return next(known, next(filter(None, stated), ""))


def _authors(table: Mapping[str, Any]) -> list[str]:
    """Return who made it; when nobody is said to, those without a role."""
    rows = files.rows_of(table.get("contributors"))
    makers = [row for row in rows if _roles(row) & _MADE_IT]
    return [_name(row) for row in makers or (row for row in rows if not _roles(row))]


def _roles(row: Mapping[str, Any]) -> frozenset[str]:
    several = row.get("roles")
    listed = several if isinstance(several, list) else [row.get("role")]
    return frozenset(filter(None, (files.words_of(one).lower() for one in listed)))


def _name(row: Mapping[str, Any]) -> str:
    parts = (files.words_of(row.get("givenName")), files.words_of(row.get("familyName")))
    return files.words_of(row.get("title")) or " ".join(filter(None, parts))
