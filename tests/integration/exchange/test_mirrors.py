"""A mirror follows the site and ends equal; nothing private is ever in it (API-11, API-13)."""

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.accounts.viewer import viewer_for
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from bottin.config.values import Rate
from bottin.exchange import dumps, exports, following, records
from bottin.exchange.tasks import follow_public
from bottin.uploads import actions as uploads
from tests.factories import catalog as make
from tests.integration.exchange.mirror import Mirror

pytestmark = pytest.mark.django_db

DAY = "2026-06-01"


def truth() -> dict[str, dict[str, object]]:
    return {record["id"]: json.loads(records.line_of(record)) for record in records.all_records()}


def settle() -> None:
    while follow_public():
        pass


@pytest.fixture
def mirror(program: Client) -> Mirror:
    """A mirror that took the first dump, of three releases."""
    for number in range(3):
        make.published(title=f"Chansons {number}", is_open=number == 0)
    make.pending()
    settle()
    dumps.keep_daily(at=make.NOON)
    found = Mirror(program)
    found.load(DAY)
    return found


def test_a_dump_is_the_site(mirror: Mirror) -> None:
    assert mirror.releases == truth()
    assert len(mirror.releases) == 3


def test_a_mirror_follows_and_ends_equal(mirror: Mirror) -> None:
    person = make.viewer()
    first, second, *_rest = mirror.releases
    make.change(Release.objects.get(pk=int(first)), ReleaseState.REMOVED_LEGAL)
    make.change(Release.objects.get(pk=int(second)), ReleaseState.QUARANTINED)
    fresh = make.published(person, title="Nouvelle")
    uploads.edit_release(
        fresh.pk, make.fields(title="Nouvelle", description="Changée"), by=person, at=make.NOON
    )
    settle()

    mirror.follow(limit=1)

    assert mirror.releases == truth()
    assert mirror.pages > 2
    assert first not in mirror.releases
    assert mirror.releases[str(fresh.pk)]["description"] == "Changée"


def test_what_comes_back_comes_back(mirror: Mirror) -> None:
    first = Release.objects.get(pk=int(next(iter(mirror.releases))))
    make.change(first, ReleaseState.QUARANTINED)
    settle()
    mirror.follow()
    make.change(first, ReleaseState.PUBLISHED)
    settle()

    mirror.follow()

    assert mirror.releases == truth()
    assert str(first.pk) in mirror.releases


def test_a_mirror_may_begin_without_a_dump(program: Client) -> None:
    make.published()
    gone = make.published()
    settle()
    make.change(gone, ReleaseState.REMOVED_TERMS)
    settle()
    mirror = Mirror(program)

    mirror.follow()

    assert mirror.releases == truth()


def test_trk_4_a_takedown_is_gone_before_it_was_followed(mirror: Mirror, program: Client) -> None:
    fresh = make.published(title="À retirer")
    settle()
    make.change(fresh, ReleaseState.REMOVED_LEGAL)

    answer = program.get(f"/dumps/changes?after={mirror.cursor}")

    assert {"v": 1, "kind": "gone", "id": str(fresh.pk)} in map(
        json.loads, answer.text.splitlines()
    )
    assert "À retirer" not in answer.text


def test_nothing_changed_is_nothing_to_say(mirror: Mirror, program: Client) -> None:
    Release.objects.get(pk=int(next(iter(mirror.releases))))
    settle()

    answer = program.get(f"/dumps/changes?after={mirror.cursor}")

    assert len(answer.text.splitlines()) == 1


def test_no_personal_data_but_the_publishers_name(program: Client) -> None:
    person = make.account()
    make.published(viewer_for(person))

    line = records.line_of(next(records.all_records())).decode()

    assert person.name in line
    assert person.email not in line
    assert {"publisher_id", "email", "seeders"}.isdisjoint(json.loads(line))


def test_magnets_are_of_open_releases_and_hold_no_key(mirror: Mirror, program: Client) -> None:
    import zstandard

    answer: Any = program.get(f"/dumps/{DAY}/magnets.txt.zst")
    packed = b"".join(answer.streaming_content)
    links = zstandard.ZstdDecompressor().decompressobj().decompress(packed).decode().splitlines()

    assert len(links) == 1
    assert links[0].startswith("magnet:?xt=urn:btih:")


def test_dumps_are_kept_for_some_days(settings: Settings) -> None:
    settings.BOTTIN_DUMPS_KEPT = 2
    make.published()
    for day in range(4):
        dumps.keep_daily(at=make.NOON + timedelta(days=day))

    assert [dump.day for dump in dumps.dumps()] == ["2026-06-04", "2026-06-03"]


@pytest.mark.parametrize(
    "path", ["2026-06-01/../manifest.json", "2026-06-02/manifest.json", "x/manifest.json", "a/b"]
)
def test_no_other_file_is_given(mirror: Mirror, program: Client, path: str) -> None:
    assert program.get(f"/dumps/{path}").status_code == 404


@pytest.mark.parametrize(("after", "status"), [("999999", 410), ("-1", 410), ("x", 410), ("", 410)])
def test_a_cursor_of_nobody_says_to_begin_again(program: Client, after: str, status: int) -> None:
    assert program.get(f"/dumps/changes?after={after}").status_code == status


def test_a_private_site_gives_out_nothing(
    mirror: Mirror, program: Client, settings: Settings
) -> None:
    settings.BOTTIN_ACCESS = "private"

    assert program.get("/dumps/changes?after=0").status_code == 404
    assert program.get(f"/dumps/{DAY}/manifest.json").status_code == 404
    assert list(records.all_records()) == []


def test_after_a_private_time_the_feed_is_whole_again(mirror: Mirror, settings: Settings) -> None:
    settings.BOTTIN_ACCESS = "private"
    settle()
    make.published()
    settings.BOTTIN_ACCESS = "semi-private"
    settle()

    mirror.follow()

    assert mirror.releases == truth()


def test_the_page_lists_dumps_in_few_queries(
    mirror: Mirror, program: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        answer = program.get("/dumps", headers={"accept-language": "en"})

    assert answer.status_code == 200
    assert f"/dumps/{DAY}/releases.ndjson.zst" in answer.text
    assert f"?after={mirror.cursor}" in answer.text


def test_a_page_of_changes_takes_few_queries(
    mirror: Mirror, program: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(4):
        program.get("/dumps/changes?after=0")


def test_dumps_are_throttled(mirror: Mirror, program: Client, settings: Settings) -> None:
    settings.BOTTIN_THROTTLE_DUMP = Rate(1, 60)
    program.get("/dumps/changes?after=0")

    assert program.get("/dumps/changes?after=0").status_code == 429


def test_an_export_is_whole_and_holds_the_torrents(mirror: Mirror, tmp_path: Path) -> None:
    import base64

    from bottin.metainfo.parser import parse

    count = exports.write(tmp_path / "all.ndjson", with_torrents=True)

    lines = [json.loads(line) for line in (tmp_path / "all.ndjson").read_text().splitlines()]
    assert count == len(lines) == 3
    for line in lines:
        metainfo = parse(base64.b64decode(line["torrent"]))
        assert metainfo.info_hash.hex() == line["info_hash_v1"]
        assert metainfo.trackers == ()


def test_half_a_dump_is_never_seen(program: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_record: object) -> bytes:
        raise OSError(28, "No space left on device")

    make.published()
    monkeypatch.setattr(records, "line_of", broken)

    with pytest.raises(OSError, match="No space"):
        dumps.keep_daily(at=make.NOON)

    assert list(dumps.folder().iterdir()) == []
    assert following.are_open()


def test_a_dump_that_broke_off_goes_on_where_it_stopped(mirror: Mirror, program: Client) -> None:
    path = f"/dumps/{DAY}/releases.ndjson.zst"
    whole: Any = program.get(path)
    content = b"".join(whole.streaming_content)
    half = len(content) // 2

    rest: Any = program.get(path, headers={"Range": f"bytes={half}-", "If-Range": whole["ETag"]})
    start: Any = program.get(
        path, headers={"Range": f"bytes=0-{half - 1}", "If-Range": whole["Last-Modified"]}
    )
    end: Any = program.get(path, headers={"Range": "bytes=-5"})

    assert (whole["Accept-Ranges"], rest.status_code, mirror.pages) == ("bytes", 206, 0)
    assert rest["Content-Range"] == f"bytes {half}-{len(content) - 1}/{len(content)}"
    assert int(rest["Content-Length"]) == len(content) - half
    assert b"".join(start.streaming_content) + b"".join(rest.streaming_content) == content
    assert b"".join(end.streaming_content) == content[-5:]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Range": "bytes=0-0,2-2"}, 200),
        ({"Range": "lines=0-1"}, 200),
        ({"Range": "bytes=-"}, 200),
        ({"Range": "bytes=0-5", "If-Range": '"another"'}, 200),
        ({"Range": "bytes=0-5", "If-Range": "Mon, 01 Jan 2001 00:00:00 GMT"}, 200),
        ({"Range": "bytes=0-5", "If-Range": "never"}, 200),
        ({"Range": "bytes=0-999999999"}, 206),
        ({"Range": "bytes=999999999-"}, 416),
        ({"Range": "bytes=5-2"}, 416),
        ({"Range": "bytes=-0"}, 416),
    ],
)
@pytest.mark.usefixtures("mirror")
def test_what_is_no_range_of_this_file_gets_the_whole_or_nothing(
    program: Client, headers: dict[str, str], status: int
) -> None:
    with closing(program.get(f"/dumps/{DAY}/manifest.json", headers=headers)) as answer:
        assert answer.status_code == status
