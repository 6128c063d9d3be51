"""Descriptions: Markdown written by strangers, as HTML that can do nothing (META-14, META-17)."""

import html
import re
import threading
import time
from typing import Any, Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

SOURCE_BYTES: Final = 16_384
TIME_BUDGET_S: Final = 1.0

_TAGS: Final = {
    *("p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", "a"),
    *("ul", "ol", "li", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES: Final = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES: Final = {"http", "https", "mailto", "magnet"}
_RELATION: Final = "ugc nofollow noopener noreferrer"
# The page has h1 and h2 of its own, so what is written here starts one level below.
_LEVELS: Final = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6"}
_CLEANER: Final = nh3.Cleaner(
    tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=_RELATION
)
_BLANK_LINES: Final = re.compile(r"\n{2,}")


class _OutOfTime(Exception):
    """The text is crafted to be slow."""


def render(source: str, *, budget_s: float = TIME_BUDGET_S) -> str:
    """Return safe HTML for a CommonMark subset with tables and strike-through; never raises.

    No HTML, no images; links carry `rel="ugc nofollow noopener noreferrer"` and
    http, https, mailto or magnet only. What is over 16 KiB of UTF-8 is cut. A
    text that takes longer than `budget_s` seconds comes back as plain paragraphs.
    """
    text = cut(source.replace("\x00", ""))
    try:
        rendered = _render(text, time.monotonic() + budget_s)
    except (_OutOfTime, RecursionError):
        rendered = _plain(text)
    return str(_CLEANER.clean(rendered))


def cut(source: str) -> str:
    """Return what fits in 16 KiB of UTF-8, whole characters only."""
    raw = source.encode("utf-8", "replace")
    return raw[:SOURCE_BYTES].decode("utf-8", "ignore")


def _render(text: str, deadline: float) -> str:
    _local.deadline = deadline
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        _lower_heading(token)
    return str(parser.renderer.render(tokens, parser.options, {}))


class _Local(threading.local):
    """What one thread renders with: its parser, and until when."""

    parser: MarkdownIt | None = None
    deadline: float = 0.0


_local: Final = _Local()


def _parser() -> MarkdownIt:
    """Return this thread's parser: making one costs as much as a short text."""
    if _local.parser is None:
        parser = MarkdownIt("js-default", {"html": False}).disable("image")
        parser.block.ruler.before("code", "hurry", _hurry, {"alt": []})
        parser.inline.ruler.before("text", "hurry", _hurry)
        _local.parser = parser
    return _local.parser


def _hurry(*_: Any) -> bool:  # noqa: ANN401 - block and inline rules differ
    """Look at the clock at each block and each inline position, where time is spent."""
    if time.monotonic() > _local.deadline:
        raise _OutOfTime
    return False


def _lower_heading(token: Token) -> None:
    token.tag = _LEVELS.get(token.tag, token.tag)


def _plain(text: str) -> str:
    paragraphs = _BLANK_LINES.split(text.replace("\r\n", "\n").strip())
    return "".join(
        f"<p>{html.escape(paragraph).replace(chr(10), '<br>')}</p>" for paragraph in paragraphs
    )
