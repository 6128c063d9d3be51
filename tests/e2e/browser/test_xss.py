"""Texts of strangers in a browser: nothing runs, nothing is even tried (META-18, T-17)."""

from dataclasses import dataclass, field
from datetime import timedelta
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
from bottin.pictures import store
from bottin.pictures.models import Picture, PictureFile, TextFile
from bottin.uploads.fields import ReleaseFields
from tests.data.payloads import PAYLOADS, as_names, packed
from tests.e2e.browser.driver import chromium
from tests.factories import catalog as make
from tests.factories.catalog import NOON
from tests.factories.pictures import picture_file

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

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
_IN_TITLE: Final = 190
_IN_STATEMENT: Final = 1_900
_IN_REMARK: Final = 1_500
_IN_ALT: Final = 290
_FILES_EACH: Final = 60


@dataclass(slots=True)
class Seen:
    """What ran or was blocked, by page, and how many pages showed a payload as text."""

    faults: list[str] = field(default_factory=list)
    shown: int = 0

    def look(self, page: Page, path: str) -> None:
        """Open a page, and let what wants to run have its time."""
        answer = page.goto(path, wait_until="load")
        assert answer is not None
        assert answer.status in {200, 422}, path
        ran, is_shown = page.evaluate(_AFTER)
        self.faults += [f"{path[:60]}: {what}" for what in ran]
        self.shown += is_shown


def _releases(publisher: Account) -> list[Release]:
    """Publish every payload as title, also the original one, description, author, tag, file…"""
    by = viewer_for(publisher)
    titles = list(packed(PAYLOADS, _IN_TITLE))
    statements = list(packed(PAYLOADS, _IN_STATEMENT, "\n\n"))
    names = as_names()
    releases = []
    for number, title in enumerate(titles):
        statement = statements[number % len(statements)]
        start = number * _FILES_EACH % len(names)
        files = [(f"{name}.txt", 10) for name in names[start : start + _FILES_EACH]]
        fields = ReleaseFields(
            title=title,
            category_id=make.MUSIC,
            licence_code="CC-BY-SA-4.0",
            provenance_url=f"https://example.org/?x={quote(title)[:300]}",
            provenance_statement=statement,
            description=statement,
            tags=(title[:30],),
            authors=(title[:150], title[-150:]),
            original_title=title,
        )
        given = {name: getattr(fields, name) for name in fields.__slots__}
        of = make.metainfo(f"{names[number]} {number}", files=files)
        releases.append(make.pending(by, of=of, **given))
    return releases


def _beside(releases: list[Release]) -> list[str]:
    """Put payloads beside releases, as what pictures show and as texts; return their pages."""
    digest = store.put(picture_file("WEBP"), "webp")
    paths = []
    for number, alt in enumerate(packed(PAYLOADS, _IN_ALT)):
        release = releases[number % len(releases)]
        print_of = f"{number:064x}"
        picture = Picture.objects.create(
            release=release,
            alt=alt,
            position=number,
            width=300,
            height=450,
            source_digest=print_of,
            pixels_digest=print_of,
            look=print_of[:32],
        )
        PictureFile.objects.create(
            picture=picture, digest=digest, form="webp", width=300, height=450, size_bytes=1
        )
    for number, body in enumerate(packed(PAYLOADS, _IN_REMARK)):
        release = releases[number % len(releases)]
        name = f"{body[:60]}{number}.nfo"
        text = TextFile.objects.create(
            release=release, name=name, body=body, encoding="utf-8", size_bytes=len(body)
        )
        paths.append(f"/torrents/{release.pk}/texts/{text.pk}")
    return paths + [f"/torrents/{release.pk}/pictures" for release in releases[::8]]


def _cookies(account: Account) -> dict[str, str]:
    """Sign somebody in; Django wants no browser to run meanwhile."""
    client = Client()
    client.force_login(account)
    return {name: morsel.value for name, morsel in client.cookies.items()}


def _window(browser: Browser, origin: str, cookies: dict[str, str]) -> Page:
    """Open a window of somebody who is signed in."""
    context = browser.new_context(base_url=origin)
    context.add_cookies(
        [{"name": name, "value": value, "url": origin} for name, value in cookies.items()]
    )
    context.add_init_script(_TOLD)
    return context.new_page()


def test_meta_18_nothing_that_people_write_runs_in_a_browser(live_server: Any) -> None:
    publisher, moderator = make.account(), make.account(Role.MODERATOR)
    releases = _releases(publisher)
    team = viewer_for(moderator)
    mine = _beside(releases)
    for number, remark in enumerate(packed(PAYLOADS, _IN_REMARK)):
        actions.request_changes(
            releases[number].pk, by=team, at=NOON, reason=remark, reason_code="other"
        )
        mine.append(f"/publish/{releases[number].pk}")
    waiting = Release.objects.filter(state="pending")
    theirs = [f"/moderation/{release.pk}" for release in waiting[::6]]
    for release in waiting[1::2]:
        actions.approve_release(release.pk, by=team, at=NOON + timedelta(hours=1))
        mine.append(f"/torrents/{release.pk}")
    mine += [f"/search?q={quote(text)}" for text in packed(PAYLOADS, _IN_REMARK)]
    theirs += ["/", f"/publishers/{publisher.name}", "/moderation"]
    visits = ((_cookies(publisher), mine), (_cookies(moderator), theirs))
    seen = Seen()
    with chromium() as browser:
        for cookies, paths in visits:
            page = _window(browser, live_server.url, cookies)
            for path in paths:
                seen.look(page, path)
        page.goto("about:blank")
        page.evaluate(_DANGEROUS)
        control, _shown = page.evaluate(_AFTER)

    assert len(PAYLOADS) >= 500
    assert control == ["7"]
    assert seen.faults == []
    assert seen.shown >= len(mine) + len(theirs) - 3
