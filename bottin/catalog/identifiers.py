"""Names that outlive addresses: DOI, ISBN, ISSN, ARK, Wikidata, SWHID; each checked, one form."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple
from urllib.parse import quote

IDENTIFIERS_MAX: Final = 10
LENGTH_MAX: Final = 120

_DOI: Final = re.compile(r"10\.\d{4,9}/[!-~]{1,100}")
_ARK: Final = re.compile(r"(\d{5,9})/([0-9A-Za-z=~*+@_$./-]{1,90})")
_WIKIDATA: Final = re.compile(r"[QPL][1-9]\d{0,11}")
_SWHID: Final = re.compile(r"1:(?:cnt|dir|rev|rel|snp):[0-9a-f]{40}")
_HEADS: Final = re.compile(
    r"(?:https?://)?(?:(?:dx\.)?doi\.org/|(?:www\.)?wikidata\.org/(?:wiki|entity)/"
    r"|n2t\.net/(?=ark:)|archive\.softwareheritage\.org/(?=swh:))",
    re.IGNORECASE,
)
_PREFIX: Final = re.compile(
    r"(doi|isbn(?:-1[03])?|e?issn(?:-l)?|ark|wikidata|swh)\s*[:\s]\s*/?", re.IGNORECASE
)
_ISBN_10, _ISBN_13, _ISSN = 10, 13, 8


class Identifier(NamedTuple):
    """A scheme and a value in its one form; written `scheme:value`."""

    scheme: str
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"

    @property
    def label(self) -> str:
        """How its readers write it: `DOI`, `ISBN`, `Wikidata`."""
        return LABELS[self.scheme]

    @property
    def url(self) -> str:
        """Where it is resolved, "" for those that nobody resolves for all."""
        home = _HOMES.get(self.scheme, "")
        return home + quote(self.value, safe="/:;()@") if home else ""


LABELS: Final = {
    "doi": "DOI",
    "isbn": "ISBN",
    "issn": "ISSN",
    "ark": "ARK",
    "wikidata": "Wikidata",
    "swh": "SWHID",
}
_HOMES: Final = {
    "doi": "https://doi.org/",
    "issn": "https://portal.issn.org/resource/ISSN/",
    "ark": "https://n2t.net/ark:",
    "wikidata": "https://www.wikidata.org/wiki/",
    "swh": "https://archive.softwareheritage.org/swh:",
}


def parse(text: str) -> Identifier | None:
    """Read what somebody typed or pasted, an address of a resolver included; None if it is none.

    A scheme in front (`doi:`, `ISBN `) is believed; without one the form tells. Check
    digits of ISBN and ISSN have to be right; an ISBN-10 becomes its ISBN-13.
    """
    bare = _HEADS.sub("", text.strip(), count=1)
    named = _PREFIX.match(bare)
    if named:
        scheme = named[1].lower().split("-")[0].removeprefix("e")
        return _in_scheme(scheme, bare[named.end() :].strip())
    for scheme in _READERS:
        if scheme not in _NEED_PREFIX and (found := _in_scheme(scheme, bare)):
            return found
    return None


def read(written: str) -> Identifier | None:
    """Read `scheme:value` as it is kept; None for a scheme that is no longer known."""
    scheme, _colon, value = written.partition(":")
    return Identifier(scheme, value) if scheme in LABELS and value else None


def read_all(written: list[str]) -> tuple[Identifier, ...]:
    """Read identifiers as they are kept, unknown schemes left out."""
    return tuple(found for one in written if (found := read(one)))


def _in_scheme(scheme: str, value: str) -> Identifier | None:
    reader = _READERS.get(scheme)
    clean = reader(value) if reader else None
    return Identifier(scheme, clean) if clean and len(clean) + len(scheme) < LENGTH_MAX else None


def _doi(value: str) -> str | None:
    # DOIs are the same in any case; lower case is the one that registries advise to compare.
    return value.lower() if _DOI.fullmatch(value) else None


def _isbn(value: str) -> str | None:
    digits = re.sub(r"[\s\u2010-\u2013-]", "", value).upper()
    if len(digits) == _ISBN_10 and re.fullmatch(r"\d{9}[\dX]", digits, re.ASCII):
        weighted = sum((10 - i) * _digit(c) for i, c in enumerate(digits))
        return _isbn_13(f"978{digits[:9]}") if weighted % 11 == 0 else None
    if len(digits) == _ISBN_13 and re.fullmatch(r"97[89]\d{10}", digits, re.ASCII):
        return digits if _isbn_13(digits[:12]) == digits else None
    return None


def _isbn_13(first: str) -> str:
    weighted = sum((3 if i % 2 else 1) * int(c) for i, c in enumerate(first))
    return f"{first}{-weighted % 10}"


def _issn(value: str) -> str | None:
    digits = re.sub(r"[\s\u2010-\u2013-]", "", value).upper()
    if len(digits) != _ISSN or not re.fullmatch(r"\d{7}[\dX]", digits, re.ASCII):
        return None
    weighted = sum((8 - i) * _digit(c) for i, c in enumerate(digits))
    return f"{digits[:4]}-{digits[4:]}" if weighted % 11 == 0 else None


def _ark(value: str) -> str | None:
    found = _ARK.fullmatch(value)
    # Hyphens mean nothing in an ARK, nor does a stop or a slash at its end.
    return f"{found[1]}/{found[2].replace('-', '').rstrip('./')}" if found else None


def _wikidata(value: str) -> str | None:
    return value.upper() if _WIKIDATA.fullmatch(value.upper()) else None


def _swhid(value: str) -> str | None:
    core = value.split(";", maxsplit=1)[0]
    return core if _SWHID.fullmatch(core) else None


def _digit(character: str) -> int:
    return 10 if character == "X" else int(character)


_READERS: Final[dict[str, Callable[[str], str | None]]] = {
    "doi": _doi,
    "isbn": _isbn,
    "issn": _issn,
    "ark": _ark,
    "wikidata": _wikidata,
    "swh": _swhid,
}
# `12345/abc` alone could be anything.
_NEED_PREFIX: Final = frozenset({"ark", "swh"})
