"""One journey through everything: register, publish, approve, find, share, be credited."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from bottin.metainfo.build import BuildOptions, build
from tests.e2e.browser import ground, steps
from tests.e2e.browser.driver import DESK, PHONE, View, Watch, sign_in, window
from tests.e2e.browser.ground import Member
from tests.e2e.browser.steps import Newcomer
from tests.e2e.clients import LibtorrentClient, wait_until
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
VIEWS: Final = (
    *(View(language, width) for language in ("fr", "en") for width in (PHONE, DESK)),
    View("fr", PHONE, has_scripts=False),
    View("en", DESK, has_scripts=False),
)
CONTENT_BYTES: Final = 700_001


@pytest.fixture(scope="module")
def moderators(town: Site) -> dict[str, str]:
    """Name somebody of the team for each language."""
    return {
        language: ground.create(town, Member(f"referee-{language}", "moderator", language)).name
        for language in ("fr", "en")
    }


@pytest.fixture(scope="module")
def early(browser: Browser, town: Site) -> Iterator[dict[View, Newcomer]]:
    """Bring those without scripts to the registration form at the start: they have to wait."""
    with ExitStack() as stack:
        there = {}
        for view in (view for view in VIEWS if not view.has_scripts):
            from_home = replace(view, address=steps.somewhere())
            page = stack.enter_context(window(browser, town.origin, from_home)).new_page()
            there[view] = steps.arrive(page, view, f"early-{view}")
        yield there


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_a_newcomer_publishes_and_is_credited_when_another_member_fetches(
    view: View,
    town: Site,
    moderators: dict[str, str],
    early: dict[View, Newcomer],
    page_on: Callable[[View], Page],
    tmp_path: Path,
) -> None:
    newcomer = early.get(view) or steps.arrive(
        page_on(replace(view, address=steps.somewhere())), view, f"newcomer-{view}"
    )
    watch = Watch(newcomer.page)
    reader = ground.create(town, Member(f"reader-{view}", "member", view.language)).name
    title = f"Cahier {view}"
    content = tmp_path / "seed" / f"cahier-{view}.bin"
    content.parent.mkdir()
    content.write_bytes(random.Random(title).randbytes(CONTENT_BYTES))
    torrent = build(content, BuildOptions(piece_length=32768)).raw

    steps.register(newcomer)
    steps.confirm(newcomer, town)
    steps.hand_in(newcomer.page, torrent, f"{view}.torrent", has_scripts=view.has_scripts)
    number = steps.describe(newcomer.page, title)
    approve(page_on(view), view, moderators[view.language], title)
    fetching = page_on(view)
    sign_in(fetching, reader)
    steps.find(fetching, title)
    newcomer.page.goto(f"/torrents/{number}")
    given, taken = steps.download(newcomer.page), steps.download(fetching)
    share(given, content.parent, taken, tmp_path / "fetched")

    assert (tmp_path / "fetched" / content.name).read_bytes() == content.read_bytes()
    moved, nothing = (steps.written(size, view.language) for size in (CONTENT_BYTES, 0))
    for page, totals in ((newcomer.page, [moved, nothing]), (fetching, [nothing, moved])):
        wait_until(lambda p=page, t=totals: steps.shown_totals(p) == t, f"{totals} on {page.url}")  # type: ignore[misc]
        assert page.locator("html").get_attribute("lang") == view.language
    assert watch.complaints == []


def approve(page: Page, view: View, moderator: str, title: str) -> None:
    """Open the release in the queue, and approve it by the key shown on its button."""
    sign_in(page, moderator)
    page.goto("/moderation")
    with page.expect_navigation():
        page.locator("nav.queue").get_by_role("link", name=title, exact=True).click()
    button = page.locator("button[data-key=a]")
    assert "a" in button.locator("kbd").inner_text()
    with page.expect_navigation():
        if view.has_scripts:
            page.keyboard.press("a")
        else:
            button.click()
    assert title in page.inner_text("#messages")


def share(given: bytes, folder: Path, taken: bytes, fetched: Path) -> None:
    """Let two real clients exchange it; what the tracker introduced, they finish."""
    fetched.mkdir()
    with ExitStack() as stack:
        clients = [LibtorrentClient(folder, "127.0.0.1") for _ in range(2)]
        for client in clients:
            stack.callback(client.close)
        seeder, leecher = clients
        seeder.add(given, folder)
        wait_until(lambda: seeder.told().is_complete, "the seeder checked its file")
        leecher.add(taken, fetched)
        wait_until(lambda: leecher.told().is_complete, f"it arrives: {leecher.told().trouble}")
        wait_until(lambda: seeder.told().sent >= CONTENT_BYTES, "the seeder counted it")
        leecher.leave()
        seeder.leave()
