"""Bytes of a README, an NFO or a licence become plain text, or are refused."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from bottin.pictures.errors import NotAText

# An editor's mark at the end of an NFO, and what may follow it (SAUCE).
_END_OF_DOS: Final = b"\x1a"
_ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b.?")
_LINES: Final = re.compile(r"\r\n?|[\u2028\u2029\x85]")
_KEPT: Final = frozenset({"\n", "\t", "\u200c", "\u200d"})
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_BLANKS_MAX: Final = re.compile(r"\n{8,}")
# More of these in a UTF-8 file than one in fifty letters: it is a program or a picture.
_CONTROLS_SHARE: Final = 50


@dataclass(frozen=True, slots=True)
class PlainText:
    """What was read, lines ended by `\\n`, and how: `utf-8`, `utf-16` or `cp437`."""

    body: str
    encoding: str


def read_text(raw: bytes, *, is_nfo: bool) -> PlainText:
    """Read a text file: UTF-8, UTF-16 by its mark, and for an NFO the letters of DOS (CP437).

    Control characters, escapes of terminals and what reorders or hides text are left
    out; nothing else is changed.

    Raises NotAText when it is none of these, or empty.
    """
    text, encoding = _decoded(raw, is_nfo=is_nfo)
    body = _cleaned(text)
    if not body.strip():
        raise NotAText
    return PlainText(body, encoding)


def _decoded(raw: bytes, *, is_nfo: bool) -> tuple[str, str]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16"), "utf-16"
        except UnicodeDecodeError as error:
            raise NotAText from error
    if is_nfo:
        raw = raw.split(_END_OF_DOS, 1)[0]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not is_nfo:
            raise NotAText from error
        return raw.decode("cp437"), "cp437"
    controls = sum(text.count(chr(code)) for code in range(32) if chr(code) not in "\t\n\r\f\x1b")
    if controls * _CONTROLS_SHARE > len(text):
        raise NotAText
    return text, "utf-8"


def _cleaned(text: str) -> str:
    plain = _LINES.sub("\n", _ESCAPES.sub("", text))
    shown = "".join(
        one for one in plain if one in _KEPT or unicodedata.category(one) not in _HIDDEN
    )
    lines = (line.rstrip() for line in shown.split("\n"))
    return _BLANKS_MAX.sub("\n" * 8, "\n".join(lines)).strip("\n")
