"""One browser and two sites for the session's tests of pages."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser import ground
from tests.e2e.browser.driver import View, chromium, window
from tests.e2e.site import Site

_TEST_S: Final = 120


def pytest_itemcollected(item: pytest.Item) -> None:
    """Time tests without their fixtures: whichever comes first has to wait for a whole site.

    The sites have deadlines of their own, in `ground.py` and `site.py`.
    """
    given = item.get_closest_marker("timeout")
    seconds = given.args[0] if given else _TEST_S
    item.add_marker(pytest.mark.timeout(seconds, func_only=True), append=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Run one Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run a site full of demonstration content."""
    with ground.demo_site(tmp_path_factory.mktemp("demo") / "data") as site:
        yield site


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run an empty site where anybody registers."""
    with ground.open_site(tmp_path_factory.mktemp("town") / "data") as site:
        yield site


@pytest.fixture
def page_on(browser: Browser, town: Site) -> Iterator[Callable[[View], Page]]:
    """Open windows on the empty site; they close with the test."""
    with ExitStack() as stack:

        def opened(view: View) -> Page:
            return stack.enter_context(window(browser, town.origin, view)).new_page()

        yield opened
