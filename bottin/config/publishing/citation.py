"""`CITATION.cff` (Citation File Format 1.2): how a work wants to be cited."""

import re
from collections.abc import Mapping
from typing import Any, Final

from bottin.catalog import identifiers
from bottin.config.publishing import files
from bottin.config.publishing.said import Found, cut

NAME: Final = "CITATION.cff"
# What takes part in the content's own description: limits of the form (API).
AUTHORS_MAX: Final = 20
TAGS_MAX: Final = 20
_YEAR: Final = re.compile(r"(\d{4})(?:-\d{2}(?:-\d{2})?)?(?:[T ].*)?\Z")
_ADDRESSES: Final = ("repository-artifact", "url", "repository-code", "repository")


def read(text: str, origin: str = NAME) -> tuple[Found, list[tuple[str, str]]]:
    """Return the fields it gives, and (origin, licence) as stated. Raises BadMetadata.

    `license` may be a list: by the format's rule any of them may be chosen.
    """
    table = files.yaml_table(text, origin)
    found = Found()
    found.take("title", files.words_of(table.get("title")), origin)
    found.take("description", files.words_of(table.get("abstract")), origin)
    found.take("year", year_in(table.get("date-released")), origin)
    authors = [_author(row) for row in files.rows_of(table.get("authors"))]
    found.take("authors", cut(found, f"{origin}: authors", authors, AUTHORS_MAX), origin)
    found.take(
        "tags", cut(found, f"{origin}: keywords", _words(table, "keywords"), TAGS_MAX), origin
    )
    _take_identifiers(found, table, origin)
    address = next((url for key in _ADDRESSES if (url := address_in(table.get(key)))), "")
    found.take("provenance_url", address, origin)
    stated = _words(table, "license") or [address_in(table.get("license-url"))]
    expression = " OR ".join(stated)
    return found, [(origin, expression)] if expression else []


def year_in(value: object) -> str:
    """Return the year of an ISO date, "" when it has none."""
    matched = _YEAR.match(files.words_of(value))
    return str(int(matched[1])) if matched and int(matched[1]) else ""


def address_in(value: object) -> str:
    """Return an http address, "" for anything else."""
    words = files.words_of(value)
    is_address = words.startswith(("https://", "http://")) and not any(map(str.isspace, words))
    return words if is_address else ""


def known_identifiers(found: Found, origin: str, written: list[str]) -> None:
    """Take the identifiers that we know, in their one form."""
    known = [str(one) for text in written if (one := identifiers.parse(text))]
    kept = cut(found, f"{origin}: identifiers", known, identifiers.IDENTIFIERS_MAX)
    found.take("identifiers", kept, origin)


def _take_identifiers(found: Found, table: Mapping[str, Any], origin: str) -> None:
    doi = files.words_of(table.get("doi"))
    written = [f"doi:{doi}"] if doi else []
    for row in files.rows_of(table.get("identifiers")):
        kind, value = files.words_of(row.get("type")), files.words_of(row.get("value"))
        if kind in {"doi", "swh"}:
            written.append(value if value.startswith(f"{kind}:") else f"{kind}:{value}")
    known_identifiers(found, origin, written)


def _author(row: Mapping[str, Any]) -> str:
    parts = ("given-names", "name-particle", "family-names", "name-suffix")
    person = " ".join(filter(None, (files.words_of(row.get(part)) for part in parts)))
    return person or files.words_of(row.get("name")) or files.words_of(row.get("alias"))


def _words(table: Mapping[str, Any], key: str) -> list[str]:
    given = table.get(key)
    listed = given if isinstance(given, list) else [given]
    return [words for one in listed if (words := files.words_of(one))]
