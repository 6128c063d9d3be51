"""Titles as sort keys and slugs, tags in one form, descriptions cut to size."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final

from bottin.lib.text import nfc

TAG_LENGTH: Final = 40
TAGS_MAX: Final = 20
SLUG_LENGTH: Final = 80
KEY_LENGTH: Final = 200

_NOT_WORD: Final = re.compile(r"[^\w]+")
_NOT_TAG: Final = re.compile(r"[^\w+#.]+")
_LIGATURES: Final = (
    *(("œ", "oe"), ("æ", "ae"), ("ß", "ss")),
    *(("ø", "o"), ("ł", "l"), ("đ", "d")),
)
# No character outside combines with the one before it.
_MARKS_FROM: Final = 0x300
_MARKS_TO: Final = 0x1F000
_ABOVE: Final = re.compile("[\u0300-\U0010ffff]+")
_DIGITS: Final = re.compile(r"\d+")
_DIGITS_SORTED: Final = 9
TITLE_LENGTH: Final = 200
# `.epub`, `.tar.xz`, `.mp4`; not the `.6` of a version.
_EXTENSION: Final = re.compile(r"(\.tar)?\.(?=[a-z\d]*[a-z])[a-z\d]{1,5}$", re.IGNORECASE)
_DOT_IN_WORDS: Final = re.compile(r"(?<!\d)\.|\.(?!\d)")


def fold(text: str) -> str:
    """Return `text` in lower case without accents: `L'Œuvre` is `l'oeuvre`."""
    if text.isascii():
        return text.lower()
    lowered = unicodedata.normalize("NFKD", text.casefold())
    for sign, letters in _LIGATURES:
        lowered = lowered.replace(sign, letters)
    # Most of a text stands below the first mark, and is passed over quickly.
    return _ABOVE.sub(_without_marks, lowered)


def _without_marks(run: re.Match[str]) -> str:
    return _marks().sub("", run[0])


@cache
def _marks() -> re.Pattern[str]:
    """Return what finds runs of marks: for long texts far quicker than asking each character."""
    found = [code for code in range(_MARKS_FROM, _MARKS_TO) if _combines(code)]
    starts = [code for code in found if not _combines(code - 1)]
    ends = [code for code in found if not _combines(code + 1)]
    spans = "".join(f"{chr(a)}-{chr(b)}" for a, b in zip(starts, ends, strict=True))
    return re.compile(f"[{spans}]+")


def _combines(code: int) -> bool:
    return unicodedata.combining(chr(code)) != 0


def title_key(title: str) -> str:
    """Return what titles sort by: folded words, `2` before `10`, at most 200 characters."""
    words = _NOT_WORD.sub(" ", fold(title)).strip()
    return _DIGITS.sub(lambda match: match[0].zfill(_DIGITS_SORTED), words)[:KEY_LENGTH]


def slug_of(title: str) -> str:
    """Return the readable end of a page's address: ASCII, hyphens, at most 80; never empty."""
    slug = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:SLUG_LENGTH].rstrip("-")
    return slug or "fiche"


def suggested_title(name: str, *, is_file: bool) -> str:
    """Return a title to begin with from a torrent's name: `Mon_Album.2020` is `Mon Album 2020`.

    A file's extension is left out; a name that has spaces keeps its dots and underscores.
    """
    stem = _EXTENSION.sub("", name) if is_file else name
    if " " not in stem:
        stem = _DOT_IN_WORDS.sub(" ", stem.replace("_", " "))
    return " ".join(stem.split())[:TITLE_LENGTH].rstrip()


def tag_of(text: str) -> str:
    """Return a label in its one form: lower case, NFC, hyphens for spaces; "" when nothing is left.

    Letters and digits of any script stay, and `+ # .` for `c++` and `c#`. At most 40.
    """
    return (
        _NOT_TAG.sub("-", nfc(text).lower().replace("_", "-")).strip("-.")[:TAG_LENGTH].rstrip("-.")
    )


def tags_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Return labels in their one form, each once, in the order given, at most 20."""
    found = dict.fromkeys(tag for tag in map(tag_of, texts) if tag)
    return tuple(found)[:TAGS_MAX]
