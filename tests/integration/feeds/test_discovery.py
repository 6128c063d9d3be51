"""From every list a reader finds its feed, with the key of whoever looks."""

import re
from typing import Any, Final

import pytest
from django.test import Client
from pytest_django import Settings

from bottin.accounts.feed_keys import feed_key
from bottin.accounts.models import Account
from bottin.accounts.viewer import viewer_for
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db

_LINK: Final = re.compile(
    r'<link rel="alternate" type="application/(rss|atom)\+xml"[^>]*href="([^"]+)"'
)


def feeds_in(answer: Any) -> dict[str, str]:
    return {kind: url.replace("&amp;", "&") for kind, url in _LINK.findall(answer.text)}


def signed_in(account: Account, settings: Settings) -> Client:
    client = Client(HTTP_HOST="localhost", headers={"accept-language": "en"})
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.mark.parametrize("path", ["/", "/search", "/c/audio", "/c/musique", "/publishers/{name}"])
def test_a_list_names_feeds_that_answer(
    reader: Client, member: Account, key: str, settings: Settings, path: str
) -> None:
    make.published(viewer_for(member))
    browser = signed_in(member, settings)
    address = path.format(name=member.name)

    for client, ends in ((reader, ""), (browser, f".{key}")):
        found = feeds_in(client.get(address))

        assert set(found) == {"rss", "atom"}
        assert all(url.endswith(ends) for url in found.values())
        for url in found.values():
            answer = reader.get(url.removeprefix(settings.BOTTIN.origin))
            assert answer.status_code == 200
            assert "Chansons libres" in answer.text


def test_the_feed_of_a_search_asks_the_same_question(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = reader.get("/search?q=deux+mots&category=musique")

    found = feeds_in(answer)

    assert found["rss"].endswith("/rss/search?q=deux+mots&category=musique")


def test_my_page_shows_the_key_and_renews_it(member: Account, settings: Settings) -> None:
    browser = signed_in(member, settings)
    old = feed_key(member)

    before = browser.get("/me/feeds")
    answer = browser.post("/me/feeds/renew", follow=True)

    member.refresh_from_db()
    assert old in before.text
    assert old not in answer.text
    assert feed_key(member) in answer.text
