"""Pages on paper, without motion, and in the colours that the reader's system forces."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser.driver import View, window
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
_STYLE: Final = "(element, name) => getComputedStyle(element)[name]"
_QUICK_S: Final = 0.15


@pytest.fixture
def page(browser: Browser, demo: Site) -> Iterator[Page]:
    """Open a window of a visitor."""
    with window(browser, demo.origin, View("en")) as context:
        yield context.new_page()


def test_a_release_on_paper_is_what_one_reads_and_nothing_to_click(page: Page) -> None:
    """WEB-16."""
    page.goto("/search?sort=seeders")
    page.goto(page.locator("th.title a").first.get_attribute("href") or "")
    page.emulate_media(media="print")

    for read in ("h1", ".licence >> nth=0", "text=Where it comes from", "text=Info-hash v"):
        assert page.locator(read).first.is_visible(), read
    for clicked in (".masthead .find", ".who", ".tabs", ".colophon", ".button", ".spans"):
        assert not page.locator(clicked).locator("visible=true").count(), clicked
    assert page.locator("body").evaluate(_STYLE, "color") == "rgb(0, 0, 0)"


def test_nothing_moves_for_those_who_asked_for_it(page: Page) -> None:
    page.goto("/design")
    button = page.locator(".button").first

    still = button.evaluate(_STYLE, "transitionDuration")
    page.emulate_media(reduced_motion="no-preference")
    moving = button.evaluate(_STYLE, "transitionDuration")

    assert still == "0s"
    assert 0 < float(moving.removesuffix("s")) <= _QUICK_S


def test_what_is_chosen_is_seen_in_forced_colours(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.goto("/search")
    pressed = page.locator(".layouts [aria-pressed=true]")
    others = page.locator(".layouts [aria-pressed=false]")

    assert pressed.evaluate(_STYLE, "outlineStyle") == "solid"
    assert others.first.evaluate(_STYLE, "outlineStyle") == "none"
    assert page.locator(".tabs [aria-current]").evaluate(_STYLE, "outlineStyle") == "solid"


def test_focus_is_told_from_what_is_chosen_in_forced_colours(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.goto("/search")
    tab = page.locator(".tabs [aria-current]")
    chosen = tab.evaluate(_STYLE, "outlineOffset")
    page.keyboard.press("Tab")
    tab.focus()

    assert tab.evaluate(_STYLE, "outlineOffset") != chosen
