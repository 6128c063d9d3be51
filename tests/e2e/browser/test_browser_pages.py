"""Every page: usable by all, at 320 px, light, alone with its site, whole without scripts."""

from collections.abc import Callable
from functools import partial
from typing import Final

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser.pages import PAGES, Shown
from tests.e2e.browser.visits import AXE_IN_ENGLISH, AXE_LANGUAGE, Visit, Visitor
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
FIRST_VIEW_BYTES: Final = 60_000


@pytest.fixture(scope="session")
def visitor(browser: Browser, demo: Site, tmp_path_factory: pytest.TempPathFactory) -> Visitor:
    """Go where pages are, remembering what was found."""
    return Visitor(browser, demo.origin, tmp_path_factory.mktemp("visits"))


@pytest.fixture(params=("fr", "en"))
def language(request: pytest.FixtureRequest) -> str:
    """Read in French, then in English."""
    return str(request.param)


@pytest.fixture(params=PAGES, ids=str)
def shown(request: pytest.FixtureRequest) -> Shown:
    """Go through every page."""
    chosen: Shown = request.param
    return chosen


@pytest.fixture
def visit(visitor: Visitor, shown: Shown, language: str) -> Callable[[], Visit]:
    """Give what a visit of the page found; the test goes there, within its own time."""
    return partial(visitor.visit, shown, language)


def test_a_page_answers_in_its_language_with_its_status(
    visit: Callable[[], Visit], shown: Shown, language: str
) -> None:
    assert (visit().status, visit().language) == (shown.status, language)


def test_axe_finds_nothing_serious_in_either_theme(visitor: Visitor, shown: Shown) -> None:
    """WEB-4."""
    assert visitor.visit(shown, AXE_LANGUAGE).findings == {"light": [], "dark": []}


@pytest.mark.parametrize(
    "english", [page for page in PAGES if page.name in AXE_IN_ENGLISH], ids=str
)
def test_axe_finds_nothing_serious_in_english_either(visitor: Visitor, english: Shown) -> None:
    """WEB-4, on a page of each kind."""
    assert visitor.visit(english, "en").findings == {"light": [], "dark": []}


def test_nothing_stands_out_at_320_px(visit: Callable[[], Visit]) -> None:
    """WEB-5."""
    assert visit().wider == []


def test_the_first_view_weighs_at_most_60_kb(visit: Callable[[], Visit]) -> None:
    """WEB-8."""
    assert visit().received_bytes <= FIRST_VIEW_BYTES


def test_a_page_asks_nothing_of_another_host(visit: Callable[[], Visit]) -> None:
    """WEB-3."""
    assert visit().foreign_hosts == set()


def test_the_browser_has_nothing_to_complain_about(visit: Callable[[], Visit]) -> None:
    """No error, no warning, no report of the content security policy (WEB-2)."""
    assert visit().complaints == []


def test_a_page_says_the_same_without_scripts(visit: Callable[[], Visit], shown: Shown) -> None:
    """WEB-1."""
    found = visit()

    assert (found.plain_status, found.plain_heading) == (shown.status, found.heading)
    assert found.plain_words > len(found.heading.split())
