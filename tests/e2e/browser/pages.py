"""Every page of a site with demonstration content: where it is, who may see it, what it answers."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from playwright.sync_api import Page

from bottin.metainfo.build import build

MEMBER: Final = "lea"
MODERATOR: Final = "mona"
SUPER_MODERATOR: Final = "samir"
# Printed by `bottin demo`; its module needs a database, and a browser does not.
DEMO_PASSWORD: Final = "papier-encre-et-jaune"
_REMOVED: Final = (410, 451)
_DEMO_RELEASES: Final = 400


@dataclass(frozen=True, slots=True)
class Shown:
    """One page; `path` has places in braces, see `places_of`."""

    name: str
    path: str
    who: str = ""
    status: int = 200

    def __str__(self) -> str:
        return self.name

    def address(self, places: dict[str, str], language: str) -> str:
        """Fill the places in, and ask for a language."""
        path = self.path.format(**places)
        return f"{path}{'&' if '?' in path else '?'}lang={language}"


PAGES: Final = (
    Shown("home", "/"),
    Shown("everything", "/search"),
    Shown("results", "/search?q=linux"),
    Shown("results-none", "/search?q=zzzyqx"),
    Shown("results-refused", '/search?q="linux', status=200),
    Shown("results-narrowed", "/search?q=linux&status=alive&status=dormant"),
    Shown("results-fault", "/search?q=linux+size:12patates", status=422),
    Shown("search-help", "/search/help"),
    Shown("category", "{category}"),
    Shown("shelf", "{shelf}"),
    Shown("publisher", "/publishers/archives-libres"),
    Shown("release", "{release}"),
    Shown("release-open", "{open}"),
    Shown("release-pictured", "{pictured}"),
    Shown("release-day", "{pictured}?span=day"),
    Shown("release-text", "{text}"),
    Shown("rescue", "/rescue"),
    Shown("rescue-held", "/rescue?held=held&sort=size"),
    Shown("top", "/top"),
    Shown("top-seeders", "/top/seeders/all"),
    Shown("browse", "/browse"),
    Shown("works", "/works"),
    Shown("work", "/works/1"),
    Shown("tags", "/tags"),
    Shown("versions", "/torrents/1/versions"),
    Shown("version", "/torrents/1/versions/1"),
    Shown("release-place", "/torrents/1/work", MODERATOR),
    Shown("release-seeds", "/torrents/1/seeds", MODERATOR),
    Shown("release-pictures", "{pictured_pk}/pictures", MODERATOR),
    Shown("work-pictures", "/works/1/pictures", MODERATOR),
    Shown("work-curate", "/works/1/curate?q=linux", MODERATOR),
    Shown("moderation-tags", "/moderation/tags", MODERATOR),
    Shown("files-found", "/torrents/1/folder?q=iso"),
    Shown("lookup", "/lookup"),
    Shown("lookup-nothing", "/lookup?hash=0000000000000000000000000000000000000000"),
    Shown("lookup-wrong", "/lookup?hash=xyz", status=422),
    Shown("dumps", "/dumps"),
    Shown("licences", "/legal/licences"),
    Shown("contact", "/legal/contact"),
    Shown("status", "/status"),
    Shown("api", "/api/v1/docs"),
    Shown("sign-in", "/account/sign-in"),
    Shown("sign-up", "/account/sign-up"),
    Shown("confirm-sent", "/account/confirm"),
    Shown("confirm-stale", "/account/confirm/x:y:z", status=410),
    Shown("email-undo-stale", "/account/email/undo/x", status=410),
    Shown("inactive", "/account/inactive", status=403),
    Shown("reset-ask", "/account/reset"),
    Shown("reset-sent", "/account/reset/sent"),
    Shown("reset-stale", "/account/reset/1-x-y"),
    Shown("reset-done", "/account/reset/done"),
    Shown("mailbox", "/mailbox"),
    Shown("unknown", "/no/such/page", status=404),
    Shown("removed-terms", "{removed_410}", status=410),
    Shown("removed-legal", "{removed_451}", status=451),
    Shown("design", "/design"),
    *(
        Shown(f"error-{status}", f"/design/error/{status}")
        for status in (400, 403, 404, 410, 413, 429, 451, 500, 503)
    ),
    Shown("me", "/me", MEMBER),
    Shown("me-bookmarks", "/me/bookmarks", MEMBER),
    Shown("me-searches", "/me/searches", MEMBER),
    Shown("me-pledges", "/me/pledges", MEMBER),
    Shown("rescue-plan", "/rescue/plan?gigabytes=1", MEMBER),
    Shown("results-member", "/search?q=linux", MEMBER),
    Shown("me-downloads", "/me/downloads", MEMBER),
    Shown("me-download", "{transfer}", MEMBER),
    Shown("me-announces", "/me/announces", MEMBER),
    Shown("me-ledger", "/me/ledger", MEMBER),
    Shown("me-key", "/me/key", MEMBER),
    Shown("me-feeds", "/me/feeds", MEMBER),
    Shown("me-tokens", "/me/tokens", MEMBER),
    Shown("me-sessions", "/me/sessions", MEMBER),
    Shown("me-settings", "/me/settings", MEMBER),
    Shown("me-password", "/account/password", MEMBER),
    Shown("me-email", "/account/email", MEMBER),
    Shown("again", "/account/again", MEMBER),
    Shown("sign-out", "/account/sign-out", MEMBER),
    Shown("publish", "/publish", MEMBER),
    Shown("publish-draft", "{draft}", MEMBER),
    Shown("release-member", "{release}", MEMBER),
    Shown("not-allowed", "/moderation", MEMBER, status=403),
    Shown("moderation", "/moderation", MODERATOR),
    Shown("moderation-item", "{waiting}", MODERATOR),
    Shown("moderation-ledger", "/moderation/ledger", MODERATOR),
    Shown("moderation-hold", "{hold}", MODERATOR),
    Shown("moderation-flag", "{flag}", MODERATOR),
    Shown("moderation-announces", "/moderation/announces", MODERATOR),
    Shown("moderation-synonyms", "/moderation/synonyms", MODERATOR),
    Shown("moderation-clients", "/moderation/clients?head=-TR30", SUPER_MODERATOR),
    Shown("picks", "/moderation/picks", MODERATOR),
    Shown("permissions", "/permissions", MODERATOR),
    Shown("release-moderator", "{release}", MODERATOR),
)


def places_of(origin: str, member: Page, moderator: Page, folder: Path) -> dict[str, str]:
    """Find an address for each place in braces; a draft is made on the way."""
    places = dict(_removed(origin))
    member.goto("/search")
    rows = member.locator("table.list tbody tr")
    places["category"] = _href(member, "nav.tabs li:nth-child(3) a")
    with httpx.Client(base_url=origin) as visitor:
        for at in range(rows.count()):
            path = rows.nth(at).locator("th.title a").get_attribute("href") or ""
            is_open = f'href="{path.partition("-")[0]}/download' in visitor.get(path).text
            places.setdefault("open" if is_open else "release", path)
            if {"open", "release"} <= places.keys():
                break
    member.goto("/search?sort=newest")
    places["pictured"] = _href(member, "th.title a")
    places["pictured_pk"] = places["pictured"].partition("-")[0]
    member.goto(places["pictured"])
    places["text"] = _href(member, "main a[href*='/texts/']")
    member.goto(places["category"])
    places["shelf"] = _href(member, ".facets a[href^='/c/'] >> nth=-1")
    member.goto("/me/downloads")
    places["transfer"] = _href(member, "main a[href^='/me/downloads/']")
    places["draft"] = _draft(member, folder)
    moderator.goto("/moderation")
    places["waiting"] = _href(moderator, "nav.queue li:last-child a")
    for kind in ("hold", "flag"):
        query = "?kind=hold" if kind == "hold" else "?kind=upload_without_leecher"
        moderator.goto(f"/moderation/ledger{query}")
        places[kind] = _href(moderator, "nav.queue li a").partition("?")[0]
    return places


def _href(page: Page, selector: str) -> str:
    return page.locator(selector).first.get_attribute("href") or ""


def _removed(origin: str) -> Iterator[tuple[str, str]]:
    """Find the two tombstones, one of each kind."""
    wanted = set(_REMOVED)
    with httpx.Client(base_url=origin) as visitor:
        for number in range(1, _DEMO_RELEASES):
            status = visitor.get(f"/torrents/{number}").status_code
            if status in wanted:
                wanted.remove(status)
                yield f"removed_{status}", f"/torrents/{number}"
            if not wanted:
                return
    raise AssertionError(f"no page answers {wanted}")


def _draft(page: Page, folder: Path) -> str:
    """Hand a folder of files in, and leave the form."""
    content = folder / "Herbier des Alpes (1911)"
    dice = random.Random(content.name)
    for name in ("planches/01 Gentiane.jpg", "planches/02 Edelweiss.jpg", "LISEZMOI.txt"):
        path = content / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dice.randbytes(dice.randrange(20_000, 90_000)))
    torrent = folder / "herbier.torrent"
    torrent.write_bytes(build(content).raw)
    page.goto("/publish")
    with page.expect_navigation():
        page.set_input_files("#torrent", torrent)
    assert "/publish/" in page.url, page.inner_text("main")
    return "/publish/" + page.url.rsplit("/", 1)[1]
