"""From a file to a listing by forms alone: nothing here needs a script."""

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import viewer_for
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from tests.factories import catalog as make
from tests.factories.catalog import MUSIC

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
FIELDS = {
    "title": "Chansons libres",
    "category_id": str(MUSIC),
    "licence_code": "CC-BY-SA-4.0",
    "provenance_url": "https://example.org/chansons",
    "provenance_statement": "",
    "description": "Des chansons **libres**.",
    "tags": "chanson, guitare",
    "language": "fr",
}


def test_a_dropped_file_becomes_a_draft_that_says_what_was_understood(browser: Browser) -> None:
    member = browser(Role.MEMBER)

    answer = member.post("/publish", {"torrent": SimpleUploadedFile("a.torrent", make.torrent())})
    page = member.get(answer["Location"]).text

    release = Release.objects.get()
    assert answer["Location"] == f"/publish/{release.pk}"
    assert release.info_hash_v1
    assert release.info_hash_v1.hex() in page
    assert "chanson.flac" in page
    assert "40.9\u00a0kB" in page


def test_a_file_that_is_no_torrent_is_explained_and_nothing_is_kept(browser: Browser) -> None:
    answer = browser(Role.MEMBER).post(
        "/publish", {"torrent": SimpleUploadedFile("a.torrent", b"not bencoded")}
    )

    assert answer.status_code == 422
    assert "The file is not a torrent" in answer.text
    assert not Release.objects.exists()


def test_no_file_at_all_is_said(browser: Browser) -> None:
    answer = browser(Role.MEMBER).post("/publish")

    assert answer.status_code == 422
    assert "Choose a .torrent file first" in answer.text


def test_a_duplicate_shows_the_release_that_is_here(browser: Browser) -> None:
    raw = make.torrent("album")
    release = make.published(of=make.metainfo("album"))

    answer = browser(Role.MEMBER).post(
        "/publish", {"torrent": SimpleUploadedFile("a.torrent", raw)}
    )

    assert answer.status_code == 409
    assert f'href="/torrents/{release.pk}"' in answer.text


def test_handing_in_puts_it_in_the_queue(browser: Browser) -> None:
    person = make.account()
    draft = make.draft(viewer_for(person))

    answer = browser(person).post(f"/publish/{draft.pk}", FIELDS | {"submit": "1"}, follow=True)

    draft.refresh_from_db()
    assert draft.state == ReleaseState.PENDING
    assert [tag.slug for tag in draft.tags.order_by("slug")] == ["chanson", "guitare"]
    assert "The team looks at it next" in answer.text


def test_a_trusted_publisher_is_published_at_once(browser: Browser) -> None:
    person = make.account(Role.TRUSTED_PUBLISHER)
    draft = make.draft(viewer_for(person))

    answer = browser(person).post(f"/publish/{draft.pk}", FIELDS | {"submit": "1"}, follow=True)

    draft.refresh_from_db()
    assert draft.is_published
    assert "start seeding" in answer.text


def test_errors_stand_beside_their_fields_and_values_are_kept(browser: Browser) -> None:
    person = make.account()
    draft = make.draft(viewer_for(person))
    typed = FIELDS | {"title": "", "provenance_url": "ftp:nowhere", "submit": "1"}

    answer = browser(person).post(f"/publish/{draft.pk}", typed)

    assert answer.status_code == 422
    assert "Title: give it a title." in answer.text
    assert "2 things to correct" in answer.text
    assert 'value="ftp:nowhere"' in answer.text
    assert "Des chansons **libres**." in answer.text
    assert re.search(r'name="title"[^>]*aria-invalid="true"', answer.text)


def test_a_draft_may_be_left_unfinished(browser: Browser) -> None:
    person = make.account()
    draft = make.draft(viewer_for(person))

    answer = browser(person).post(
        f"/publish/{draft.pk}", {"title": "à finir", "save": "1"}, follow=True
    )

    assert 'value="à finir"' in answer.text
    assert "The draft was saved" in answer.text
    assert "à finir" in browser(person).get("/publish").text


def test_the_preview_works_as_a_page_and_as_a_fragment(browser: Browser) -> None:
    person = make.account()
    draft = make.draft(viewer_for(person))
    member = browser(person)

    page = member.post(f"/publish/{draft.pk}", FIELDS | {"preview": "1"}).text
    fragment = member.post("/publish/preview", {"description": "**gras** <script>x</script>"}).text

    assert "<p>Des chansons <strong>libres</strong>.</p>" in page
    assert "<strong>gras</strong>" in fragment
    assert "<script>" not in fragment
    assert "<html" not in fragment


def test_nobody_sees_the_draft_of_another(browser: Browser) -> None:
    draft = make.draft()

    for who in (Role.MEMBER, Role.MODERATOR):
        assert browser(who).get(f"/publish/{draft.pk}").status_code == 404
        assert browser(who).post(f"/publish/{draft.pk}/discard").status_code == 404


def test_a_draft_is_deleted_on_request(browser: Browser) -> None:
    person = make.account()
    draft = make.draft(viewer_for(person))

    answer = browser(person).post(f"/publish/{draft.pk}/discard", follow=True)

    assert not Release.objects.filter(pk=draft.pk).exists()
    assert "The draft was deleted" in answer.text


def test_what_was_sent_back_is_corrected_and_handed_in_again(browser: Browser) -> None:
    person = make.account()
    release = make.pending(viewer_for(person))
    make.change(release, ReleaseState.CHANGES_REQUESTED)
    member = browser(person)

    assert "parce que" in member.get(f"/publish/{release.pk}").text
    member.post(f"/publish/{release.pk}", FIELDS | {"submit": "1"})

    release.refresh_from_db()
    assert release.state == ReleaseState.PENDING


def test_the_description_of_a_published_release_is_edited_in_place(browser: Browser) -> None:
    person = make.account()
    release = make.published(viewer_for(person))

    browser(person).post(f"/publish/{release.pk}", FIELDS | {"description": "mieux", "submit": "1"})

    release.refresh_from_db()
    assert (release.description, release.state) == ("mieux", ReleaseState.PUBLISHED)


def test_a_form_without_its_token_is_refused_in_words(browser: Browser) -> None:
    member = browser(Role.MEMBER)
    strict = Client(enforce_csrf_checks=True, HTTP_HOST="localhost")
    strict.cookies = member.cookies

    answer = strict.post("/publish/preview", {"description": "x"})

    assert answer.status_code == 403
    assert "out of date" in answer.text or "périmé" in answer.text


def test_an_edit_that_someone_overtook_keeps_what_was_typed(browser: Browser) -> None:
    person = make.account()
    release = make.published(viewer_for(person))
    late = FIELDS | {"description": "la mienne", "seen_edit": "2020-01-01T00:00:00+00:00"}

    answer = browser(person).post(f"/publish/{release.pk}", late | {"submit": "1"})

    release.refresh_from_db()
    assert answer.status_code == 409
    assert "saved elsewhere since you opened the form" in answer.text
    assert "la mienne" in answer.text
    assert release.description != "la mienne"


def test_a_moment_that_is_none_is_no_moment(browser: Browser) -> None:
    person = make.account()
    release = make.published(viewer_for(person))

    answer = browser(person).post(
        f"/publish/{release.pk}", FIELDS | {"seen_edit": "2026-99-99T00:00", "submit": "1"}
    )

    release.refresh_from_db()
    assert answer.status_code == 302
    assert release.description == FIELDS["description"]


def test_the_form_begins_with_the_name_of_the_torrent(browser: Browser) -> None:
    person = make.account()
    draft = make.draft(viewer_for(person), of=make.metainfo("Mes_Chansons.2020"))

    page = browser(person).get(f"/publish/{draft.pk}").text

    assert 'value="Mes Chansons 2020"' in page


def test_a_title_that_was_kept_is_not_replaced(browser: Browser) -> None:
    person = make.account()
    draft = make.draft(viewer_for(person), of=make.metainfo("Mes_Chansons.2020"))
    member = browser(person)
    member.post(f"/publish/{draft.pk}", {"title": "Chansons", "save": "1"})

    page = member.get(f"/publish/{draft.pk}").text

    assert 'value="Chansons"' in page
    assert 'value="Mes Chansons 2020"' not in page
