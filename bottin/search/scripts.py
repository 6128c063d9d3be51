"""Text before the engine cuts it: scripts without spaces, names with signs in them, years.

The engine cuts at everything that is neither letter nor digit. What that loses is
written beside: `names` keeps `x86_64`, `UTF-8` and `13.1` whole, `grams` holds what is
found inside of words that no space ends (Chinese, Japanese, Korean) or that no stemmer
here knows (Cyrillic).
"""

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final

from bottin.catalog.text import fold

_WIDE: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_CYRILLIC: Final = "\u0400-\u052f"
_RUN: Final = re.compile(f"[{_WIDE}]+|[{_CYRILLIC}]+")
_WIDE_RUN: Final = re.compile(f"[{_WIDE}]+")
# Words joined by signs: `x86_64`, `wi-fi`, `13.1`, `c++`, `c#`.
_NAME: Final = re.compile(r"\w+(?:[-._+]\w+)+|\w+(?:\+\+|#)")
_SIGNS: Final = re.compile(r"[-._+]+")
_VERSION: Final = re.compile(r"\d+(?:\.\d+)+")
# Not a part of a word, nor of a version: `x2019`, `13.2019`.
_YEAR: Final = re.compile(r"(?<![^\W_])(?<!\d\.)(1\d{3}|20\d\d)(?![^\W_])(?!\.\d)", re.ASCII)
_HUMP: Final = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
_PARTS_MAX: Final = 4
_GRAMS_MAX: Final = 20_000
_NAMES_MAX: Final = 400


def spaced(text: str) -> str:
    """Return `text` with spaces around Chinese, Japanese and Korean: `東京2020` is two words."""
    return text if _is_western(text) else _WIDE_RUN.sub(r" \g<0> ", text)


def grams(text: str) -> str:
    """Return what is found inside of words without spaces; "" for most texts.

    Pairs of characters, for Cyrillic groups of three, each with the tails of its
    run, so that neighbours in the result are neighbours in the text.
    """
    if _is_western(text):
        return ""
    found: list[str] = []
    for run in _RUN.finditer(text.lower()):
        found += _grams_of(run[0])
        if len(found) > _GRAMS_MAX:
            break
    return " ".join(found)


def gram_words(word: str) -> tuple[str, ...]:
    """Return the groups of characters to look for, side by side, for a run of such a script.

    One shorter than a group is the beginning of one.
    """
    size = _size_of(word)
    return tuple(word[start : start + size] for start in range(max(1, len(word) - size + 1)))


def runs_of(word: str) -> list[tuple[str, bool]]:
    """Return the parts of a word, each with whether it is of a script kept in groups."""
    if word.isascii():
        return [(word, False)]
    parts: list[tuple[str, bool]] = []
    end = 0
    for run in _RUN.finditer(word):
        parts += [(word[end : run.start()], False), (run[0].lower(), True)]
        end = run.end()
    return [part for part in [*parts, (word[end:], False)] if part[0]]


def names(text: str) -> str:
    """Return the names with signs in a text, each in its one form, and the versions in them."""
    found: dict[str, None] = {}
    # Most words have no sign, and that is the quickest test of all.
    for word in [word for word in text.split() if not word.isalnum()]:
        found.update(_names_in(word))
        if len(found) > _NAMES_MAX:
            break
    return " ".join(found)


def name_of(word: str) -> str:
    """Return the one form of a name: `UTF-8` and `utf_8` are `utf8`; `13.1` keeps its dot."""
    folded = fold(word)
    parts = [part for part in _SIGNS.split(folded) if part]
    joined = parts[0] if parts else ""
    for part in parts[1:]:
        dot = "." if joined[-1].isdigit() and part[0].isdigit() else ""
        joined += dot + part
    # `c++` would be `c`.
    return joined + "++" if folded.endswith("++") else joined


def parted(text: str) -> str:
    """Return `text` with names written in one word in two: `LibreOffice` is `Libre Office`."""
    # Most titles are small letters but the first: the quickest test of all.
    return text if text[1:].islower() else _HUMP.sub(" ", text)


def year_in(text: str) -> int:
    """Return the year that a title names alone, the last one of several; 0 for none."""
    years = _YEAR.findall(text) if "1" in text or "20" in text else ()
    return int(years[-1]) if years else 0


@lru_cache(maxsize=20_000)
def _names_in(word: str) -> dict[str, None]:
    """Return the names between two spaces; tags and versions come again and again."""
    return {form: None for match in _NAME.finditer(word) for form in _forms(match[0])}


def _forms(name: str) -> list[str]:
    parts = _SIGNS.split(name)
    if len(parts) <= _PARTS_MAX:
        found = [name_of(name)]
    else:
        # A file name: its neighbours by pairs say enough.
        neighbours = pairwise(part for part in parts if part)
        found = [name_of(f"{first}-{second}") for first, second in neighbours]
    return found + _VERSION.findall(name)


def _is_western(text: str) -> bool:
    """Whether a text is surely of none of those scripts, the quickest way to know."""
    if text.isascii():
        return True
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _grams_of(run: str) -> list[str]:
    size = _size_of(run)
    return [run[start : start + size] for start in range(len(run))]


def _size_of(run: str) -> int:
    return 2 if _WIDE_RUN.match(run) else 3
