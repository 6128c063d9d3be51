"""From the home page to a download by keyboard alone, the focus always to be seen (WEB-4)."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser.driver import DESK, PHONE, View, sign_in, window
from tests.e2e.browser.pages import DEMO_PASSWORD, MEMBER, MODERATOR
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


def test_tab_goes_from_the_search_to_what_narrows_to_results_to_the_next_page(page: Page) -> None:
    page.goto("/search?sort=size")
    field, narrow = page.locator("input[type=search]").first, page.locator("details.narrow summary")
    title = page.locator("th.title a")
    skip(page)
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(_FOCUS)["path"].startswith("/c/")

    field.focus()
    walk(page, "/search")
    narrow.first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.narrow").get_attribute("open") is not None
    page.keyboard.press("Enter")
    walk(page, title.first.get_attribute("href") or "")
    title.last.focus()
    following = page.locator("a[rel=next]")
    walk(page, following.get_attribute("href") or "")
    enter(page)

    assert "cursor=" in page.url
    assert page.locator("a[rel=prev]").count() == 1


def test_suggestions_are_walked_by_arrows_and_left_by_escape(page: Page) -> None:
    page.goto("/search")
    field, options = page.locator("#q-top"), page.locator("#q-top-suggestions [role=option]")
    field.focus()
    page.keyboard.type("debi")
    options.first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")

    held = field.get_attribute("aria-activedescendant")
    assert held == options.first.get_attribute("id")
    assert options.first.get_attribute("aria-selected") == "true"

    page.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert field.input_value() == "debi"

    page.keyboard.type("a")
    options.first.wait_for()
    page.keyboard.press("ArrowDown")
    wanted = options.first.get_attribute("data-url") or ""
    enter(page)
    assert page.url.endswith(wanted)


@pytest.fixture
def queue(browser: Browser, demo: Site) -> Iterator[Page]:
    """Open the queue of somebody who decides."""
    with window(browser, demo.origin, View("en")) as context:
        page = context.new_page()
        sign_in(page, MODERATOR, DEMO_PASSWORD)
        page.goto("/moderation")
        yield page


def test_the_queue_is_gone_through_by_its_keys(queue: Page) -> None:
    title = queue.locator("h2.item-title")
    first = title.inner_text()
    with queue.expect_navigation():
        queue.keyboard.press("j")
    assert title.inner_text() != first
    with queue.expect_navigation():
        queue.keyboard.press("k")

    assert title.inner_text() == first


def test_a_refusal_opens_on_its_reason_and_escape_puts_it_away(queue: Page) -> None:
    decision = queue.locator("details[data-key=r]")
    queue.keyboard.press("r")
    assert decision.get_attribute("open") is not None
    assert queue.evaluate(_FOCUS)["kind"] == "select-one"
    # A letter is typed into the field then, and decides nothing.
    queue.keyboard.press("Tab")
    queue.keyboard.type("jar")
    assert decision.locator("textarea").input_value() == "jar"

    queue.keyboard.press("Escape")

    assert decision.get_attribute("open") is None
    assert queue.evaluate(_FOCUS)["kind"] == "SUMMARY"
    assert queue.evaluate(_FOCUS)["isSeen"]
