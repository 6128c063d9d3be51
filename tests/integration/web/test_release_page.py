"""The page of a release: what it says, what it gives, and to whom."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bottin.accounts.models import Account, AccountState
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import viewer_for
from bottin.catalog.states import ReleaseState
from bottin.metainfo import bencode
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]


def test_a_wrong_slug_leads_to_the_right_one(browser: Browser) -> None:
    release = make.published()

    answer = browser().get(f"/torrents/{release.pk}-other")

    assert answer.status_code == 301
    assert answer["Location"] == f"/torrents/{release.pk}-chansons-libres"


def test_the_short_address_leads_to_the_page(browser: Browser) -> None:
    release = make.published()

    answer = browser().get(f"/torrents/{release.pk}")

    assert answer["Location"] == f"/torrents/{release.pk}-chansons-libres"


def test_licence_provenance_swarm_and_files_are_on_it(browser: Browser) -> None:
    release = make.published()
    make.swarm(release, seeders=1234, leechers=5, completed=6)

    page = browser().get(f"/torrents/{release.pk}-chansons-libres").text

    for words in ("example.org", "1,234", "chanson.flac", release.publisher.name):
        assert words in page
    assert release.info_hash_v1
    assert release.info_hash_v1.hex() in page
    assert 'rel="license' in page


def test_search_engines_are_told_what_it_is(browser: Browser) -> None:
    release = make.published()

    page = browser().get(f"/torrents/{release.pk}-chansons-libres").text

    assert 'itemtype="https://schema.org/CreativeWork"' in page
    assert f'rel="canonical" href="http://127.0.0.1:8411/torrents/{release.pk}-chansons' in page
    assert 'hreflang="fr"' in page
    assert 'property="og:title" content="Chansons libres"' in page


def test_hostile_text_is_isolated_and_shown(browser: Browser) -> None:
    release = make.published(title="Une fiche <img src=x> & co")
    release.title = "gauche\u202e<b>droite"
    release.save()

    page = browser().get(f"/torrents/{release.pk}", follow=True).text

    assert "<bdi>gauche<code>U+202E</code>&lt;b&gt;droite</bdi>" in page
    assert "<b>droite" not in page


def test_a_stranger_is_asked_to_sign_in_before_downloading(browser: Browser) -> None:
    release = make.published()

    answer = browser().get(f"/torrents/{release.pk}/download")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/sign-in")


def test_a_stranger_downloads_an_open_release_without_a_key(browser: Browser) -> None:
    release = make.published(is_open=True)

    answer = browser().get(f"/torrents/{release.pk}/download")

    assert answer["Content-Type"] == "application/x-bittorrent"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == 'attachment; filename="chansons-libres.torrent"'
    assert b"announce" in answer.content


def test_a_member_downloads_a_torrent_of_their_own(browser: Browser) -> None:
    release = make.published()

    mine = browser(Role.MEMBER).get(f"/torrents/{release.pk}/download").content
    theirs = browser(Role.MEMBER).get(f"/torrents/{release.pk}/download").content

    assert mine != theirs
    whole = bencode.decode(mine)
    assert isinstance(whole, dict)


def test_a_download_is_session_account_sign_in_and_release(
    browser: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    release, member = make.published(), browser(Role.MEMBER)
    member.get("/")

    with django_assert_num_queries(4):
        answer = member.get(f"/torrents/{release.pk}/download")

    assert answer.status_code == 200


def test_who_is_suspended_while_signed_in_downloads_nothing_more(browser: Browser) -> None:
    release, person = make.published(), make.account()
    member = browser(person)
    assert b"announce" in member.get(f"/torrents/{release.pk}/download").content
    Account.objects.filter(pk=person.pk).update(state=AccountState.SUSPENDED, is_active=False)

    answer = member.get(f"/torrents/{release.pk}/download")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/sign-in")


def test_only_an_open_release_has_a_magnet_link(browser: Browser) -> None:
    shut, opened = make.published(), make.published(is_open=True)

    assert "magnet:?" not in browser().get(f"/torrents/{shut.pk}-chansons-libres").text
    assert "magnet:?" in browser().get(f"/torrents/{opened.pk}-chansons-libres").text


def test_the_history_is_for_the_publisher_and_the_team(browser: Browser) -> None:
    person = make.account()
    release = make.published(viewer_for(person))
    path = f"/torrents/{release.pk}-chansons-libres"

    assert "Seen by the publisher and the team" not in browser(Role.MEMBER).get(path).text
    assert "Seen by the publisher and the team" in browser(person).get(path).text
    assert "Seen by the publisher and the team" in browser(Role.MODERATOR).get(path).text


def test_the_reason_stands_on_the_publishers_page(browser: Browser) -> None:
    person = make.account()
    release = make.change(make.published(viewer_for(person)), ReleaseState.REJECTED)

    page = browser(person).get(f"/torrents/{release.pk}-chansons-libres").text

    assert "The team refused it." in page
    assert "parce que" in page


def test_a_tombstone_of_the_law_names_whom_to_write_to(browser: Browser) -> None:
    release = make.change(make.published(), ReleaseState.REMOVED_LEGAL)

    answer = browser().get(f"/torrents/{release.pk}-chansons-libres")

    assert answer.status_code == 451
    assert answer["Link"] == '<http://localhost/legal/contact>; rel="blocked-by"'
    assert "removed for legal reasons" in answer.text
    assert "Chansons libres" not in answer.text


def test_the_file_list_can_be_read_as_text(browser: Browser) -> None:
    release = make.published()

    answer = browser().get(f"/torrents/{release.pk}/files")

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == "40000\tchanson.flac\n900\tparoles.txt\n"


def test_its_publisher_withdraws_it_with_a_reason(browser: Browser) -> None:
    person = make.account()
    release = make.published(viewer_for(person))

    answer = browser(person).post(
        f"/torrents/{release.pk}/withdraw", {"reason": "mauvais fichier"}, follow=True
    )

    release.refresh_from_db()
    assert release.state == ReleaseState.WITHDRAWN
    assert "no longer answers for it" in answer.text


def test_another_member_cannot_withdraw_it(browser: Browser) -> None:
    release = make.published()

    answer = browser(Role.MEMBER).post(f"/torrents/{release.pk}/withdraw", {"reason": "x"})

    release.refresh_from_db()
    assert answer.status_code == 404
    assert release.state == ReleaseState.PUBLISHED
