"""What a visit of a page found: gathered once for each page, claimed about one by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.e2e.browser.driver import View, Watch, sign_in, speak, window
from tests.e2e.browser.pages import (
    DEMO_PASSWORD,
    MEMBER,
    MODERATOR,
    SUPER_MODERATOR,
    Shown,
    places_of,
)

NARROWEST: Final = 320
# Markup and colours are the same in both; axe takes its time, so English is tried on one page of
# each kind: longer words, other labels.
AXE_LANGUAGE: Final = "fr"
AXE_IN_ENGLISH: Final = (
    *("home", "results", "release", "sign-up", "status", "api", "error-404"),
    *("me", "me-download", "publish-draft", "moderation-item"),
)
_GRAVE: Final = {"serious", "critical"}
_OVERFLOW: Final = """() => {
    const page = document.documentElement;
    const wide = [...document.querySelectorAll("body *")]
        .filter((element) => element.getBoundingClientRect().right > page.clientWidth + 1)
        .map((element) => `${element.tagName}.${element.className}`);
    return page.scrollWidth > page.clientWidth ? wide.slice(0, 5) : [];
}"""


@dataclass(frozen=True, slots=True)
class Visit:
    """What one page is like, in one language.

    `findings` are axe's serious and critical ones, by theme, where it was run; `wider` names what
    stands out at 320 px; `received_bytes` came over the wire with nothing cached;
    `plain_heading` is the `h1` without scripts, and `plain_status` its answer.
    """

    status: int
    language: str
    heading: str
    findings: dict[str, list[str]]
    wider: list[str]
    received_bytes: int
    foreign_hosts: set[str]
    complaints: list[str]
    plain_status: int
    plain_heading: str
    plain_words: int


class Visitor:
    """Goes to the pages of a demonstration site, as whoever may see them."""

    def __init__(self, browser: Browser, origin: str, folder: Path) -> None:
        """Sign the people in once, and find where pages are."""
        self._browser = browser
        self._origin = origin
        self._folder = folder
        for who in (MEMBER, MODERATOR, SUPER_MODERATOR):
            with self._window(View()) as page:
                sign_in(page, who, DEMO_PASSWORD)
                page.context.storage_state(path=self._kept(who))
        with self._window(View(), MEMBER) as member, self._window(View(), MODERATOR) as moderator:
            self._places = places_of(origin, member, moderator, folder)
        self._speaks = {MEMBER: "fr", MODERATOR: "fr", SUPER_MODERATOR: "fr"}
        self._visits: dict[tuple[str, str], Visit] = {}

    def visit(self, shown: Shown, language: str) -> Visit:
        """Go there, once for each language."""
        key = (shown.name, language)
        if key not in self._visits:
            self._visits[key] = self._gathered(shown, language)
        return self._visits[key]

    def _gathered(self, shown: Shown, language: str) -> Visit:
        if shown.who and self._speaks[shown.who] != language:
            with self._window(View(language), shown.who) as page:
                speak(page, language)
            self._speaks[shown.who] = language
        address = shown.address(self._places, language)
        view = View(language)
        with self._window(view, shown.who) as page:
            watch = Watch(page)
            status = _go(page, address)
            is_tried = language == AXE_LANGUAGE or shown.name in AXE_IN_ENGLISH
            findings = _findings(page) if is_tried else {}
            page.set_viewport_size({"width": NARROWEST, "height": 800})
            wider = page.evaluate(_OVERFLOW)
            heading, told = page.inner_text("h1"), page.locator("html").get_attribute("lang")
        with self._window(replace(view, has_scripts=False), shown.who) as plain:
            plain_status = _go(plain, address)
            plain_heading, words = plain.inner_text("h1"), plain.inner_text("main").split()
        return Visit(
            status=status,
            language=str(told),
            heading=heading,
            findings=findings,
            wider=wider,
            received_bytes=watch.received_bytes,
            foreign_hosts=watch.hosts - {urlsplit(self._origin).netloc},
            complaints=watch.complaints,
            plain_status=plain_status,
            plain_heading=plain_heading,
            plain_words=len(words),
        )

    @contextmanager
    def _window(self, view: View, who: str = "") -> Iterator[Page]:
        with window(self._browser, self._origin, view, self._kept(who)) as context:
            yield context.new_page()

    def _kept(self, who: str) -> Path | None:
        return self._folder / f"{who}.json" if who else None


def _go(page: Page, address: str) -> int:
    answer = page.goto(address, wait_until="load")
    assert answer is not None
    return answer.status


def _findings(page: Page) -> dict[str, list[str]]:
    # What is folded away is looked at too.
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    light = _found(page)
    page.emulate_media(color_scheme="dark")
    return {"light": light, "dark": _found(page)}


def _found(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{found['id']}: {node['target']} {node.get('failureSummary', '')}"
        for found in violations
        if found["impact"] in _GRAVE
        for node in found["nodes"][:3]
    ]
