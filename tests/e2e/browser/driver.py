"""Chromium for the tests: windows in a language, a width and a theme, and what pages asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.site import PASSWORD

CHROMIUM: Final = "/usr/bin/chromium"
ARGUMENTS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
PATIENCE_MS: Final = 60_000
PHONE: Final = 390
DESK: Final = 1280
_LOCALES: Final = {"fr": "fr-FR", "en": "en-GB"}
_PHONE_WIDEST: Final = 600
_NO_COMPLAINTS: Final = (
    # The page itself answers 4xx: its status has a claim of its own.
    "Failed to load resource: the server responded with a status of 4",
)


@dataclass(frozen=True, slots=True)
class View:
    """How somebody looks at the site; `address` is where they say they come from."""

    language: str = "fr"
    width: int = DESK
    is_dark: bool = False
    has_scripts: bool = True
    address: str = ""

    def __str__(self) -> str:
        scripts = "" if self.has_scripts else "-plain"
        return f"{self.language}-{self.width}{scripts}"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run one browser."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def window(
    browser: Browser, origin: str, view: View, signed_in: Path | None = None
) -> BrowserContext:
    """Open a window without a cache, and without cookies but those kept in `signed_in`."""
    is_phone = view.width < _PHONE_WIDEST
    headers = {"X-Forwarded-For": view.address} if view.address else {}
    context = browser.new_context(
        base_url=origin,
        locale=_LOCALES[view.language],
        viewport={"width": view.width, "height": 844 if is_phone else 900},
        is_mobile=is_phone,
        has_touch=is_phone,
        color_scheme="dark" if view.is_dark else "light",
        # A colour half-way through its transition is nobody's colour.
        reduced_motion="reduce",
        java_script_enabled=view.has_scripts,
        extra_http_headers=headers,
        storage_state=signed_in,
    )
    context.set_default_timeout(PATIENCE_MS)
    return context


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Sign in by the form."""
    page.goto("/account/sign-in")
    page.fill("#id_login", name)
    page.fill("#id_password", password)
    with page.expect_navigation():
        page.click("main form button[type=submit]")
    assert "/account/" not in page.url, page.inner_text("main")


def speak(page: Page, language: str) -> None:
    """Have pages in a language, by the switch at their foot; an account keeps it."""
    page.goto("/legal/contact")
    switch = page.locator(f"button[name=language][value={language}]")
    if switch.count():
        with page.expect_navigation():
            switch.click()


@dataclass(slots=True)
class Watch:
    """What a page asked for and complained about, from now on."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    received_bytes: int = 0

    def __post_init__(self) -> None:
        wire = self.page.context.new_cdp_session(self.page)
        wire.send("Network.enable")
        # Playwright marks what it calls, and a bound method cannot be marked.
        wire.on("Network.loadingFinished", lambda event: self._add(event["encodedDataLength"]))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self._said(said.type, said.text))

    def _add(self, received_bytes: float) -> None:
        self.received_bytes += int(received_bytes)

    def _said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not text.startswith(_NO_COMPLAINTS):
            self.complaints.append(text)
