"""What people do on the site, step by step, with a browser: by names of fields, in any language."""

import base64
import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import FilePayload, Page

from bottin.lib.sizes import format_bytes
from bottin.web.mailbox import newest_mails
from tests.e2e.browser.driver import View, sign_in
from tests.e2e.clients import wait_until
from tests.e2e.site import PASSWORD, Site

_TORRENT: Final = "application/x-bittorrent"
# Above the minute after which a form counts without JavaScript.
_PATIENCE_S: Final = 120
_numbers: Final = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody in front of the registration form."""

    name: str
    page: Page
    view: View

    @property
    def email(self) -> str:
        """Where their mails go."""
        return f"{self.name}@1.test"


def somewhere() -> str:
    """Return the address of a network nobody else of these tests comes from."""
    number = next(_numbers)
    return f"10.{number // 250}.{number % 250}.7"


def arrive(page: Page, view: View, name: str) -> Newcomer:
    """Open the registration form."""
    page.goto("/")
    page.click("header a[href='/account/sign-up']")
    assert page.locator("html").get_attribute("lang") == view.language
    return Newcomer(name, page, view)


def register(newcomer: Newcomer) -> None:
    """Fill the form and send it, until it is ripe: at once is too soon for a person."""

    def is_accepted() -> bool:
        page = newcomer.page
        page.fill("#id_username", newcomer.name)
        page.fill("#id_email", newcomer.email)
        page.fill("#id_password1", PASSWORD)
        page.check("#id_accepts")
        with page.expect_navigation():
            page.click("form[data-proof] button[type=submit]")
        return page.url.endswith("/account/confirm")

    wait_until(is_accepted, "the registration is accepted", _PATIENCE_S)


def confirm(newcomer: Newcomer, site: Site) -> None:
    """Follow the link of the mail, press its button, sign in."""
    page = newcomer.page
    page.goto(link_for(newcomer.email, site))
    with page.expect_navigation():
        page.click("main form button[type=submit]")
    sign_in(page, newcomer.name)


def link_for(email: str, site: Site) -> str:
    """Return the link of the last mail to an address."""
    folder = site.folder / "mail"

    def letters() -> list[str]:
        return [mail.text for mail in newest_mails(folder) if mail.to == email]

    wait_until(lambda: bool(letters()), f"a mail to {email}")
    link = re.search(rf"{re.escape(site.origin)}/account/confirm/\S+", letters()[0])
    assert link is not None, letters()[0]
    return link[0]


def hand_in(page: Page, torrent: bytes, name: str, *, has_scripts: bool) -> None:
    """Give a `.torrent`: dropped on the page, or chosen and sent where nothing can be dropped."""
    page.goto("/publish")
    if not has_scripts:
        file: FilePayload = {"name": name, "mimeType": _TORRENT, "buffer": torrent}
        page.set_input_files("#torrent", file)
        with page.expect_navigation():
            page.click(".drop button[type=submit]")
        return
    dropped = page.evaluate_handle(
        """([name, text]) => {
            const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, {type: "application/x-bittorrent"}));
            return transfer;
        }""",
        [name, base64.b64encode(torrent).decode()],
    )
    with page.expect_navigation():
        page.dispatch_event("[data-drop]", "drop", {"dataTransfer": dropped})


def describe(page: Page, title: str) -> str:
    """Fill the form of a release and hand it in; the release's id."""
    number = re.search(r"/publish/(\d+)$", page.url)
    assert number is not None, f"{page.url}: {page.inner_text('main')}"
    page.fill("#id_title", title)
    page.select_option("#id_category_id", "130100")
    page.select_option("#id_licence_code", "CC-BY-4.0")
    page.fill("#id_provenance_url", "https://example.org/work")
    page.fill("#id_description", "Un **essai** de bout en bout.")
    # With scripts it comes into the page; without them the page comes again, with what was typed.
    page.click("button[name=preview]")
    page.wait_for_selector("#preview strong:has-text('essai')")
    with page.expect_navigation():
        page.click("button[name=submit]")
    return number[1]


def find(page: Page, words: str) -> None:
    """Search from the top of the page until the index knows it; open its page."""
    page.goto("/")
    hit = page.locator("table.list").get_by_role("link", name=words, exact=True)

    def is_found() -> bool:
        page.fill("main [type=search], header [type=search]", words)
        with page.expect_navigation():
            page.press("main [type=search], header [type=search]", "Enter")
        return hit.count() > 0

    wait_until(is_found, f"{words} is found")
    with page.expect_navigation():
        hit.click()


def download(page: Page) -> bytes:
    """Press Download on a release's page; the personal `.torrent`."""
    with page.expect_download() as coming:
        page.click("main aside a.primary[href$='/download']")
    return Path(coming.value.path()).read_bytes()


def shown_totals(page: Page) -> list[str]:
    """Read uploaded and downloaded on one's own page."""
    page.goto("/me")
    return page.locator("main dl.figures dd").all_inner_texts()[:2]


def written(size_bytes: int, language: str) -> str:
    """Write a size as a page does."""
    return format_bytes(size_bytes, language)
