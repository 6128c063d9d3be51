"""Descriptions as HTML that can do nothing, in bounded time (META-14, META-17)."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottin.catalog.markdown import SOURCE_BYTES, cut, render

ALLOWED = {
    *("p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", "a", "ul", "ol", "li"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}


class Page(HTMLParser):
    """What a browser would see."""

    def __init__(self) -> None:
        """Start with an empty page."""
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.links += [value or "" for name, value in attrs if name == "href"]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <s>c</s></p>"),
        ("# Titre", "<h3>Titre</h3>"),
        ("###### Titre", "<h6>Titre</h6>"),
        ("- un\n- deux", "<li>un</li>"),
        ("3. trois", '<ol start="3">'),
        ("| a |\n|---|\n| b |", "<td>b</td>"),
        ("```sh\nls\n```", "<pre><code>ls\n</code></pre>"),
        ("<b>gras</b>", "&lt;b&gt;gras&lt;/b&gt;"),
        ("a & b", "a &amp; b"),
    ],
)
def test_the_subset_is_rendered(source: str, shown: str) -> None:
    assert shown in render(source)


@pytest.mark.parametrize("scheme", ["http://e.org", "https://e.org", "mailto:a@e.org"])
def test_links_tell_browsers_and_engines_what_they_are(scheme: str) -> None:
    assert render(f"[x]({scheme})") == (
        f'<p><a href="{scheme}" rel="ugc nofollow noopener noreferrer">x</a></p>\n'
    )


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "![x](https://e.org/pixel.png)",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        '[x](https://e.org "a\\" onmouseover=\\"alert(1)")',
        "<svg/onload=alert(1)>",
        "`<script>`\n\n    <script>alert(1)</script>",
        "[x]: javascript:alert(1)\n\n[x]",
        "<https://e.org/?a=<script>>",
        "<style>*{display:none}</style>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "[a](&#106;avascript:alert(1))",
    ],
)
def test_hostile_text_does_nothing(source: str) -> None:
    page = Page()

    page.feed(render(source))

    assert page.tags <= ALLOWED
    assert page.attributes <= {"href", "title", "rel", "start"}
    assert all(link.startswith(("http://", "https://", "mailto:")) for link in page.links)


@pytest.mark.parametrize("source", ["[" * SOURCE_BYTES, "[a](" * 4_000, "*a " * 5_000, ">" * 9_999])
def test_a_slow_text_comes_back_plain_within_its_budget(source: str) -> None:
    start = time.perf_counter()

    shown = render(source, budget_s=0.05)

    assert time.perf_counter() - start < 3
    assert shown.startswith(("<p>", "<blockquote>"))


def test_what_is_too_long_is_cut_between_characters() -> None:
    assert len(cut("é" * SOURCE_BYTES).encode()) <= SOURCE_BYTES
    assert cut("a" + "€" * SOURCE_BYTES).endswith("€")


@given(st.text(max_size=300))
def test_no_text_breaks_it_and_only_allowed_tags_come_out(source: str) -> None:
    page = Page()

    page.feed(render(source))

    assert page.tags <= ALLOWED
