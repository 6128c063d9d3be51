"""A release by one request, all or nothing."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from bottin.accounts.viewer import viewer_for
from bottin.catalog.models import Release
from bottin.config.values import Rate
from bottin.metainfo.parser import parse
from tests.factories import catalog
from tests.factories.api import Caller, form

_PART = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n'
pytestmark = pytest.mark.django_db


def test_a_members_release_awaits_review(member: Caller) -> None:
    raw = catalog.torrent()

    answer = member.post("/releases", form(raw))

    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert body["state"] == "pending"
    assert body["info_hash"]["v1"] == parse(raw).info_hash.hex()
    assert body["tags"] == ["chanson", "guitare"]
    assert answer["Location"] == f"/api/v1/releases/{body['id']}"
    assert Release.objects.get().publisher == member.account


def test_a_trusted_publishers_release_is_published_at_once(
    trusted: Caller, stranger: Caller
) -> None:
    body = trusted.post("/releases", form()).json()

    assert body["state"] == "published"
    assert stranger.get(f"/releases/{body['id']}").status_code == 200


def test_a_moderators_token_publishes_as_a_trusted_member(moderator: Caller) -> None:
    assert moderator.post("/releases", form()).json()["state"] == "published"


def test_a_stranger_publishes_nothing(stranger: Caller) -> None:
    assert stranger.post("/releases", form()).status_code == 401
    assert not Release.objects.exists()


def test_category_and_licence_go_by_their_words(member: Caller) -> None:
    body = member.post(
        "/releases", form(category="distributions-linux", licence="gpl-3.0-or-later")
    ).json()

    assert body["category"]["id"] == str(catalog.LINUX)
    assert body["licence"]["code"] == "GPL-3.0-or-later"


@pytest.mark.parametrize(
    ("given", "pointer", "code"),
    [
        ({"title": ""}, "/title", "required"),
        ({"title": "x" * 201}, "/title", "too_long"),
        ({"category": ""}, "/category", "required"),
        ({"category": "999999"}, "/category", "unknown_category"),
        ({"category": "110000"}, "/category", "family"),
        ({"licence": "tous droits réservés"}, "/licence", "unknown_licence"),
        ({"provenance_url": ""}, "/provenance_url", "required"),
        ({"provenance_url": "javascript:alert(1)"}, "/provenance_url", "not_an_address"),
        ({"language": "klingon!"}, "/language", "unknown"),
        ({"tags": [str(number) for number in range(30)]}, "/tags", "too_many"),
        ({"is_open": "peut-être"}, "/is_open", "not_a_boolean"),
        ({"state": "published"}, "/state", "unknown_field"),
        ({"publisher": "1"}, "/publisher", "unknown_field"),
        ({"title": ["a song", "another"]}, "/title", "repeated_field"),
        ({"torrent": SimpleUploadedFile("x.torrent", b"")}, "/torrent", "empty_file"),
        ({"torrent": "not a file"}, "/torrent", "unknown_field"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(
    member: Caller, given: dict[str, Any], pointer: str, code: str
) -> None:
    answer = member.post("/releases", form(**given))

    assert answer.status_code == 422
    errors = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert (pointer, code) in errors
    assert all(error["detail"] for error in answer.json()["errors"])
    assert not Release.objects.exists()


def test_every_wrong_field_is_named_at_once(member: Caller) -> None:
    answer = member.post("/releases", form(title="", licence="", language="?!"))

    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/title",
        "/licence",
        "/language",
    ]


def test_a_form_without_a_torrent_says_so(member: Caller) -> None:
    fields = form()
    del fields["torrent"]

    answer = member.post("/releases", fields)

    assert answer.status_code == 422
    assert answer.json()["errors"][0] == {
        "pointer": "/torrent",
        "code": "required",
        "detail": "This field is required.",
    }


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"hello", 422, "metainfo.malformed_bencode"),
        (b"de", 422, "metainfo.missing_key"),
        (b"\x1f\x8b" + b"0" * 20, 415, "metainfo.compressed"),
        (b"d4:infod4:name3:../ee", 422, None),
        (b"d" * 5_000, 422, None),
    ],
)
def test_a_bad_torrent_is_refused_in_words(
    member: Caller, raw: bytes, status: int, code: str | None
) -> None:
    answer = member.post("/releases", form(raw))

    assert answer.status_code == status
    assert code in {None, answer.json()["code"]}
    assert answer.json()["errors"][0]["pointer"] == "/torrent"
    assert not Release.objects.exists()


def test_a_torrent_above_the_members_limit_is_413(member: Caller, settings: Any) -> None:
    padding = b"d4:junk" + b"%d:" % (5 * 2**20) + b"x" * (5 * 2**20) + b"e"

    answer = member.post("/releases", form(padding))

    assert answer.status_code == 413
    assert answer.json()["code"] == "metainfo.too_large"


def test_a_body_above_everyones_limit_is_not_read(member: Caller) -> None:
    answer = member.send(
        "POST", "/releases", b"x" * (12 * 2**20), "multipart/form-data; boundary=x"
    )

    assert answer.status_code == 413
    assert answer.json()["code"] == "api.body_too_large"


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/x-bittorrent", "application/x-www-form-urlencoded", ""],
)
def test_another_type_of_body_is_415(member: Caller, content_type: str) -> None:
    answer = member.send("POST", "/releases", b"{}", content_type)

    assert answer.status_code == 415
    assert answer.json()["code"] == "api.unsupported_media_type"


def test_a_compressed_body_is_415(member: Caller) -> None:
    answer = member.send(
        "POST", "/releases", b"x", "multipart/form-data; boundary=x", Content_Encoding="gzip"
    )

    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"garbage", "multipart/form-data; boundary=x", 422),
        (b"garbage", "multipart/form-data", 400),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n", "multipart/form-data; boundary=x", 422),
        (b"--x\r\n" * 50_000, "multipart/form-data; boundary=x", 400),
        (
            _PART.format("title").encode() + b"x" * 2**21 + b"\r\n--x--",
            "multipart/form-data; boundary=x",
            413,
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 2_000 + b"--x--",
            "multipart/form-data; boundary=x",
            400,
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="t"; filename="t"\r\n\r\n\r\n' * 50
            + b"--x--",
            "multipart/form-data; boundary=x",
            400,
        ),
    ],
)
def test_a_malformed_form_is_a_problem_never_an_error_of_ours(
    member: Caller, body: bytes, content_type: str, status: int
) -> None:
    answer = member.send("POST", "/releases", body, content_type)

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_a_torrent_that_is_here_answers_with_its_page(member: Caller, other: Caller) -> None:
    raw = catalog.torrent()
    release = catalog.published(of=parse(raw))

    answer = other.post("/releases", form(raw))

    assert answer.status_code == 409
    assert answer.json()["code"] == "uploads.duplicate"
    assert answer.json()["release_id"] == str(release.pk)
    assert answer.json()["is_own"] is False
    assert answer.json()["page"].endswith(f"/torrents/{release.pk}")


def test_a_duplicate_that_may_not_be_seen_is_not_shown(member: Caller, other: Caller) -> None:
    raw = catalog.torrent()
    member.post("/releases", form(raw))

    answer = other.post("/releases", form(raw))

    assert answer.status_code == 409
    assert "page" not in answer.json()


def test_too_many_uploads_are_429(member: Caller, settings: Any) -> None:
    settings.BOTTIN_THROTTLE_UPLOAD = Rate(1, 3600)
    member.post("/releases", form())

    answer = member.post("/releases", form())

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 3000


def test_refused_uploads_are_counted_too(member: Caller, settings: Any) -> None:
    settings.BOTTIN_THROTTLE_UPLOAD = Rate(1, 3600)
    member.post("/releases", form(b"hello"))

    assert member.post("/releases", form()).status_code == 429


def test_similar_content_is_named(member: Caller) -> None:
    files = [("a/chanson.flac", 50_000)]
    first = catalog.published(of=parse(catalog.torrent("album", files)))

    body = member.post("/releases", form(catalog.torrent("album", files, private=1))).json()

    assert body["similar"] == [str(first.pk)]


def test_members_see_their_own_and_no_one_elses_account(member: Caller, other: Caller) -> None:
    assert member.account is not None
    assert member.get("/me").json()["name"] == member.account.name
    assert member.get("/me").json()["scopes"] == ["download", "publish", "read"]
    assert other.get("/me").json()["name"] != member.account.name


def test_an_open_release_is_downloaded_without_an_account(stranger: Caller) -> None:
    raw = catalog.torrent()
    release = catalog.published(of=parse(raw), is_open=True)

    answer = stranger.get(f"/releases/{release.pk}/torrent")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/x-bittorrent"
    assert answer["Cache-Control"] == "private, no-store"
    assert parse(answer.content).info_bytes == parse(raw).info_bytes


def test_a_members_release_is_not_downloaded_by_strangers(stranger: Caller) -> None:
    release = catalog.published()

    answer = stranger.get(f"/releases/{release.pk}/torrent")

    assert answer.status_code == 401
    assert answer.json()["code"] == "catalog.account_needed"


def test_a_release_awaiting_review_is_not_downloaded_by_others(
    member: Caller, other: Caller
) -> None:
    assert member.account is not None
    release = catalog.pending(viewer_for(member.account), at=timezone.now())

    assert other.get(f"/releases/{release.pk}/torrent").status_code == 404


def test_work_03_facts_authors_and_identifiers_come_with_it_and_are_read_back(
    trusted: Caller, stranger: Caller
) -> None:
    said: dict[str, Any] = {
        "authors": ["Louise Michel", "Une autre"],
        "year": "1888",
        "original_title": "Lieder",
        "identifiers": ["ISBN 2-07-036822-X"],
        "facts": ["audio_codec=flac", "audio_codec=opus", "sample_rate=44100"],
    }

    made = trusted.post("/releases", form(**said)).json()
    read = stranger.get(f"/releases/{made['id']}").json()

    assert read["authors"] == said["authors"]
    assert (read["year"], read["original_title"]) == (1888, "Lieder")
    assert read["identifiers"] == ["isbn:9782070368228"]
    assert read["facts"] == {"audio_codec": ["flac", "opus"], "sample_rate": 44_100}
    assert (read["work_id"], read["edition"], read["replaced_by"]) == (None, "", None)


@pytest.mark.parametrize(
    ("given", "pointer", "code"),
    [
        ({"facts": ["sample_rate=beaucoup"]}, "/facts.sample_rate", "out_of_range"),
        ({"facts": ["architecture=amd64"]}, "/facts.architecture", "unknown"),
        ({"facts": ["audio_codec"]}, "/facts.audio_codec", "unknown"),
        ({"identifiers": ["978-2-07-040922-9"]}, "/identifiers", "unreadable"),
    ],
)
def test_work_06_wrong_facts_and_identifiers_are_named(
    member: Caller, given: dict[str, Any], pointer: str, code: str
) -> None:
    body = member.post("/releases", form(**given)).json()

    assert [(error["pointer"], error["code"]) for error in body["errors"]] == [(pointer, code)]
