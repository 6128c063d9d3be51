"""How a release is cited: BibTeX, RIS, CSL-JSON, from what its publisher said (WORK-9)."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from bottin.catalog.downloads import page_url
from bottin.catalog.errors import FormatUnknown
from bottin.catalog.identifiers import read_all
from bottin.catalog.models import Release
from bottin.catalog.text import fold, slug_of

_NOT_PLAIN: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TEX: Final = {
    "\\": r"\textbackslash{}",
    # BibTeX counts braces whether or not a backslash is before them.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_"},
}
# By family of the shelf: BibTeX, RIS, CSL. A thing that fits none is a document.
_KINDS: Final = {
    110000: ("misc", "COMP", "software"),
    120000: ("misc", "VIDEO", "motion_picture"),
    130000: ("misc", "SOUND", "song"),
    140000: ("book", "BOOK", "book"),
    150000: ("misc", "DATA", "dataset"),
    160000: ("misc", "ART", "graphic"),
    170000: ("misc", "COMP", "software"),
}
_ANY: Final = ("misc", "GEN", "document")


@dataclass(frozen=True, slots=True)
class Citation:
    """A file to download: its name, ASCII, its media type, its text."""

    name: str
    media_type: str
    text: str


def cite(release: Release, written: str) -> Citation:
    """Return a release as `bib`, `ris` or `json` (CSL). Raises FormatUnknown."""
    if written not in FORMATS:
        raise FormatUnknown(format=written[:10], known=sorted(FORMATS))
    writer, media_type, _label = FORMATS[written]
    return Citation(f"{slug_of(str(release))}.{written}", media_type, writer(release))


def bibtex(release: Release) -> str:
    """Return a BibTeX entry; what TeX reads as commands is escaped."""
    kind = _kinds(release)[0]
    pairs = [
        ("title", _tex(_line(release.title))),
        ("author", " and ".join(f"{{{_tex(_line(name))}}}" for name in release.authors)),
        ("year", str(release.year) if release.year is not None else ""),
        ("url", _address(page_url(release))),
        *((name, _tex(value)) for name, value in _identifiers(release) if name in _TEX_NAMES),
        ("language", release.language),
        ("publisher", _tex(_line(settings.BOTTIN.site_name))),
        ("note", _tex(_line(_licence(release)))),
    ]
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in pairs if value)
    return f"@{kind}{{{_key(release)},\n{body}\n}}\n"


def ris(release: Release) -> str:
    """Return a RIS record: one tag a line, CRLF between them."""
    lines = [("TY", _kinds(release)[1]), ("TI", _line(release.title))]
    lines += [("AU", _line(name)) for name in release.authors]
    lines += [("PY", str(release.year))] if release.year is not None else []
    numbers = dict(_identifiers(release))
    lines += [("DO", numbers["doi"])] if "doi" in numbers else []
    lines += [("SN", numbers[name]) for name in ("isbn", "issn") if name in numbers]
    lines += [("LA", release.language)] if release.language else []
    lines += [("UR", page_url(release)), ("PB", _line(settings.BOTTIN.site_name))]
    lines += [("N1", _line(_licence(release))), ("ER", "")]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines if value or tag == "ER")


def csl(release: Release) -> str:
    """Return a CSL-JSON list of one item."""
    item: dict[str, object] = {
        "id": _key(release),
        "type": _kinds(release)[2],
        "title": _line(release.title),
        "author": [{"literal": _line(name)} for name in release.authors],
        "issued": {"date-parts": [[release.year]]} if release.year is not None else None,
        "URL": page_url(release),
        "language": release.language,
        "publisher": _line(settings.BOTTIN.site_name),
        "note": _line(_licence(release)),
    }
    item |= {name.upper(): value for name, value in _identifiers(release) if name in _CSL_NAMES}
    kept = {name: value for name, value in item.items() if value}
    return json.dumps([kept], ensure_ascii=False, indent=2) + "\n"


Writer = Callable[[Release], str]
# file name's end: how it is written, its media type, what people call it
FORMATS: Final[dict[str, tuple[Writer, str, str]]] = {
    "bib": (bibtex, "application/x-bibtex", "BibTeX"),
    "ris": (ris, "application/x-research-info-systems", "RIS"),
    "json": (csl, "application/vnd.citationstyles.csl+json", "CSL-JSON"),
}
_TEX_NAMES: Final = frozenset({"doi", "isbn", "issn"})
_CSL_NAMES: Final = _TEX_NAMES


def _kinds(release: Release) -> tuple[str, str, str]:
    family = (release.category_id or 0) // 10_000 * 10_000
    return _KINDS.get(family, _ANY)


def _identifiers(release: Release) -> Iterator[tuple[str, str]]:
    seen = set()
    for one in read_all(release.identifiers):
        if one.scheme not in seen:
            seen.add(one.scheme)
            yield one.scheme, one.value


def _licence(release: Release) -> str:
    return f"{release.licence.name_en} ({release.licence_id})" if release.licence else ""


def _key(release: Release) -> str:
    """`hugo1862miserables12`: who, when, what, and the number that makes it unique."""
    who = fold(release.authors[0]).split() if release.authors else []
    what = fold(release.title).split()
    parts = [*who[-1:], str(release.year or ""), *what[-1:]]
    return re.sub(r"[^a-z0-9]", "", "".join(parts))[:40] + str(release.pk)


def _line(text: str) -> str:
    """One line: no control character, no line end of any kind."""
    plain = (" " if unicodedata.category(c) in _NOT_PLAIN else c for c in text)
    return " ".join("".join(plain).split())


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)


def _address(url: str) -> str:
    return url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")
