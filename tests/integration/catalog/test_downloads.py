"""The personal `.torrent` and the magnet link: whose key, in which file."""

import hashlib

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.accounts.models import Account, AccountState
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import ANONYMOUS, viewer_for
from bottin.catalog import downloads
from bottin.catalog.errors import AccountNeeded, AccountSuspended, NotDownloadable
from bottin.catalog.models import Release, StoredMetainfo
from bottin.catalog.states import ReleaseState
from bottin.metainfo import bencode
from bottin.metainfo.parser import parse
from bottin.tracker import keys
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("version", ["v1", "v2", "hybrid"])
def test_the_info_hash_never_changes_and_the_key_is_the_members_for_this_torrent(
    version: str,
) -> None:
    raw = make.torrent(version=version, files=[("a.bin", 90_000)])
    release = make.published(of=parse(raw))
    account = make.account()

    file = downloads.personal_torrent(release, viewer=viewer_for(account))

    found = parse(file.content)
    key = keys.torrent_key(account, release.canonical_info_hash)
    assert found.info_bytes in raw
    assert (found.info_hash_v1, found.info_hash_v2) == (release.info_hash_v1, release.info_hash_v2)
    assert found.trackers == tuple(tuple(tier) for tier in keys.announce_tiers(key))
    assert found.comment == downloads.page_url(release)
    assert file.name == "chansons-libres.torrent"


def test_two_members_get_two_keys_and_one_info_hash() -> None:
    release = make.published()

    files = [downloads.personal_torrent(release, viewer=make.viewer()).content for _ in range(2)]

    assert files[0] != files[1]
    digests = [hashlib.sha1(parse(f).info_bytes, usedforsecurity=False).digest() for f in files]
    assert digests == [release.info_hash_v1] * 2


def test_a_stranger_gets_open_releases_only_and_no_key() -> None:
    open_one, closed = make.published(is_open=True), make.published()

    file = downloads.personal_torrent(open_one, viewer=ANONYMOUS)

    assert parse(file.content).trackers == tuple(map(tuple, keys.announce_tiers(None)))
    with pytest.raises(AccountNeeded):
        downloads.personal_torrent(closed, viewer=ANONYMOUS)
    assert downloads.may_download(open_one, ANONYMOUS)
    assert not downloads.may_download(closed, ANONYMOUS)


def test_a_public_site_has_open_releases_only(settings: Settings) -> None:
    settings.BOTTIN_ACCESS = "public"
    release = make.published()

    assert downloads.personal_torrent(release, viewer=ANONYMOUS).content
    assert downloads.magnet_of(release)


@pytest.mark.parametrize("state", [s for s in ReleaseState if s is not ReleaseState.PUBLISHED])
def test_only_what_is_published_is_fetched_but_by_those_who_prepare_it(state: ReleaseState) -> None:
    owner = make.viewer()
    release = make.published(owner, is_open=True)
    Release.objects.filter(pk=release.pk).update(state=state)
    release = Release.objects.get(pk=release.pk)
    is_preparing = state in {ReleaseState.PENDING, ReleaseState.CHANGES_REQUESTED}

    for viewer in (ANONYMOUS, make.viewer()):
        with pytest.raises(NotDownloadable):
            downloads.personal_torrent(release, viewer=viewer)
    for viewer in (owner, make.viewer(Role.MODERATOR)):
        if is_preparing:
            assert downloads.personal_torrent(release, viewer=viewer).content
        else:
            with pytest.raises(NotDownloadable):
                downloads.personal_torrent(release, viewer=viewer)
    assert downloads.magnet_of(release) is None


def test_a_suspended_account_fetches_nothing() -> None:
    account = make.account()
    viewer = viewer_for(account)
    Account.objects.filter(pk=account.pk).update(state=AccountState.SUSPENDED, is_active=False)

    with pytest.raises(AccountSuspended):
        downloads.personal_torrent(make.published(), viewer=viewer)


def test_only_web_seeds_of_allowed_hosts_are_kept(settings: Settings) -> None:
    settings.BOTTIN_WEB_SEED_HOSTS = ("archive.org",)
    seeds = ["https://ia800.archive.org/x", "https://archive.org.evil.net/x", "https://evil.net/"]
    release = make.published(is_open=True)
    StoredMetainfo.objects.filter(pk=release.pk).update(web_seeds=seeds)

    found = parse(downloads.personal_torrent(release, viewer=ANONYMOUS).content)

    assert found.web_seeds == (seeds[0],)
    assert "evil" not in str(downloads.magnet_of(release))


def test_foreign_trackers_and_comments_are_gone() -> None:
    info = bencode.decode(make.torrent())[b"info"]
    raw = bencode.encode(
        {b"announce": b"http://other.example/0123456789abcdef0123/announce", b"comment": b"x",
         b"info": info}
    )  # fmt: skip
    release = make.published(of=parse(raw))

    content = downloads.personal_torrent(release, viewer=make.viewer()).content

    assert b"other.example" not in content
    assert parse(content).comment == downloads.page_url(release)


@pytest.mark.parametrize(("version", "count"), [("v1", 1), ("v2", 1), ("hybrid", 3)])
def test_magnets_are_of_open_releases_and_carry_no_key(version: str, count: int) -> None:
    content = parse(make.torrent(version=version))
    release = make.published(of=content, is_open=True)

    links = downloads.magnets_of(release)

    assert len(links) == count
    for link in links.values():
        assert all(tr.endswith("announce") for tr in link.split("&tr=")[1:])
    assert downloads.magnet_of(make.published()) is None


def test_a_private_torrent_has_no_magnet() -> None:
    release = make.published(of=parse(make.torrent(private=1)), is_open=True)

    assert downloads.magnet_of(release) is None


def test_a_download_costs_two_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    release, viewer = make.published(), make.viewer()

    with django_assert_max_num_queries(2):
        downloads.personal_torrent(release, viewer=viewer)
