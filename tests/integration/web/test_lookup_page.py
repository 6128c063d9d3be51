"""The page that says which release a hash or a file is."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.config.values import Rate
from bottin.metainfo.parser import parse
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]


@pytest.mark.parametrize("form", ["{hash}", "magnet:?xt=urn:btih:{hash}&dn=x", " {HASH} "])
def test_a_hash_leads_to_its_release(
    browser: Browser, form: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    release = make.published(title="Chansons libres")
    digest = release.canonical_info_hash.hex()
    visitor = browser()

    with django_assert_max_num_queries(12):
        asked = form.format(hash=digest, HASH=digest.upper())
        answer = visitor.get("/lookup", {"hash": asked})

    assert answer.status_code == 200
    assert f"/torrents/{release.pk}" in answer.text
    assert "the same torrent (v1)" in answer.text


def test_a_dropped_file_is_compared_and_not_kept(browser: Browser) -> None:
    raw = make.torrent(files=(("a.flac", 30_000),))
    release = make.published(of=parse(raw))
    file = SimpleUploadedFile("a.torrent", raw)

    answer = browser().post("/lookup", {"torrent": file})

    assert answer.status_code == 200
    assert f"/torrents/{release.pk}" in answer.text
    assert type(release).objects.count() == 1


def test_what_waits_for_review_is_not_found(browser: Browser) -> None:
    release = make.pending()

    answer = browser().get("/lookup", {"hash": release.canonical_info_hash.hex()})

    assert "Nothing here has it" in answer.text


@pytest.mark.parametrize("asked", ["zz", "<script>", "0" * 41, "magnet:?xt=urn:btih:x"])
def test_what_is_no_hash_is_said(browser: Browser, asked: str) -> None:
    answer = browser().get("/lookup", {"hash": asked})

    assert answer.status_code == 422
    assert "This is no hash" in answer.text


def test_a_broken_file_is_refused(browser: Browser) -> None:
    answer = browser().post("/lookup", {"torrent": SimpleUploadedFile("a.torrent", b"d4:info")})

    assert answer.status_code == 422


def test_look_ups_are_throttled(browser: Browser, settings: Settings) -> None:
    settings.BOTTIN_THROTTLE_LOOKUP = Rate(1, 60)
    visitor = browser()
    visitor.get("/lookup", {"hash": "0" * 40})

    assert visitor.get("/lookup", {"hash": "0" * 40}).status_code == 429
