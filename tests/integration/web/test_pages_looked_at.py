"""Every page is among those that browsers visit and pictures are taken of (WEB-4, WEB-5)."""

import re
from typing import Final

import pytest
from django.test import Client
from django.urls import resolve

from bottin.accounts.permissions import Role
from tests.e2e.browser.pages import PAGES
from tests.factories.accounts import make_account
from tests.integration.accounts.test_permission_matrix import routes

pytestmark = pytest.mark.django_db

# What a place in braces looks like once a browser has found one.
PLACES: Final = {
    "category": "/c/x",
    "shelf": "/c/x",
    "release": "/torrents/1-x",
    "open": "/torrents/1-x",
    "pictured": "/torrents/1-x",
    "pictured_pk": "/torrents/1",
    "text": "/torrents/1/texts/1",
    "removed_410": "/torrents/1-x",
    "removed_451": "/torrents/1-x",
    "transfer": "/me/downloads/1",
    "draft": "/publish/1",
    "waiting": "/moderation/1",
    "hold": "/moderation/ledger/holds/1",
    "flag": "/moderation/ledger/flags/1",
}
# They lead on to a page among these, once what they name is there.
LEADS_ON: Final = {"permalink", "work_permalink", "me_search", "tag"}
# Files, which say that they are not there in a page.
FILES: Final = {
    "picture",
    "release_cite",
    "release_download",
    "release_files",
    "sitemap_part",
}
# Its short address is visited, and leads to it.
LED_TO: Final = {"work"}


def _visited() -> set[str | None]:
    paths = (re.sub(r"\?.*", "", page.path.format(**PLACES)) for page in PAGES)
    return {resolve(path).url_name for path in paths if path != "/no/such/page"}


def _shows_a_page(client: Client, path: str) -> bool:
    answer = client.get(path)
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    return is_html and answer.status_code not in {301, 302, 303, 307, 405}


def test_every_page_is_visited() -> None:
    client = Client()
    client.force_login(make_account(role=Role.ADMINISTRATOR))

    ours = {route.name: route.path for route in routes() if not route.path.startswith("/api/")}
    pages = {name for name, path in ours.items() if _shows_a_page(client, path)}

    assert len(pages) > 40
    assert pages - _visited() - LEADS_ON - LED_TO - FILES == set()
