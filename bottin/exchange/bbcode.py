"""Descriptions of former sites: a small part of BBCode becomes Markdown, the rest plain text.

Converted once, at import, and never rendered as BBCode (META-16). Each rule is one pass over
the text with an expression that cannot go back, so a crafted text costs no more than a plain one.
"""

import re
from typing import Final

_PAIRS: Final = (("b", "**"), ("i", "*"), ("s", "~~"))
_URL: Final = re.compile(
    r"\[url=(https?://[^\]\s]{1,500})\]([^\[\]]{1,300})\[/url\]", re.IGNORECASE
)
_BARE: Final = re.compile(r"\[url\](https?://[^\[\]\s]{1,500})\[/url\]", re.IGNORECASE)
_ITEM: Final = re.compile(r"[ \t]*\[\*\][ \t]*")
_ANY: Final = re.compile(
    r"\[/?(?:b|i|u|s|img|url|quote|code|list|size|color|font|center|left|right|align|spoiler"
    r"|hide|pre|note|alert|tr|td|th|table|youtube|email|mediainfo|artist|user)(?:=[^\]\n]{0,500})?\]",
    re.IGNORECASE,
)
_QUOTE: Final = re.compile(r"\[quote(?:=[^\]\n]{0,100})?\]", re.IGNORECASE)
_BLANKS: Final = re.compile(r"\n{3,}")


def to_markdown(source: str) -> str:
    """Return a BBCode text as Markdown; what is not known loses its brackets, never its words."""
    text = source.replace("\r\n", "\n")
    for tag, sign in _PAIRS:
        text = re.sub(rf"\[/?{tag}\]", sign, text, flags=re.IGNORECASE)
    text = _URL.sub(r"[\2](\1)", text)
    text = _BARE.sub(r"<\1>", text)
    text = re.sub(r"\[/?code\]", "\n```\n", text, flags=re.IGNORECASE)
    text = _QUOTE.sub("\n> ", text)
    text = _ITEM.sub("- ", text)
    return _BLANKS.sub("\n\n", _ANY.sub("", text)).strip()
