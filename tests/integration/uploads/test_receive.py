"""A `.torrent` at the door: a draft, or a refusal that leaves nothing behind."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from bottin.accounts.errors import NotAllowed
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import ANONYMOUS
from bottin.catalog.models import FileRoot, Release, StoredMetainfo
from bottin.catalog.states import ReleaseState
from bottin.metainfo.errors import MalformedBencode, MetainfoRefusal, MetainfoTooLarge
from bottin.metainfo.parser import parse
from bottin.uploads import actions, receiving
from bottin.uploads.actions import receive_torrent
from bottin.uploads.errors import DuplicateRelease, RefusedTorrent, TooManyDrafts, TooManyUploads
from bottin.uploads.fingerprints import Fingerprints
from bottin.uploads.models import FingerprintKind, RefusedContent
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db

MIB = 1_048_576


def test_a_torrent_becomes_a_draft_of_the_person_who_brought_it() -> None:
    person = make.viewer()

    receipt = receive_torrent(make.torrent("album"), by=person, at=NOON)

    release = Release.objects.get(pk=receipt.release.pk)
    assert (release.state, release.publisher_id) == (ReleaseState.DRAFT, person.user_id)
    assert (release.name, release.size_bytes, release.file_count) == ("album", 40_900, 2)
    assert release.file_kinds == ["audio", "document"]
    assert release.info_hash_v1 == receipt.metainfo.info_hash_v1


@pytest.mark.parametrize("version", ["v1", "v2", "hybrid"])
def test_the_info_is_kept_to_the_byte(version: str) -> None:
    raw = make.torrent(version=version, unknown="kept")

    receipt = receive_torrent(raw, by=make.viewer(), at=NOON)

    stored = StoredMetainfo.objects.get(pk=receipt.release.pk)
    assert bytes(stored.info) in raw
    assert bytes(stored.info) == receipt.metainfo.info_bytes


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00",
        b"d",
        b"de",
        b"i1e",
        b"d4:infod4:name1:aee",
        b"\x1f\x8b" + bytes(90),
        b"l" * 9_999,
    ],
)
def test_what_is_no_torrent_is_refused_and_nothing_is_kept(raw: bytes) -> None:
    with pytest.raises(MetainfoRefusal):
        receive_torrent(raw, by=make.viewer(), at=NOON)

    assert not Release.objects.exists()


def test_the_size_limit_depends_on_trust(settings: Settings) -> None:
    settings.BOTTIN_TORRENT_MAX_SIZE = 100
    receiving.limits_for.cache_clear()
    raw = make.torrent()
    try:
        with pytest.raises(MetainfoTooLarge):
            receive_torrent(raw, by=make.viewer(), at=NOON)
        receive_torrent(raw, by=make.viewer(Role.TRUSTED_PUBLISHER), at=NOON)
    finally:
        receiving.limits_for.cache_clear()


def test_a_stranger_hands_nothing_in() -> None:
    with pytest.raises(NotAllowed):
        receive_torrent(make.torrent(), by=ANONYMOUS, at=NOON)


def test_the_same_file_twice_is_one_draft() -> None:
    person, raw = make.viewer(), make.torrent()

    first = receive_torrent(raw, by=person, at=NOON)
    second = receive_torrent(raw, by=person, at=NOON)

    assert first.release == second.release


def test_two_people_may_prepare_the_same_torrent() -> None:
    raw = make.torrent()

    first = receive_torrent(raw, by=make.viewer(), at=NOON)
    second = receive_torrent(raw, by=make.viewer(), at=NOON)

    assert first.release != second.release


def test_a_published_info_hash_is_refused_with_the_release_it_is() -> None:
    raw = make.torrent("album")
    listed = make.published(of=parse(raw), title="Album libre")

    with pytest.raises(DuplicateRelease) as refused:
        receive_torrent(raw, by=make.viewer(), at=NOON)

    assert refused.value.context == {
        "release_id": listed.pk,
        "title": "Album libre",
        "state": ReleaseState.PUBLISHED,
        "is_own": False,
    }


def test_a_release_that_one_may_not_see_is_refused_without_naming_it() -> None:
    raw = make.torrent("album")
    make.pending(of=parse(raw), title="Secret")

    with pytest.raises(DuplicateRelease) as refused:
        receive_torrent(raw, by=make.viewer(), at=NOON)

    assert refused.value.context["release_id"] is None
    assert refused.value.context["title"] is None


def test_other_hashes_of_the_same_content_are_pointed_out() -> None:
    listed = make.published(of=parse(make.torrent("album")))

    receipt = receive_torrent(make.torrent("album", source="me"), by=make.viewer(), at=NOON)

    assert receipt.duplicates == (listed,)


@pytest.mark.parametrize(
    ("kind", "version"),
    [("v1", "v1"), ("v2", "v2"), ("v1", "hybrid"), ("v2", "hybrid"), ("content", "v1")],
)
def test_what_stays_down_is_refused(kind: str, version: str) -> None:
    raw = make.torrent("album", version=version)
    prints = Fingerprints.of_metainfo(parse(raw))
    value = dict(prints.by_kind())[FingerprintKind(kind)]
    RefusedContent.objects.create(kind=kind, value=value, reason="N-1")

    with pytest.raises(RefusedTorrent) as refused:
        receive_torrent(raw, by=make.viewer(), at=NOON)

    assert refused.value.context == {"kind": kind, "reason": "N-1"}
    assert not Release.objects.exists()


def test_a_large_file_that_was_refused_is_known_in_another_package() -> None:
    files = [("film.webm", 2 * MIB), ("licence.txt", 700)]
    taken_down = make.published(of=parse(make.torrent("a", files, version="v2")))
    actions.refuse_content(taken_down, reason="N-2", at=NOON)
    root = FileRoot.objects.get(release=taken_down).root

    other = make.torrent("b", [("other.webm", 3 * MIB)], version="v2")
    receive_torrent(other, by=make.viewer(), at=NOON)
    assert RefusedContent.objects.filter(kind="root", value=root).count() == 1
    again = make.torrent("a", [*files, ("extra.txt", 5)], version="v2", source="x")
    with pytest.raises(RefusedTorrent):
        receive_torrent(again, by=make.viewer(), at=NOON)


def test_equal_names_and_sizes_only_hold_for_review() -> None:
    taken_down = make.published(of=make.metainfo("a"))
    actions.refuse_content(taken_down, reason="N-3", at=NOON)

    receipt = receive_torrent(make.torrent("b"), by=make.viewer(), at=NOON)

    assert ("held_for_review", "tree") in {(w.code, w.subject) for w in receipt.warnings}


def test_a_refusal_ends_when_it_expires() -> None:
    raw = make.torrent("album")
    RefusedContent.objects.create(
        kind="v1",
        value=parse(raw).info_hash_v1 or b"",
        reason="N-4",
        expires_at=NOON - timedelta(seconds=1),
    )

    assert receive_torrent(raw, by=make.viewer(), at=NOON).release.pk


def test_a_young_account_hands_in_five_and_then_one_each_45_minutes() -> None:
    person = make.viewer(joined_at=NOON - timedelta(days=6))
    for _ in range(5):
        receiving.pace(person, at=NOON)

    with pytest.raises(TooManyUploads) as refused:
        receiving.pace(person, at=NOON)
    receiving.pace(person, at=NOON + timedelta(minutes=45))

    assert refused.value.context == {"retry_after_s": 45 * 60}


def test_an_older_account_is_not_paced_like_a_young_one() -> None:
    person = make.viewer(joined_at=datetime(2026, 5, 20, tzinfo=UTC))

    for _ in range(10):
        receiving.pace(person, at=NOON)


def test_drafts_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "DRAFTS_MAX", 1)
    person = make.viewer()
    receive_torrent(make.torrent(), by=person, at=NOON)

    with pytest.raises(TooManyDrafts):
        receive_torrent(make.torrent(), by=person, at=NOON)


def test_a_refused_parse_says_where() -> None:
    with pytest.raises(MalformedBencode) as refused:
        receive_torrent(b"d8:announce1:a4:info", by=make.viewer(), at=NOON)

    assert "offset" in refused.value.context
