"""What goes wrong is told in the reader's language, with a fitting status, and changes nothing."""

import functools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page

from bottin.metainfo.build import build
from tests.e2e.browser import ground
from tests.e2e.browser.driver import View, sign_in
from tests.e2e.browser.ground import Member
from tests.e2e.site import Person, Site

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
ROLES: Final = {
    "sender": "member",
    "first": "moderator",
    "second": "moderator",
    "remover": "super_moderator",
}
TOO_LARGE_BYTES: Final = 4 * 1024 * 1024 + 1
NO_TORRENT: Final = {"fr": "n’est pas un torrent", "en": "is not a torrent"}
TOO_LARGE: Final = {"fr": "4\u202f194\u202f305", "en": "4,194,305"}
THERE_ALREADY: Final = {"fr": "a déjà ce torrent", "en": "already has this torrent"}
OUT_OF_DATE: Final = {"fr": "formulaire est périmé", "en": "form is out of date"}
ELSE_DECIDED: Final = {"fr": "Quelqu’un d’autre a décidé", "en": "Someone else decided"}
NOTHING_HERE: Final = {"fr": "Il n’y a rien", "en": "There is nothing"}
REMOVED: Final = {
    "remove_terms": {"fr": "Cette fiche a été retirée", "en": "This release was removed"},
    "remove_legal": {"fr": "pour raison légale", "en": "for legal reasons"},
}
Opened = Callable[[str, str], Page]


@pytest.fixture(params=("fr", "en"))
def language(request: pytest.FixtureRequest) -> str:
    """Read in French, then in English."""
    return str(request.param)


@pytest.fixture(scope="session")
def editor(town: Site) -> Person:
    """What this member hands in is published at once."""
    return town.person("editor", "trusted_publisher")


@pytest.fixture(scope="session")
def author(town: Site) -> Person:
    """What this member hands in waits for the team."""
    return town.person("author")


@pytest.fixture(scope="session")
def accounts(town: Site) -> Callable[[str, str], str]:
    """Make a member, a moderator or somebody who may remove, when they are first asked for."""

    @functools.cache
    def account_of(name: str, language: str) -> str:
        member = Member(f"{name}-{language}", ROLES[name], language)
        return ground.create(town, member).name

    return account_of


@pytest.fixture
def signed_in(page_on: Callable[[View], Page], accounts: Callable[[str, str], str]) -> Opened:
    """Open a window for somebody, in a language."""

    def opened(name: str, language: str) -> Page:
        page = page_on(View(language))
        sign_in(page, accounts(name, language))
        return page

    return opened


@pytest.fixture
def torrent(tmp_path: Path, request: pytest.FixtureRequest) -> bytes:
    """Make a torrent of this test alone: names and sizes like those of a removed one would wait."""
    dice = random.Random(request.node.name)
    content = tmp_path / f"work-{dice.randbytes(4).hex()}.bin"
    content.write_bytes(dice.randbytes(dice.randrange(50_000, 90_000)))
    return build(content).raw


def send(page: Page, content: bytes, name: str = "work.torrent") -> int:
    """Choose a file on the door; the status of the answer."""
    page.goto("/publish")
    with page.expect_navigation() as answer:
        page.set_input_files("#torrent", {"name": name, "mimeType": "", "buffer": content})
    return status_of(answer.value)


def status_of(answer: object) -> int:
    """Read the status of a navigation."""
    return int(getattr(answer, "status", 0))


def drafts(page: Page) -> int:
    """Count the drafts that the door shows."""
    page.goto("/publish")
    return page.locator("a[href^='/publish/']").count()


def test_a_file_that_is_no_torrent_is_refused(signed_in: Opened, language: str) -> None:
    page = signed_in("sender", language)

    status = send(page, b"\x89PNG\r\n\x1a\n" + bytes(500), "photo.png")

    assert status == 422
    assert NO_TORRENT[language] in page.inner_text("[role=alert]")
    assert drafts(page) == 0


def test_a_file_that_is_too_large_is_refused(signed_in: Opened, language: str) -> None:
    page = signed_in("sender", language)

    status = send(page, bytes(TOO_LARGE_BYTES))

    assert status == 413
    assert TOO_LARGE[language] in page.inner_text("[role=alert]")
    assert drafts(page) == 0


def test_a_torrent_that_is_there_already_leads_to_its_page(
    signed_in: Opened, editor: Person, torrent: bytes, language: str
) -> None:
    title = f"Atlas {language}"
    number = editor.publish(torrent, title)
    page = signed_in("sender", language)

    status = send(page, torrent)

    assert status == 409
    assert THERE_ALREADY[language] in page.inner_text("[role=alert]")
    link = page.locator("[role=alert] a")
    assert (link.inner_text(), link.get_attribute("href")) == (title, f"/torrents/{number}")
    assert drafts(page) == 0


def test_a_form_whose_cookies_are_gone_is_out_of_date(
    page_on: Callable[[View], Page], language: str
) -> None:
    page = page_on(View(language))
    page.goto("/account/sign-in")
    page.fill("#id_login", "sender")
    page.fill("#id_password", "whatever it was")
    page.context.clear_cookies()

    with page.expect_navigation() as answer:
        page.click("main form button[type=submit]")

    assert status_of(answer.value) == 403
    assert OUT_OF_DATE[language] in page.inner_text("main")


def test_the_second_of_two_moderators_is_told(
    signed_in: Opened, author: Person, torrent: bytes, language: str
) -> None:
    number = author.publish(torrent, f"Planisphère {language}")
    first, second = signed_in("first", language), signed_in("second", language)
    for page in (first, second):
        page.goto(f"/moderation/{number}")
    with first.expect_navigation():
        first.keyboard.press("a")

    second.keyboard.press("r")
    second.fill("#text-reject", "Trop tard.")
    with second.expect_navigation() as answer:
        second.click("details[data-key=r] button[name=decision]")

    assert status_of(answer.value) == 409
    assert ELSE_DECIDED[language] in second.inner_text("[role=alert]")
    assert author.release(number)["state"] == "published"


def test_an_unknown_page_says_so(page_on: Callable[[View], Page], language: str) -> None:
    page = page_on(View(language))

    answer = page.goto("/no/such/page")

    assert status_of(answer) == 404
    assert NOTHING_HERE[language] in page.inner_text("h1")


@pytest.mark.parametrize(("decision", "status"), [("remove_terms", 410), ("remove_legal", 451)])
def test_a_removed_release_leaves_a_tombstone(
    signed_in: Opened,
    page_on: Callable[[View], Page],
    editor: Person,
    torrent: bytes,
    language: str,
    decision: str,
    status: int,
) -> None:
    number = editor.publish(torrent, f"Mappemonde {decision} {language}")
    remover = signed_in("remover", language)
    remover.goto(f"/moderation/{number}")
    remover.keyboard.press("t" if decision == "remove_terms" else "l")
    remover.fill(f"#text-{decision}", "Retrait demandé.")
    with remover.expect_navigation():
        remover.click(f"button[value={decision}]")
    stranger = page_on(View(language))

    answer = stranger.goto(f"/torrents/{number}")

    assert status_of(answer) == status
    assert REMOVED[decision][language] in stranger.inner_text("h1")
    assert stranger.locator("a[href$='/download']").count() == 0
