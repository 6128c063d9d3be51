"""Texts of strangers in a browser: nothing runs, nothing is even tried (META-18, T-17)."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import Any, Final
from urllib.parse import quote

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from bottin.accounts.models import Account
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import viewer_for
from bottin.catalog.models import Release
from bottin.moderation import actions
from tests.data.payloads import PAYLOADS, packed
from tests.e2e.browser import strangers
from tests.e2e.browser.driver import chromium
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

_TOLD: Final = """
window.__ran = [];
for (const name of ["alert", "confirm", "prompt", "print"])
  window[name] = (said) => window.__ran.push(String(said));
document.addEventListener("securitypolicyviolation",
  (event) => window.__ran.push("blocked " + event.violatedDirective + " " + event.blockedURI));
"""
_AFTER: Final = """() => new Promise(done => setTimeout(
  () => done([window.__ran, document.body.textContent.includes("alert(")]), 30))"""
_DANGEROUS: Final = "document.body.innerHTML = '<img src=x onerror=alert(7)>'"
_IN_QUERY: Final = 1_500
_UNCHECKED: Final = "for (const form of document.forms) form.noValidate = true"
# Forms that come back with what was typed, when it is wrong.
_FORMS: Final = {
    "/account/sign-in": ("#id_login", "#id_password"),
    "/account/sign-up": ("#id_username", "#id_email"),
    "/account/reset": ("#id_email",),
}
_TYPED: Final = PAYLOADS[41], PAYLOADS[80], PAYLOADS[262]


@dataclass(slots=True)
class Seen:
    """What ran or was blocked, by page, and how many pages showed a payload as text."""

    faults: list[str] = field(default_factory=list)
    shown: int = 0

    def look(self, page: Page, path: str) -> None:
        """Open a page, and let what wants to run have its time."""
        answer = page.goto(path, wait_until="load")
        assert answer is not None
        assert answer.status in {200, 410, 422}, path
        self.shown += self.wait(page, path)

    def wait(self, page: Page, path: str) -> bool:
        """Note what ran by now; return whether a payload is shown."""
        ran, is_shown = page.evaluate(_AFTER)
        self.faults += [f"{path[:60]}: {what}" for what in ran]
        return bool(is_shown)

    def ask(self, page: Page, path: str) -> None:
        """Open what may not be there, or may be refused; it is answered."""
        answer = page.goto(path, wait_until="load")
        assert answer is not None
        assert answer.status < 500, path
        self.wait(page, path)

    def preview(self, page: Page, path: str) -> None:
        """Have the description drawn into the page of a form."""
        page.goto(path)
        page.click("button[name=preview]")
        page.wait_for_selector("#preview .prose")
        self.wait(page, path)

    def type_in(self, page: Page, path: str, payload: str) -> None:
        """Send a form with a payload in its fields."""
        page.goto(path)
        page.evaluate(_UNCHECKED)
        for name in _FORMS[path]:
            page.fill(name, payload)
        with page.expect_navigation():
            page.click("main form button[type=submit]")
        self.wait(page, path)


def _cookies(account: Account) -> dict[str, str]:
    """Sign somebody in; Django wants no browser to run meanwhile."""
    client = Client()
    client.force_login(account)
    return {name: morsel.value for name, morsel in client.cookies.items()}


def _window(browser: Browser, origin: str, cookies: dict[str, str]) -> Page:
    """Open a window of somebody who is signed in, or of nobody."""
    context = browser.new_context(base_url=origin)
    context.add_cookies(
        [{"name": name, "value": value, "url": origin} for name, value in cookies.items()]
    )
    context.add_init_script(_TOLD)
    return context.new_page()


def _written(publisher: Account, moderator: Account) -> tuple[strangers.Shown, list[Release]]:
    """Write payloads in everything; return where they are shown, and what is published."""
    releases = strangers.releases_of(publisher)
    team, shown = viewer_for(moderator), strangers.Shown()
    strangers.pictures_and_texts(releases, shown)
    strangers.remarks(releases, team, shown)
    waiting = list(Release.objects.filter(state="pending"))
    shown.theirs += [f"/moderation/{release.pk}" for release in waiting[::6]]
    listed = waiting[1::2]
    for release in listed:
        actions.approve_release(release.pk, by=team, at=NOON + timedelta(hours=1))
        shown.mine.append(f"/torrents/{release.pk}")
    strangers.works_and_versions(listed, team, shown)
    strangers.kept_things(publisher, shown)
    strangers.of_the_team(listed, team, shown)
    shown.mine += [f"/search?q={quote(text)}" for text in packed(PAYLOADS, _IN_QUERY)]
    shown.theirs += ["/", f"/publishers/{publisher.name}", "/moderation"]
    return shown, listed


def test_meta_18_nothing_that_people_write_runs_in_a_browser(live_server: Any) -> None:
    publisher, moderator = make.account(), make.account(Role.SUPER_MODERATOR)
    shown, listed = _written(publisher, moderator)
    mine, theirs = _cookies(publisher), _cookies(moderator)
    drafts = [path for path in shown.mine if path.startswith("/publish/")]
    seen = Seen()
    with chromium() as browser:
        page = _window(browser, live_server.url, mine)
        for path in shown.mine:
            seen.look(page, path)
        for path in drafts[:3]:
            seen.preview(page, path)
        page = _window(browser, live_server.url, theirs)
        for path in shown.theirs:
            seen.look(page, path)
        for path in strangers.asked_back(listed):
            seen.ask(page, path)
        page = _window(browser, live_server.url, {})
        for path, payload in product(_FORMS, _TYPED):
            seen.type_in(page, path, payload)
        page.goto("about:blank")
        page.evaluate(_DANGEROUS)
        control, _shown = page.evaluate(_AFTER)

    assert len(PAYLOADS) >= 500
    assert control == ["7"]
    assert seen.faults == []
    assert seen.shown >= len(shown.mine) + len(shown.theirs) - 3
