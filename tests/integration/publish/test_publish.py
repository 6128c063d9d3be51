"""`bottin publish`, from files on a disk to a torrent ready to seed, against a live server."""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bottin.accounts.permissions import Role
from bottin.catalog.models import Release
from bottin.metainfo.parser import parse
from tests.factories import catalog
from tests.factories.api import Caller, caller_for
from tests.integration.publish.desk import DESCRIBED, Desk
from tests.integration.publish.flaky import Flaky

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def trusted(live_server: Any, tmp_path: Path) -> Desk:
    """Someone whose releases are published at once."""
    return Desk(tmp_path, live_server.url, caller_for(catalog.account(Role.TRUSTED_PUBLISHER)))


@pytest.fixture
def member(live_server: Any, tmp_path: Path) -> Desk:
    """Someone whose releases await review."""
    return Desk(tmp_path, live_server.url, caller_for(catalog.account()))


@pytest.mark.parametrize("version", ["v1", "v2", "hybrid"])
def test_a_file_is_published_and_ready_to_seed(trusted: Desk, version: str) -> None:
    path = trusted.content()

    result = trusted.run(path, *DESCRIBED, "--version", version, "--tag", "linux", "--tag", "iso")

    assert result.exit_code == 0, result.output
    release = Release.objects.get()
    assert (release.state, release.version, release.title) == ("published", version, "image")
    assert sorted(tag.slug for tag in release.tags.all()) == ["iso", "linux"]
    assert f"/torrents/{release.pk}" in result.stdout
    personal = parse((trusted.folder / "image.iso.torrent").read_bytes())
    assert personal.info_hash == release.canonical_info_hash
    assert any("/announce" in url for tier in personal.trackers for url in tier)


def test_libtorrent_finds_the_files_whole(trusted: Desk) -> None:
    libtorrent = pytest.importorskip("libtorrent")
    folder = trusted.folder / "album"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.flac").write_bytes(random.Random(number).randbytes(40_000 + number))
    trusted.run(folder, *DESCRIBED)

    wanted = libtorrent.load_torrent_file(str(trusted.folder / "album.torrent"))
    wanted.save_path = str(trusted.folder)
    session = libtorrent.session(
        {
            "listen_interfaces": "127.0.0.1:0",
            "enable_dht": False,
            "alert_mask": libtorrent.alert.category_t.status_notification,
        }
    )
    handle = session.add_torrent(wanted)
    alerts: list[Any] = []
    while not any(isinstance(alert, libtorrent.torrent_checked_alert) for alert in alerts):
        session.wait_for_alert(10_000)
        alerts = session.pop_alerts()

    assert handle.status().progress == 1.0


def test_several_paths_are_several_releases(trusted: Desk) -> None:
    paths = [trusted.content(f"{name}.iso") for name in ("image un", "image deux")]

    result = trusted.run(*paths, *DESCRIBED, "--json")

    found = json.loads(result.stdout)
    assert [row["path"] for row in found["published"]] == [str(path) for path in paths]
    assert found["refused"] == []
    assert Release.objects.count() == 2


def test_one_refused_path_does_not_stop_the_others(trusted: Desk) -> None:
    empty = trusted.folder / "vide"
    empty.mkdir()

    result = trusted.run(empty, trusted.content(), *DESCRIBED, "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 3
    assert found["refused"][0]["code"] == "metainfo.empty_content"
    assert len(found["published"]) == 1


def test_a_members_torrent_is_ready_while_the_release_awaits_review(member: Desk) -> None:
    result = member.run(member.content(), *DESCRIBED)

    assert result.exit_code == 0, result.output
    assert "awaiting review" in result.output
    assert (member.folder / "image.iso.torrent").exists()


def test_a_second_run_changes_nothing(trusted: Desk) -> None:
    path = trusted.content()
    first = trusted.run(path, *DESCRIBED, "--json")

    second = trusted.run(path, *DESCRIBED, "--json")

    assert second.exit_code == 0, second.output
    assert (
        json.loads(second.stdout)["published"][0]["id"]
        == (json.loads(first.stdout)["published"][0]["id"])
    )
    assert Release.objects.count() == 1


def test_content_that_changed_is_another_release(trusted: Desk) -> None:
    path = trusted.content()
    trusted.run(path, *DESCRIBED)
    path.write_bytes(path.read_bytes()[::-1])

    result = trusted.run(path, *DESCRIBED, "--json")

    assert result.exit_code == 0, result.output
    assert Release.objects.count() == 2
    # The first torrent file is somebody's: it is left alone.
    assert len(list(trusted.folder.glob("image.iso*.torrent"))) == 2


def test_a_field_that_is_refused_is_named(trusted: Desk) -> None:
    result = trusted.run(trusted.content(), "--category", "rien", *DESCRIBED[2:])

    assert result.exit_code == 4
    assert "category: There is no such category." in result.output


def test_a_refused_run_goes_on_once_corrected(trusted: Desk) -> None:
    path = trusted.content()
    trusted.run(path, "--category", "rien", *DESCRIBED[2:])

    assert trusted.run(path, *DESCRIBED).exit_code == 0
    assert Release.objects.count() == 1


def test_a_duplicate_shows_the_page_there_is(trusted: Desk, member: Desk) -> None:
    path = trusted.content()
    trusted.run(path, *DESCRIBED)
    member.folder /= "elsewhere"
    member.folder.mkdir()

    result = member.run(path, *DESCRIBED)

    assert result.exit_code == 7
    assert f"/torrents/{Release.objects.get().pk}" in result.output


@pytest.mark.parametrize("failure", ["503", "drop before", "drop after"])
def test_a_server_that_fails_twice_gets_one_release(trusted: Desk, failure: str) -> None:
    with Flaky(trusted.site, failure, times=2) as proxy:
        trusted.site = proxy.origin
        result = trusted.run(trusted.content(), *DESCRIBED, "--json")

    assert result.exit_code == 0, result.output
    assert proxy.failed == 2
    assert Release.objects.count() == 1


def test_a_server_that_does_not_come_back_leaves_the_work_for_later(trusted: Desk) -> None:
    path, site = trusted.content(), trusted.site
    with Flaky(site, "drop after", times=1) as proxy:
        trusted.site = proxy.origin
        first = trusted.run(path, *DESCRIBED, "--tries", 1)
        assert first.exit_code == 6
        assert "Run the same command again" in first.output
        made = next((trusted.folder / "state").rglob("made.torrent")).stat().st_mtime_ns

        second = trusted.run(path, *DESCRIBED, "--tries", 1)

    assert second.exit_code == 0, second.output
    assert Release.objects.count() == 1
    assert next((trusted.folder / "state").rglob("made.torrent")).stat().st_mtime_ns == made


def test_a_token_without_the_scope_is_refused_in_words(trusted: Desk) -> None:
    assert trusted.caller.account is not None
    trusted.caller = caller_for(trusted.caller.account, frozenset({"read"}))

    result = trusted.run(trusted.content(), *DESCRIBED)

    assert result.exit_code == 5
    assert "publish" in result.output


def test_refusals_are_in_the_language_of_the_terminal(trusted: Desk) -> None:
    result = trusted.run(
        trusted.content(), "--category", "rien", *DESCRIBED[2:], LC_ALL="fr_FR.UTF-8"
    )

    assert "Cette catégorie n’existe pas." in result.output


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda desk: setattr(desk, "site", ""), "--site"),
        (lambda desk: setattr(desk.caller, "token", None), "--token"),
        (lambda desk: setattr(desk, "site", "http://bottin.example"), "https only"),
        (lambda desk: setattr(desk, "site", "bottin"), "not a site address"),
    ],
)
def test_wrong_usage_is_2(trusted: Desk, change: Callable[[Desk], None], words: str) -> None:
    change(trusted)

    result = trusted.run(trusted.content(), *DESCRIBED)

    assert result.exit_code == 2
    assert words in result.output


def test_a_title_for_two_paths_is_wrong_usage(trusted: Desk) -> None:
    paths = [trusted.content("un"), trusted.content("deux")]

    assert trusted.run(*paths, *DESCRIBED, "--title", "Un titre").exit_code == 2


def test_a_path_that_is_not_there_is_wrong_usage(trusted: Desk) -> None:
    assert trusted.run(trusted.folder / "rien", *DESCRIBED).exit_code == 2


def test_the_folder_one_is_in_has_its_own_name(
    trusted: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = trusted.folder / "mes images"
    folder.mkdir()
    (folder / "une.png").write_bytes(b"x" * 20_000)
    monkeypatch.chdir(folder)

    assert trusted.run(".", *DESCRIBED).exit_code == 0
    assert Release.objects.get().title == "mes images"
    assert (trusted.folder / "mes images.torrent").exists()


def test_a_very_long_name_still_gets_its_torrent(trusted: Desk) -> None:
    path = trusted.content("é" * 120 + ".iso")

    result = trusted.run(path, *DESCRIBED, "--title", "Un long nom", "--json")

    assert result.exit_code == 0, result.output
    assert Path(json.loads(result.stdout)["published"][0]["torrent"]).exists()


def test_site_and_token_may_be_in_a_file(trusted: Desk) -> None:
    settings = trusted.folder / "config" / "bottin" / "publish.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'site = "{trusted.site}"\ntoken = "{trusted.caller.token}"\n')
    trusted.site, trusted.caller = "", Caller()

    assert trusted.run(trusted.content(), *DESCRIBED).exit_code == 0


def test_an_unreadable_file_is_refused_in_words(trusted: Desk) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    path = trusted.content()
    path.chmod(0)

    result = trusted.run(path, *DESCRIBED)

    assert result.exit_code == 3
    assert "cannot be read" in result.output


def test_no_secret_is_printed_or_kept(trusted: Desk) -> None:
    result = trusted.run(trusted.content(), *DESCRIBED, "--json")

    kept = [p.read_bytes() for p in (trusted.folder / "state").rglob("*") if p.is_file()]
    token = (trusted.caller.token or "").encode()
    assert token not in result.output.encode()
    assert all(token not in content for content in kept)
