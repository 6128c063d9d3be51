"""Pictures and texts on the pages: put there by form, shown, served, hidden."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import viewer_for
from bottin.catalog.gathering import EditionFields, WorkFields, attach_release, create_work
from bottin.catalog.states import ReleaseState
from bottin.pictures import actions
from bottin.pictures.actions import NewPicture
from bottin.pictures.models import Picture, PictureFile, TextFile
from bottin.pictures.rights import Place
from tests.factories import catalog as make
from tests.factories import pictures as draw
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.BOTTIN_DATA_DIR = tmp_path


def upload(content: bytes, name: str = "une image.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def address_of(picture: Picture, form: str = "webp") -> str:
    file = picture.files.filter(form=form).latest("width")
    return f"/pictures/{file.digest}.{form}"


def test_a_publisher_fills_a_draft_by_form_and_sees_it_on_the_page(browser: Browser) -> None:
    owner = make.account()
    release = make.draft(viewer_for(owner))
    mine, path = browser(owner), f"/torrents/{release.pk}/pictures"

    saved = mine.post(f"/publish/{release.pk}", {"title": "Un titre", "pictures": "1"})
    assert saved["Location"] == path
    form = {"picture": upload(draw.picture_file()), "alt": "Un phare", "cover": "1", "add": "1"}
    added = mine.post(path, form, follow=True)
    mine.post(path, {"text": upload("Lisez « moi »".encode(), "LISEZ.txt"), "add_text": "1"})

    assert added.status_code == 200
    assert 'alt="Un phare"' in added.text
    picture, text = Picture.objects.get(), TextFile.objects.get()
    page = mine.get(f"/torrents/{release.pk}", follow=True).text
    assert address_of(picture) in page
    assert f'srcset="{address_of(picture, "avif").rsplit("/", 1)[0]}/' in page
    assert 'width="240" height="360"' in page or 'width="300" height="450"' in page
    assert 'loading="lazy"' in page
    assert "og:image" not in page
    shown = mine.get(f"/torrents/{release.pk}/texts/{text.pk}").text
    assert "Lisez « moi »</pre>" in shown
    assert 'tabindex="0" role="region"' in shown
    mine.post(path, {"delete": picture.pk})
    mine.post(path, {"delete_text": text.pk})
    assert not Picture.objects.exists()
    assert not TextFile.objects.exists()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_refused_file_is_told_at_the_form_in_its_language(
    browser: Browser, settings: Settings, language: str
) -> None:
    owner = make.account(language=language)
    release = make.draft(viewer_for(owner))
    mine, path = browser(owner, language), f"/torrents/{release.pk}/pictures"

    svg = mine.post(path, {"picture": upload(b"<svg/>"), "alt": "Un <b>phare", "add": "1"})
    none = mine.post(path, {"alt": "x", "add": "1"})
    settings.BOTTIN_PICTURE_MAX_SIZE = 1000
    large = mine.post(path, {"picture": upload(bytes(1001)), "alt": "x", "add": "1"})
    text = mine.post(path, {"text": upload(b"\xff\x00\x01"), "add_text": "1"})

    assert (svg.status_code, none.status_code) == (422, 422)
    assert (large.status_code, text.status_code) == (413, 422)
    words = {"en": "A picture is a JPEG, PNG or WebP", "fr": "Une image est un fichier JPEG"}
    assert words[language] in svg.text
    assert "Un &lt;b&gt;phare" in svg.text
    assert not Picture.objects.exists()


def test_what_is_public_is_served_for_good_with_one_query_beyond_who_asks(
    browser: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    release = make.published()
    picture = draw.add_picture(release, is_cover=True)
    path = address_of(picture)
    for reader, queries in ((browser(), 1), (browser(Role.MEMBER), 4)):
        with django_assert_num_queries(queries):
            answer = reader.get(path)

        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/webp"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "Cookie" not in answer.get("Vary", "")
        assert "Set-Cookie" not in answer
        assert hashlib.sha256(answer.content).hexdigest() in path
    assert browser().get(address_of(picture, "avif"))["Content-Type"] == "image/avif"


@pytest.mark.parametrize(
    ("state", "visitor", "member", "owner", "team"),
    [
        (ReleaseState.DRAFT, 404, 404, 200, 404),
        (ReleaseState.PENDING, 404, 404, 200, 200),
        (ReleaseState.QUARANTINED, 404, 404, 200, 200),
        (ReleaseState.WITHDRAWN, 404, 404, 200, 200),
        (ReleaseState.REMOVED_TERMS, 404, 404, 404, 200),
        (ReleaseState.REMOVED_LEGAL, 404, 404, 404, 200),
    ],
)
def test_what_is_not_public_is_for_its_publisher_and_the_team(
    browser: Browser, state: ReleaseState, visitor: int, member: int, owner: int, team: int
) -> None:
    person = make.account()
    release = make.draft(viewer_for(person))
    picture = draw.add_picture(release, viewer_for(person))
    type(release).objects.filter(pk=release.pk).update(
        **({} if state is ReleaseState.DRAFT else _whole()), state=state
    )
    path = address_of(picture)

    answers = [browser(who).get(path) for who in (None, Role.MEMBER, person, Role.MODERATOR)]

    assert [answer.status_code for answer in answers] == [visitor, member, owner, team]
    kept = {answer["Cache-Control"] for answer in answers if answer.status_code == 200}
    assert kept == {"private, no-cache"}


def test_a_private_site_serves_pictures_to_members_only(
    browser: Browser, settings: Settings
) -> None:
    path = address_of(draw.add_picture(make.published()))
    member = browser(Role.MEMBER)
    settings.BOTTIN_ACCESS = "private"

    assert browser().get(path).status_code == 302
    answer = member.get(path)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-cache")


@pytest.mark.parametrize(
    "name",
    ["0" * 64 + ".webp", "0" * 64 + ".html", "x.webp", "A" * 64 + ".avif", "..%2f..%2fsecret.webp"],
)
def test_no_other_file_is_served(browser: Browser, name: str) -> None:
    assert browser().get(f"/pictures/{name}").status_code == 404


def test_a_page_and_a_list_take_no_more_queries_for_their_pictures(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    releases = [make.published() for _ in range(3)]
    for release in releases:
        draw.add_picture(release, is_cover=True)
    draw.add_picture(releases[0])
    team = make.viewer(Role.MODERATOR)
    actions.add_text(releases[0].pk, "a.nfo", b"\xb0\xb1", by=team, at=NOON)
    for who in (None, Role.MODERATOR):
        reader = browser(who)
        reader.cookies["layout"] = "cards"

        with django_assert_max_num_queries(12):
            page = reader.get(f"/torrents/{releases[0].pk}-chansons-libres").text
        with django_assert_max_num_queries(12):
            cards = reader.get("/search").text

        assert page.count("<picture>") == 2
        assert "a.nfo" in page
        assert 'property="og:image" content="http' in page
        assert cards.count("<picture>") == 3


def test_the_team_sees_pictures_and_texts_before_it_decides(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    release = make.pending()
    picture = draw.add_picture(release, is_cover=True)
    team = browser(Role.MODERATOR)
    actions.add_text(release.pk, "a.nfo", b"x", by=make.viewer(Role.MODERATOR), at=NOON)
    team.get(f"/moderation/{release.pk}")

    with django_assert_max_num_queries(12):
        page = team.get(f"/moderation/{release.pk}").text

    assert address_of(picture) in page
    assert "a.nfo" in page


def test_the_team_removes_a_picture_for_good_by_form(browser: Browser) -> None:
    release = make.published()
    picture = draw.add_picture(release)
    path = f"/pictures/{picture.pk}/remove"

    assert browser(Role.MEMBER).post(path, {"reason": "x"}).status_code == 403
    team = browser(Role.MODERATOR)
    assert "Remove it for good" in team.get(f"/torrents/{release.pk}/pictures").text
    assert team.post(path, {"reason": " "}).status_code == 422
    answer = team.post(path, {"reason": "un tiers", "release": release.pk}, follow=True)

    assert "cannot come back" in answer.text
    assert not PictureFile.objects.exists()
    assert team.post(path, {"reason": "encore"}).status_code == 404


def test_strangers_have_no_page_to_change_pictures(browser: Browser) -> None:
    release = make.published()

    assert browser(Role.MEMBER).get(f"/torrents/{release.pk}/pictures").status_code == 404
    text = actions.add_text(release.pk, "a.txt", b"<b>a", by=make.viewer(Role.MODERATOR), at=NOON)
    other = make.published()
    assert browser().get(f"/torrents/{other.pk}/texts/{text.pk}").status_code == 404
    assert "&lt;b&gt;a</pre>" in browser().get(f"/torrents/{release.pk}/texts/{text.pk}").text


def test_a_work_shows_its_pictures_and_its_curators_change_them(browser: Browser) -> None:
    owner = make.viewer()
    work = create_work(WorkFields(title="Un film"), by=owner, at=NOON)
    team, place = make.viewer(Role.MODERATOR), Place(work_id=work.pk)
    actions.add_picture(
        place, NewPicture(draw.picture_file(), "Affiche", is_cover=True), by=team, at=NOON
    )
    path = address_of(Picture.objects.get())
    assert browser().get(path).status_code == 404
    assert browser(Role.MODERATOR).get(path).status_code == 200
    attach_release(make.published(owner).pk, work.pk, EditionFields("1"), by=owner, at=NOON)

    assert browser().get(path).status_code == 200
    assert 'alt="Affiche"' in browser().get(f"/works/{work.pk}", follow=True).text
    assert browser(Role.MEMBER).get(f"/works/{work.pk}/pictures").status_code == 403
    assert browser(Role.MODERATOR).get(f"/works/{work.pk}/pictures").status_code == 200


def _whole() -> dict[str, object]:
    """Return what every state but a draft needs."""
    return {
        "title": "Titre",
        "category_id": make.MUSIC,
        "licence_id": "CC0-1.0",
        "provenance_url": "https://example.org/",
    }
