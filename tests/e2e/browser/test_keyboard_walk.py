"""From the home page to a download by keyboard alone, the focus always to be seen (WEB-4)."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser.driver import DESK, PHONE, View, sign_in, window
from tests.e2e.browser.pages import DEMO_PASSWORD, MEMBER
from tests.e2e.clients import wait_until
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
# From the beginning of the content: what stands before the list, and what narrows it.
STEPS_MOST: Final = 120
_FOCUS: Final = """() => {
    const held = document.activeElement;
    const box = held.getBoundingClientRect();
    const style = getComputedStyle(held);
    return {
        path: held.getAttribute("href") || "",
        kind: held.type || held.tagName,
        isSeen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
            && style.outlineStyle !== "none",
    };
}"""


@pytest.fixture(params=[DESK, PHONE])
def page(request: pytest.FixtureRequest, browser: Browser, demo: Site) -> Iterator[Page]:
    """Sign a member in, on a desk and on a phone with a keyboard."""
    with window(browser, demo.origin, View("en", request.param)) as context:
        page = context.new_page()
        sign_in(page, MEMBER, DEMO_PASSWORD)
        yield page


def walk(page: Page, wanted: str) -> None:
    """Press Tab until the focus is on a link to what is wanted; it is seen at each step."""
    for _ in range(STEPS_MOST):
        page.keyboard.press("Tab")
        held = page.evaluate(_FOCUS)
        assert held["isSeen"], held
        if held["path"].endswith(wanted) and held["path"]:
            return
    raise AssertionError(f"{wanted} is not reached in {STEPS_MOST} steps on {page.url}")


def enter(page: Page) -> None:
    """Press Enter, and follow."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def skip(page: Page) -> None:
    """Go past the head of the page by its first link."""
    page.keyboard.press("Tab")
    assert page.evaluate(_FOCUS)["path"] == "#main"
    page.keyboard.press("Enter")


def test_from_home_by_search_to_a_download(page: Page) -> None:
    page.goto("/search?sort=seeders")
    link = page.locator("th.title a").first
    path, title = link.get_attribute("href") or "", link.inner_text()

    def is_found() -> bool:
        page.goto("/")
        # On a desk the page begins in its field.
        if page.evaluate(_FOCUS)["kind"] != "search":
            skip(page)
            page.keyboard.press("Tab")
        assert page.evaluate(_FOCUS)["kind"] == "search"
        page.keyboard.type(f'"{title}"')
        enter(page)
        return page.locator(f"th.title a[href='{path}']").count() == 1

    wait_until(is_found, f"the index knows {title}")
    skip(page)
    walk(page, path)
    enter(page)
    assert page.locator("h1").inner_text() == title
    skip(page)
    walk(page, "/download")
    with page.expect_download() as coming:
        page.keyboard.press("Enter")

    assert coming.value.suggested_filename.endswith(".torrent")


def test_a_bookmark_is_kept_by_keyboard_without_leaving_the_list(page: Page) -> None:
    page.goto("/search?sort=size")
    button = page.locator("td.get button.keep").first
    was = button.get_attribute("aria-pressed")
    button.focus()
    page.keyboard.press("Enter")

    wait_until(lambda: button.get_attribute("aria-pressed") != was, "it is kept")
    kept = button.get_attribute("aria-pressed")
    page.reload()

    assert page.locator("td.get button.keep").first.get_attribute("aria-pressed") == kept
