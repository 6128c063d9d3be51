"""Both languages on every page; no cookie for visitors; errors that say what to do."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.accounts.permissions import Role
from bottin.tracker.models import TrackerNode
from bottin.web.sentences import PAGES
from bottin.web.views import errors, maps
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
PATHS: Final = (
    *("/", "/search", "/c/audio", "/legal/licences", "/legal/contact", "/status", "/design"),
    *("/me", "/me/ledger", "/publish", "/moderation"),
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("language", "words"), [("fr", "Aller au contenu"), ("en", "Go to the")])
def test_each_page_speaks_both_languages(
    browser: Browser, path: str, language: str, words: str
) -> None:
    make.pending()
    make.published()
    TrackerNode.objects.create(name="main")
    person = make.account(Role.MODERATOR)
    person.language = language
    person.save()

    page = browser(person, language).get(f"{path}?lang={language}").text

    assert f'<html lang="{language}"' in page
    assert words in page
    assert len(re.findall(r"<h1", page)) == 1


def test_the_browser_says_the_language_and_an_address_may_ask_for_another(browser: Browser) -> None:
    assert '<html lang="fr"' in browser(language="fr").get("/").text
    assert '<html lang="en"' in browser(language="en").get("/").text
    assert '<html lang="en"' in browser(language="fr").get("/?lang=en").text
    assert '<html lang="fr"' in browser(language="fr").get("/?lang=xx").text


def test_a_visitor_gets_no_cookie(browser: Browser) -> None:
    release = make.published()
    visitor = browser()

    for path in ("/", "/c/audio", "/search?q=x", f"/torrents/{release.pk}", "/legal/contact"):
        visitor.get(path, follow=True)

    assert dict(visitor.cookies) == {}


def test_a_visitor_chooses_language_and_theme_without_an_account(browser: Browser) -> None:
    visitor = browser(language="en")

    visitor.post("/language", {"language": "fr", "next": "/status"})
    visitor.post("/theme", {"theme": "dark", "next": "/status"})
    page = visitor.get("/status").text

    assert '<html lang="fr" data-theme="dark"' in page


@pytest.mark.parametrize("status", sorted(PAGES))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_error_has_a_page_that_says_what_to_do(
    browser: Browser, status: int, language: str
) -> None:
    page = browser(language=language).get(f"/design/error/{status}?lang={language}").text

    assert f'<html lang="{language}"' in page
    assert len(re.findall(r"<h1", page)) == 1
    assert "href=" in page


def test_broken_and_unavailable_need_no_database(
    rf: RequestFactory, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    request = rf.get("/", headers={"accept-language": "fr"})

    with django_assert_max_num_queries(0):
        broken, unavailable = errors.broken(request), errors.unavailable(request)

    assert (broken.status_code, unavailable.status_code) == (500, 503)
    assert unavailable["Retry-After"] == "60"
    assert "cassé de notre côté" in broken.content.decode()


def test_an_address_that_is_nothing_leads_on(browser: Browser) -> None:
    answer = browser().get("/nothing/here")

    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert 'action="/search"' in answer.text


def test_pages_send_a_strict_policy_and_every_script_carries_its_nonce(browser: Browser) -> None:
    answer = browser(Role.MEMBER).get("/publish")

    policy = answer["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    assert "unsafe" not in policy
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert scripts
    assert all(f'nonce="{nonce[1]}"' in script for script in scripts)


def test_the_demonstration_is_marked_on_every_page(browser: Browser, settings: Settings) -> None:
    options = settings.BOTTIN
    settings.BOTTIN = options.model_copy(update={"demo": True})

    for path in ("/", "/legal/licences", "/nothing/here"):
        assert "demonstration" in browser().get(path).text


def test_robots_are_kept_out_of_personal_pages(browser: Browser) -> None:
    text = browser().get("/robots.txt").text

    for path in ("/me", "/search", "/account/", "/moderation"):
        assert f"Disallow: {path}\n" in text


def test_the_sitemap_leads_to_published_releases_in_parts(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, hidden = make.published(), make.pending()
    monkeypatch.setattr(maps, "PART", shown.pk)
    visitor = browser()

    parts = re.findall("<loc>[^<]*?(/sitemap-[^<]+)</loc>", visitor.get("/sitemap.xml").text)
    texts = {part: visitor.get(part).text for part in parts}

    assert parts == ["/sitemap-shelves.xml", "/sitemap-0.xml", "/sitemap-1.xml"]
    assert f"/torrents/{shown.pk}-chansons-libres</loc>" in texts["/sitemap-1.xml"]
    assert not any(f"/torrents/{hidden.pk}-" in text for text in texts.values())
    assert visitor.get("/sitemap-999.xml").status_code == 404


def test_the_status_page_tells_a_silent_tracker(browser: Browser) -> None:
    assert "No tracker has reported yet" in browser().get("/status").text

    TrackerNode.objects.create(name="main")

    assert "The tracker answers" in browser().get("/status").text


def test_pages_travel_compressed_and_files_as_they_are(browser: Browser) -> None:
    for _ in range(12):
        release = make.published(is_open=True)
    visitor = browser()

    page = visitor.get("/search", headers={"accept-encoding": "gzip"})
    torrent = visitor.get(f"/torrents/{release.pk}/download", headers={"accept-encoding": "gzip"})

    assert page["Content-Encoding"] == "gzip"
    assert len(page.content) < 8_000
    assert "Content-Encoding" not in torrent


@pytest.mark.parametrize("path", ["/", "/search", "/c/audio", "/legal/licences", "/status"])
def test_each_language_of_a_page_is_an_address_of_its_own(browser: Browser, path: str) -> None:
    plain, english = (browser().get(f"{path}{asked}").text for asked in ("", "?lang=en"))

    address = f"http://127.0.0.1:8411{path}"
    assert f'rel="canonical" href="{address}"' in plain
    assert f'rel="canonical" href="{address}?lang=en"' in english
    for language in ("fr", "en"):
        assert f'hreflang="{language}" href="{address}?lang={language}"' in plain


def test_an_address_asks_for_no_language_that_the_site_lacks(browser: Browser) -> None:
    page = browser().get("/", {"lang": '"><script>'}).text

    assert 'rel="canonical" href="http://127.0.0.1:8411/"' in page
    assert '"><script>' not in page
