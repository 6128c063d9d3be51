"""What a feed key opens and how it ends; what is sent again and what is not."""

from datetime import timedelta
from typing import Final

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.accounts import feed_keys
from bottin.accounts.actions import suspend
from bottin.accounts.models import Account, CredentialEvent
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import viewer_for
from bottin.catalog.states import ReleaseState
from bottin.config.redaction import redact_text
from bottin.config.values import Rate
from bottin.metainfo.parser import parse
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db

FEEDS: Final = ("/rss/all", "/atom/all", "/rss/category/musique")


def test_key_1_a_key_is_of_letters_and_digits_and_long(key: str) -> None:
    assert feed_keys.SHAPE.fullmatch(key)
    assert key.isalnum()
    assert len(key) >= 32


def test_key_2_logs_hide_it(key: str) -> None:
    assert key not in redact_text(f"GET /rss/all.{key} and /torrent/download/3.{key}?key={key}")


@pytest.mark.parametrize("path", FEEDS)
def test_rss_3_a_wrong_key_is_told_in_text(reader: Client, key: str, path: str) -> None:
    forged = ("b" if key[0] == "a" else "a") + key[1:]

    answer = reader.get(f"{path}.{forged}")

    assert answer.status_code == 401
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("path", ["/rss/all.wrong", "/rss/all?key=wrong", "/rss/search.x?q=a"])
def test_rss_3_a_short_key_is_wrong_too(reader: Client, path: str) -> None:
    assert reader.get(path).status_code == 401


def test_rss_3_a_suspended_account_reads_nothing(reader: Client, member: Account, key: str) -> None:
    admin = viewer_for(make.account(Role.ADMINISTRATOR))
    suspend(member.pk, by=admin, at=make.NOON, reason="parce que")

    assert reader.get(f"/rss/all.{key}").status_code == 403


def test_key_3_a_renewed_key_ends_the_old_one_and_no_other(
    reader: Client, member: Account, key: str
) -> None:
    announce_version = member.key_version

    renewed = feed_keys.renew(member.pk, by=viewer_for(member), at=make.NOON)

    assert reader.get(f"/rss/all.{key}").status_code == 401
    assert reader.get(f"/rss/all.{feed_keys.feed_key(renewed)}").status_code == 200
    assert renewed.key_version == announce_version
    assert CredentialEvent.objects.filter(account=member, kind="feed").count() == 1


def test_sec_2_a_feed_key_opens_nothing_else(reader: Client, key: str) -> None:
    api = reader.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"})
    page = reader.get(f"/me?key={key}")

    assert api.status_code == 401
    assert page.status_code == 302


def test_a_feed_key_neither_publishes_nor_changes_the_account(key: str) -> None:
    from bottin.accounts.permissions import TABLE, Permission

    viewer = feed_keys.authenticate(key)

    held = {permission for permission in TABLE[Role.ADMINISTRATOR] if viewer.may(permission)}
    assert held <= {
        *(Permission.BROWSE, Permission.USE_API, Permission.DOWNLOAD, Permission.DOWNLOAD_OPEN)
    }


def test_a_private_site_feeds_members_only(reader: Client, key: str, settings: Settings) -> None:
    settings.BOTTIN_ACCESS = "private"

    assert reader.get("/rss/all").status_code == 403
    assert reader.get(f"/rss/all.{key}").status_code == 200


def test_rss_5_a_reader_who_has_it_gets_304(reader: Client, key: str) -> None:
    make.published()
    first = reader.get(f"/rss/all.{key}")

    by_tag = reader.get(f"/rss/all.{key}", headers={"If-None-Match": first["ETag"]})
    by_date = reader.get(f"/rss/all.{key}", headers={"If-Modified-Since": first["Last-Modified"]})

    assert (by_tag.status_code, by_date.status_code) == (304, 304)
    assert by_tag.content == b""
    assert b"<ttl>5</ttl>" in first.content


def test_rss_5_peers_alone_do_not_change_it_for_five_minutes(
    reader: Client, clock: time_machine.Traveller, key: str
) -> None:
    release = make.published()
    first = reader.get(f"/rss/all.{key}")
    make.swarm(release, seeders=5)

    again = reader.get(f"/rss/all.{key}", headers={"If-None-Match": first["ETag"]})
    clock.shift(timedelta(minutes=6))
    later = reader.get(f"/rss/all.{key}", headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert later.status_code == 200
    assert b"<torrent:seeds>5<" in later.content


def test_a_new_release_is_there_at_once_and_a_removed_one_gone(reader: Client, key: str) -> None:
    release = make.published(title="La première")
    reader.get(f"/rss/all.{key}")
    make.published(title="La seconde")
    make.change(release, ReleaseState.REMOVED_TERMS)

    answer = reader.get(f"/rss/all.{key}")

    assert "La seconde" in answer.text
    assert "La première" not in answer.text


def test_one_members_key_is_in_no_other_members_feed(reader: Client, key: str) -> None:
    make.published()
    other = feed_keys.feed_key(make.account())

    mine, theirs = (reader.get(f"/rss/all.{k}") for k in (key, other))

    assert key in mine.text
    assert key not in theirs.text
    assert other in theirs.text
    assert mine["ETag"] != theirs["ETag"]
    assert mine["Cache-Control"] == "private, no-cache"


def test_a_feed_that_is_kept_takes_four_queries(
    reader: Client, member: Account, key: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make.published(viewer_for(member))
    path = f"/rss/publisher/{member.name}.{key}"
    reader.get(path)

    with django_assert_max_num_queries(4):
        reader.get(path)


def test_feeds_are_throttled_and_say_when_to_come_back(
    reader: Client, key: str, settings: Settings
) -> None:
    settings.BOTTIN_THROTTLE_FEED = Rate(1, 60)
    reader.get(f"/rss/all.{key}")

    answer = reader.get(f"/rss/all.{key}")

    assert answer.status_code == 429
    assert answer["Retry-After"].isdecimal()
    assert answer["Content-Type"].startswith("text/plain")


def test_dl_4_a_key_fetches_the_personal_file(reader: Client, member: Account, key: str) -> None:
    release = make.published()

    answer = reader.get(f"/torrent/download/{release.pk}.{key}")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/x-bittorrent"
    assert answer["Cache-Control"] == "private, no-store"
    assert "filename*=UTF-8''" in answer["Content-Disposition"]
    assert parse(answer.content).info_hash == release.canonical_info_hash
    assert key.encode() not in answer.content
    assert reader.head(f"/torrent/download/{release.pk}.{key}").status_code == 200


@pytest.mark.parametrize(
    ("state", "status"), [(ReleaseState.REMOVED_TERMS, 410), (ReleaseState.REMOVED_LEGAL, 451)]
)
def test_dl_5_refusals_are_plain_text(
    reader: Client, key: str, state: ReleaseState, status: int
) -> None:
    gone = make.change(make.published(), state)
    other = make.published()

    answers = [
        reader.get(f"/torrent/download/{gone.pk}.{key}"),
        reader.get(f"/torrent/download/{other.pk}"),
        reader.get(f"/torrent/download/{other.pk}.nokey"),
        reader.get(f"/torrent/download/999999.{key}"),
        reader.get(f"/torrent/download/x.{key}"),
    ]

    assert [answer.status_code for answer in answers] == [status, 401, 401, 404, 404]
    assert {answer["Content-Type"] for answer in answers} == {"text/plain; charset=utf-8"}


@pytest.mark.parametrize("path", ["/rss/nothing", "/rss/category", "/rss/all/more", "/rss/tag/"])
def test_no_such_feed_is_told_in_text(reader: Client, path: str) -> None:
    answer = reader.get(path)

    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/plain")
