"""Whatever is typed as a description: no script, no handler, no foreign scheme comes out."""

from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from hypothesis import example, given
from hypothesis import strategies as st

from bottin.catalog.markdown import SOURCE_BYTES, render

TAGS: Final = {
    *("p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", "a", "ul", "ol", "li"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES: Final = {"a": {"href", "title", "rel"}, "ol": {"start"}}
SCHEMES: Final = frozenset({"", "http", "https", "mailto", "magnet"})
# What a browser skips when it looks for a scheme: `java\tscript:` runs.
SKIPPED: Final = dict.fromkeys([*range(0x21), 0x7F])

# Pieces that attacks are made of, and the marks of Markdown that may let them through.
PIECES = st.sampled_from(
    [
        *("<script>", "</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>"),
        *(
            "<a href='javascript:alert(1)'>",
            "<iframe srcdoc=",
            "<style>",
            "<!--",
            "-->",
            "<![CDATA[",
        ),
        *(
            "javascript:",
            "JaVaScRiPt&colon;",
            "java\tscript:",
            "&#106;avascript:",
            "\x01javascript:",
        ),
        *("data:text/html;base64,", "vbscript:", "file:///etc/passwd", "//example.org", "blob:"),
        *(
            "onclick=",
            "onmouseover='",
            'style="',
            "formaction=",
            "&lt;script&gt;",
            "&#60;script&#62;",
        ),
        *("[x](", "![x](", ")", "](", "[x]: ", "<", ">", "[", "]", "`", "```html\n", "~~~\n", "\\"),
        *(
            "# ",
            "> ",
            "- ",
            "1. ",
            "|a|b|\n|-|-|\n|",
            "***",
            "__",
            "~~",
            '"',
            "'",
            "\n",
            "\n\n",
            "    ",
        ),
        *("\x00", "\u202e", "\ufeff", "\u2028", "\ud83d", "😀"),
    ]
)
TYPED = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=40).map("".join)


class Seen(HTMLParser):
    """Notes every tag and address; what a browser would do with them is judged here."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ATTRIBUTES.get(tag, set()):
                self.wrong.append(f"{tag} {name}")
            elif name == "href" and not _is_plain(value or ""):
                self.wrong.append(f"href {value!r}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"<!{decl}")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"<?{data}")


def _is_plain(address: str) -> bool:
    try:
        return urlsplit(address.translate(SKIPPED)).scheme.lower() in SCHEMES
    except ValueError:
        return address.startswith(("http://", "https://", "//"))


def wrong_in(markup: str) -> list[str]:
    seen = Seen()
    seen.feed(markup)
    seen.close()
    return seen.wrong


@given(TYPED)
@example("[x](javascript:alert(1))")
@example("[x](java\tscript:alert(1))")
@example("[x]: data:text/html,<script>\n\n[x]")
@example("<javascript:alert(1)>")
@example("<p onclick=alert(1)>")
@example("```<script>\n</script>")
@example("[x](<javascript&colon;alert(1)>)")
@example("![x](https://example.org/x.png)")
def test_meta_14_nothing_that_acts_comes_out(source: str) -> None:
    assert wrong_in(render(source)) == []


@given(TYPED)
def test_meta_14_a_text_out_of_time_is_as_harmless(source: str) -> None:
    assert wrong_in(render(source, budget_s=-1)) == []


@given(TYPED)
def test_meta_17_links_say_whom_they_vouch_for(source: str) -> None:
    markup = render(source)

    assert markup.count("<a ") == markup.count('rel="ugc nofollow noopener noreferrer"')


@given(TYPED, st.integers(1, 400))
def test_meta_14_a_long_text_is_cut_not_refused(source: str, times: int) -> None:
    long = (source + "x") * times

    assert len(render(long, budget_s=-1)) <= SOURCE_BYTES * 7


def test_the_judge_sees_what_acts() -> None:
    bad = '<p onclick="x"><script></script><a href="java\tscript:x">'

    assert wrong_in(bad) == ["p onclick", "<script>", "href 'java\\tscript:x'"]
