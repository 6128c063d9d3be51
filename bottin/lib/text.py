"""Text written by strangers, made safe to look at (trust META-12)."""

import re
import unicodedata
from typing import Final

from confusable_homoglyphs import confusables

# Controls (Cc), what reorders or hides text (Cf), line separators.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS: Final = frozenset({"\u200c", "\u200d"})  # Persian and emoji need them between letters
_PLAIN: Final = re.compile(r"[\x20-\x7e\u00a0-\u00ac\u00ae-\u024f]*")
_WORD: Final = re.compile(r"[^\W\d_]+")
_LATIN: Final = ["latin"]


def nfc(text: str) -> str:
    """Return `text` in Unicode's composed form (NFC), the one we store and compare."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def visible(text: str) -> str:
    """Return one line of `text` in which nothing hides: NFC, odd characters as `U+XXXX`.

    Shown as codes: C0 and C1 controls, bidi and other format controls, line and
    paragraph separators, surrogates and private code points. The
    zero-width joiners stay where they stand between two other characters.
    """
    composed = nfc(text)
    if _PLAIN.fullmatch(composed):
        return composed
    last = len(composed) - 1
    return "".join(
        character if _may_show(character, is_inside=0 < at < last) else f"U+{ord(character):04X}"
        for at, character in enumerate(composed)
    )


def lookalike_words(text: str) -> tuple[str, ...]:
    """Return the words that mix Latin letters with look-alikes of another script.

    `pаypal` with a Cyrillic `а` is one; a title with a word in Latin and a word in
    Cyrillic has none. A hint for a person, never a reason to refuse.
    """
    composed = nfc(text)
    if composed.isascii():
        return ()
    words = (word for word in _WORD.findall(composed) if not word.isascii())
    return tuple(word for word in words if confusables.is_dangerous(word, preferred_aliases=_LATIN))


def _may_show(character: str, *, is_inside: bool) -> bool:
    if character in _JOINERS:
        return is_inside
    return unicodedata.category(character) not in _HIDDEN
