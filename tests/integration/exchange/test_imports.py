"""Imports of releases: what lands where, what is refused and why, twice and half-way (API-12)."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from bottin.accounts.viewer import viewer_for
from bottin.audit.models import AuditEvent
from bottin.catalog.models import Release, StateChange, StoredMetainfo
from bottin.catalog.states import ReleaseState
from bottin.exchange import exports
from bottin.exchange.imports import run
from bottin.exchange.sources import lines_of
from bottin.metainfo.parser import parse
from bottin.tracker.models import Listing, ListingState
from bottin.uploads import actions as uploads
from tests.factories import catalog as make
from tests.factories import exchange as old

pytestmark = pytest.mark.django_db


def refusals(records: list[Any], **given: Any) -> dict[str, str]:
    report = io.StringIO()
    old.take_in(records, report=report, **given)
    rows = [json.loads(line) for line in report.getvalue().splitlines()]
    return {row["source_id"] or str(row["number"]): row["reason"] for row in rows}


def test_a_complete_record_waits_for_the_team(db: None) -> None:
    raw = make.torrent(version="hybrid")
    totals = old.take_in([old.release(raw=raw)])

    release = Release.objects.get()
    metainfo = parse(raw)
    assert (totals.pending, totals.drafts, totals.refused) == (1, 0, 0)
    assert release.state == ReleaseState.PENDING
    assert release.submitted_at == make.NOON
    assert release.published_at is None
    assert (release.info_hash_v1, release.info_hash_v2) == (
        metainfo.info_hash_v1,
        metainfo.info_hash_v2,
    )
    assert bytes(StoredMetainfo.objects.get(release=release).info) == metainfo.info_bytes
    assert release.description_html == "<p>Des <strong>chansons</strong>.</p>\n"
    assert set(release.tags.values_list("slug", flat=True)) == {"chanson", "guitare"}
    assert StateChange.objects.get(release=release).reason_code == "import"
    assert Listing.objects.get(release_id=release.pk).state == ListingState.PENDING
    assert AuditEvent.objects.filter(action="releases.imported").count() == 1


def test_law_2_nothing_is_published_and_without_a_licence_it_is_a_draft() -> None:
    without = [
        old.release(licence=""),
        old.release(licence="Tous droits"),
        old.release(provenance_url=""),
        old.release(category="films-du-commerce"),
    ]

    totals = old.take_in([*without, old.release()])

    assert (totals.drafts, totals.pending) == (4, 1)
    assert not Release.objects.filter(state=ReleaseState.PUBLISHED).exists()
    assert Listing.objects.count() == 1


def test_a_draft_becomes_a_release_when_its_publisher_says_the_licence() -> None:
    publisher = make.account()
    old.take_in([old.release(licence="")], fallback=publisher)
    draft = Release.objects.get()

    release = uploads.submit_release(
        draft.pk, make.fields(), by=viewer_for(publisher), at=make.NOON
    )

    assert release.state == ReleaseState.PENDING


def test_the_operator_may_say_licence_and_provenance_for_all() -> None:
    said = make.fields(licence_code="CC0-1.0", provenance_url="https://example.org/fonds")

    old.take_in([old.release(licence="", provenance_url="")], said=said)

    release = Release.objects.get()
    assert release.state == ReleaseState.PENDING
    assert release.licence_id == "CC0-1.0"
    assert release.provenance_url == "https://example.org/fonds"


def test_cat_6_the_mapping_file_says_which_shelf() -> None:
    mapping = {"Films > HD": "120100", "*": "180100"}

    old.take_in(
        [old.release(category="Films > HD"), old.release(category="Inconnue")], mapping=mapping
    )

    shelves = set(Release.objects.values_list("category_id", flat=True))
    assert shelves == {120100, 180100}


def test_again_takes_in_nothing_twice() -> None:
    records = [old.release(), old.release(licence="")]
    old.take_in(records)

    totals = old.take_in(records)

    assert (totals.pending, totals.drafts, totals.already) == (0, 0, 2)
    assert Release.objects.count() == 2


def test_half_way_goes_on_where_it_was_stopped() -> None:
    records = [old.release() for _ in range(5)]
    old.take_in(records[:3])

    totals = old.take_in(records)

    assert (totals.pending, totals.already) == (2, 3)


def test_a_dry_run_writes_nothing_and_says_the_same() -> None:
    records: list[Any] = [old.release(), old.release(licence=""), b"{", old.person()]

    dry = old.take_in(records, is_dry=True)
    assert Release.objects.count() == 0
    wet = old.take_in(records)

    assert dry == wet


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not_json"),
        (b"[1,2]", "not_json"),
        (b"\xff\xfe\x00", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"kind":"torrent"}', "unknown_kind"),
        (b'{"kind":"release"}', "source_id"),
        (b'{"kind":"release","source_id":"1"}', "no_torrent"),
        (b'{"kind":"release","source_id":"1","torrent":"%%%"}', "torrent_not_base64"),
        (
            b'{"kind":"release","source_id":"1","torrent_file":"../../etc/passwd"}',
            "torrent_outside_folder",
        ),
        (
            b'{"kind":"release","source_id":"1","torrent_file":"absent.torrent"}',
            "torrent_not_found",
        ),
        (b'{"kind":"release","source_id":"1","torrent":"ZDQ6aW5mb2Vl"}', "metainfo."),
        (b'{"kind":"release","source_id":"1","torrent":"ZGVl","title":[1]}', "wrong_type"),
        (b'{"kind":"account","source_id":"1","name":"a","email":"b"}', "accounts.bad_name.length"),
    ],
)
def test_a_broken_line_is_refused_with_its_reason_and_the_others_land(
    line: bytes, reason: str
) -> None:
    report = io.StringIO()

    totals = old.take_in([old.release(), line, old.release()], report=report)

    row = json.loads(report.getvalue())
    assert totals.pending == 2
    assert row["number"] == 2
    assert row["reason"].startswith(reason)


def test_duplicates_are_refused_in_the_source_and_on_the_site() -> None:
    raw, listed = make.torrent(), make.torrent()
    make.published(of=parse(listed))

    found = refusals(
        [
            old.release(source_id="a", raw=raw),
            old.release(source_id="b", raw=raw),
            old.release(source_id="c", raw=listed),
        ]
    )

    assert found == {"b": "duplicate_in_source", "c": "duplicate"}


def test_stay_3_what_was_taken_down_stays_down() -> None:
    raw = make.torrent(version="hybrid", files=(("film.mkv", 3_000_000),))
    gone = make.published(of=parse(raw))
    uploads.refuse_content(gone, reason="notice", at=make.NOON)
    make.change(gone, ReleaseState.REMOVED_LEGAL)

    assert refusals([old.release(source_id="a", raw=raw)]) == {"a": "stays_down"}


def test_one_row_that_breaks_the_batch_is_refused_alone() -> None:
    records = [old.release() for _ in range(6)]
    records[3]["source_id"] = "nul \x00"

    totals = old.take_in(records)

    assert totals.pending == 5
    assert totals.refused == 1


def test_what_one_site_exports_another_takes_in(tmp_path: Path) -> None:
    release = make.published(title="À partager", of=make.metainfo(version="hybrid"))
    exports.write(tmp_path / "all.ndjson.zst", with_torrents=True)
    kept = release.info_hash_v2
    make.change(release, ReleaseState.WITHDRAWN)  # its hashes are free again

    totals = run(lines_of(tmp_path / "all.ndjson.zst", lambda _n: None), old.plan())

    taken = Release.objects.get(state=ReleaseState.PENDING)
    assert totals.pending == 1
    assert taken.info_hash_v2 == kept
    assert taken.title == "À partager"
    assert taken.licence_id == "CC-BY-SA-4.0"
    assert taken.publisher == release.publisher


def test_a_folder_with_a_table_of_metadata(tmp_path: Path) -> None:
    (tmp_path / "sous").mkdir()
    (tmp_path / "a.torrent").write_bytes(make.torrent("album-nu"))
    (tmp_path / "sous/b.torrent").write_bytes(make.torrent())
    (tmp_path / "metadata.csv").write_text(
        "torrent_file,title,category,licence,provenance_url,tags\n"
        'sous/b.torrent,"Titre, avec virgule",musique,CC-BY-4.0,https://example.org/b,"un, deux"\n'
        "absent.torrent,Rien,musique,CC-BY-4.0,https://example.org/c,\n"
    )
    report = io.StringIO()

    totals = run(lines_of(tmp_path, lambda _n: None), old.plan(folder=tmp_path), report=report)

    assert (totals.pending, totals.drafts, totals.refused) == (1, 1, 1)
    assert Release.objects.get(state=ReleaseState.PENDING).title == "Titre, avec virgule"
    assert Release.objects.get(state=ReleaseState.DRAFT).title == "album-nu"
    assert json.loads(report.getvalue())["reason"] == "torrent_not_found"


@pytest.mark.parametrize("suffix", [".ndjson.zst", ".ndjson.gz"])
def test_a_torn_archive_gives_what_is_whole(tmp_path: Path, suffix: str) -> None:
    import gzip

    import zstandard

    text = b"".join(json.dumps(old.release()).encode() + b"\n" for _ in range(400))
    packed = zstandard.compress(text) if suffix.endswith("zst") else gzip.compress(text)
    (tmp_path / f"a{suffix}").write_bytes(packed[: len(packed) * 2 // 3])
    report = io.StringIO()

    totals = run(
        list(lines_of(tmp_path / f"a{suffix}", lambda _n: None))[-3:], old.plan(), report=report
    )

    assert totals.refused >= 1
    assert "not_json" in report.getvalue()
