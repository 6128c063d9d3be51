"""Take a picture of every page in both languages, both themes, at 390 and 1280 px.

    python -m tools.screenshots FOLDER [--url http://127.0.0.1:8411] [--only home,me] [--docs]

Without --url a demonstration site is started in a temporary folder, and stopped at the end.
--docs writes the few pictures that the documentation shows into docs/images/ instead.
"""

import argparse
import itertools
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import httpx
from playwright.sync_api import Browser, Page

from bottin.metainfo.parser import parse
from tests.e2e.browser.driver import DESK, PHONE, View, chromium, sign_in, speak, window
from tests.e2e.browser.ground import demo_site
from tests.e2e.browser.pages import DEMO_PASSWORD, MEMBER, MODERATOR, PAGES, Shown, places_of
from tests.e2e.clients import wait_until

IMAGES: Final = Path(__file__).resolve().parents[1] / "docs" / "images"
DOCUMENTED: Final = {
    "release-en-1280": ("release-documented", View("en", DESK)),
    "release-fr-1280": ("release-documented", View("fr", DESK)),
    "home-fr-1280": ("home", View("fr", DESK)),
    "home-fr-390": ("home", View("fr", PHONE)),
    "me-fr-1280": ("me", View("fr", DESK)),
    "moderation-fr-1280": ("moderation", View("fr", DESK)),
}
# How often somebody fetches what somebody seeds, in an invented swarm.
_BUSY: Final = 0.6
# Alive, with a tree of files: the page that says what the site is.
_DOCUMENTED_RELEASE: Final = Shown("release-documented", "{alive}", MEMBER)


def main() -> int:
    """Take the pictures; say where they are."""
    asked = _arguments()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bottin-pictures-")))
        origin = asked.url or stack.enter_context(demo_site(folder / "data")).origin
        album = Album(stack.enter_context(chromium()), origin, folder)
        if asked.docs:
            populate(origin)
            wait_until(lambda: is_alive(origin), "the counts of the home page")
            album.document(IMAGES)
        else:
            album.every_page(asked.folder, set(asked.only.split(",")) - {""})
    print(f"{album.count} pictures in {IMAGES if asked.docs else asked.folder}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("screenshots"))
    parser.add_argument("--url", help="a demonstration site that runs already")
    parser.add_argument("--only", default="", help="names of pages, separated by commas")
    parser.add_argument("--docs", action="store_true", help="write docs/images/")
    return parser.parse_args()


class Album:
    """Windows on one site, signed in once for each person and view."""

    def __init__(self, browser: Browser, origin: str, folder: Path) -> None:
        self._browser = browser
        self._origin = origin
        self._signed_in: dict[str, Path] = {}
        self._folder = folder
        self.count = 0
        with self._window(View(), MEMBER) as member, self._window(View(), MODERATOR) as moderator:
            self._places = places_of(origin, member, moderator, folder)

    def every_page(self, folder: Path, only: set[str]) -> None:
        """Write `name-language-width-theme.png` for each page, whole."""
        folder.mkdir(parents=True, exist_ok=True)
        people = ("", MEMBER, MODERATOR)
        views = itertools.product(("fr", "en"), (PHONE, DESK), (False, True), people)
        for language, width, is_dark, who in views:
            theme = "dark" if is_dark else "light"
            pages = [p for p in PAGES if p.who == who and (not only or p.name in only)]
            with self._window(View(language, width, is_dark), who) as page:
                for shown in pages:
                    path = folder / f"{shown.name}-{language}-{width}-{theme}.png"
                    self._take(page, shown, language, path, is_whole=True)

    def document(self, folder: Path) -> None:
        """Write the pictures of the documentation: what one sees without scrolling."""
        folder.mkdir(parents=True, exist_ok=True)
        self._places["alive"] = self._alive_with_folders()
        by_name = {page.name: page for page in (*PAGES, _DOCUMENTED_RELEASE)}
        for name, (page_name, view) in DOCUMENTED.items():
            shown = by_name[page_name]
            with self._window(view, shown.who) as page:
                self._take(page, shown, view.language, folder / f"{name}.png", is_whole=False)

    def _alive_with_folders(self) -> str:
        with self._window(View(), MEMBER) as page:
            page.goto("/search?sort=seeders")
            hrefs = [row.get_attribute("href") or "" for row in page.locator("th.title a").all()]
            for href in hrefs:
                page.goto(href)
                if page.locator(".tree details").count():
                    return href
        raise LookupError("no release with seeders has folders")

    def _take(self, page: Page, shown: Shown, language: str, path: Path, *, is_whole: bool) -> None:
        page.goto(shown.address(self._places, language))
        page.screenshot(path=path, full_page=is_whole, animations="disabled")
        self.count += 1

    @contextmanager
    def _window(self, view: View, who: str) -> Iterator[Page]:
        context = window(self._browser, self._origin, view)
        if who in self._signed_in:
            context.close()
            context = window(self._browser, self._origin, view, self._signed_in[who])
        page = context.new_page()
        if who and who not in self._signed_in:
            sign_in(page, who, DEMO_PASSWORD)
            self._signed_in[who] = self._folder / f"{who}.json"
            context.storage_state(path=self._signed_in[who])
        if who:
            speak(page, view.language)
        yield page
        context.close()


def populate(origin: str) -> None:
    """Announce invented peers to the open releases of the first pages, as a living site has.

    They speak to the tracker as any client does, from this machine, and expire by themselves.
    """
    dice = random.Random("peers")  # noqa: S311 - a picture
    with httpx.Client(base_url=origin, follow_redirects=True, timeout=30) as visitor:
        for sort in ("newest", "completed", "size"):
            listed = visitor.get(f"/search?sort={sort}").text
            for path in dict.fromkeys(re.findall(r"/torrents/\d+/download", listed)):
                _announce(visitor, visitor.get(path).content, dice)


def is_alive(origin: str) -> bool:
    """Whether the home page, kept for some seconds, counts these peers."""
    return not re.search(r">0</span> seeders", httpx.get(f"{origin}/?lang=en", timeout=30).text)


def _announce(visitor: httpx.Client, torrent: bytes, dice: random.Random) -> None:
    metainfo = parse(torrent)
    url = next(url for tier in metainfo.trackers for url in tier if url.startswith("http://"))
    seeders = min(int(dice.paretovariate(0.6)), 60)
    leechers = dice.randrange(seeders // 3 + 2) if dice.random() < _BUSY else 0
    for left in [0] * seeders + [1] * leechers:
        peer = {"port": dice.randrange(1024, 65_535), "left": left, "uploaded": 0, "downloaded": 0}
        ids = {"info_hash": metainfo.info_hash, "peer_id": b"-XX0001-" + dice.randbytes(12)}
        text = "&".join(f"{key}={quote(value)}" for key, value in ids.items())
        visitor.get(f"{url}?{text}&{urlencode(peer)}&numwant=0&compact=1&event=started")


if __name__ == "__main__":
    sys.exit(main())
