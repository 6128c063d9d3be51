"""Look-ups by what content is recognised by (interfaces XS-1 to XS-6)."""

import json
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.accounts.feed_keys import feed_key
from bottin.catalog.models import FileRoot, Release
from bottin.metainfo.model import Metainfo
from tests.factories import catalog as make
from tests.factories.api import Caller

pytestmark = pytest.mark.django_db

MIB = 1_048_576
FILES = (("chanson.flac", 2 * MIB), ("paroles.txt", 900))


def send(caller: Caller, path: str, body: object) -> Any:
    return caller.send("POST", path, json.dumps(body).encode(), "application/json")


def cross_seed(caller: Caller, body: object) -> Any:
    return caller.client.post("/api/pieces-hash", body, content_type="application/json")


def found_in(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.content
    return [(row["release_id"], row["matched"]) for row in answer.json()["data"]]


@pytest.fixture
def hybrid() -> Metainfo:
    """A torrent of both kinds with a file of 2 MiB."""
    return make.metainfo(version="hybrid", files=FILES)


@pytest.fixture
def release(db: None, hybrid: Metainfo) -> Release:
    """It, published."""
    return make.published(of=hybrid)


def test_xs_2_each_of_its_hashes_finds_a_release(
    stranger: Caller,
    release: Release,
    hybrid: Metainfo,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    v1, v2 = hybrid.info_hash_v1, hybrid.info_hash_v2
    assert v1 is not None
    assert v2 is not None
    asked = [v1.hex().upper(), v2.hex(), v2[:20].hex(), "00" * 20]

    with django_assert_max_num_queries(7):  # six of them count the call, which weighs five
        answer = send(stranger, "/lookup/infohash", {"info_hashes": asked})

    pk = str(release.pk)
    assert sorted(found_in(answer)) == [(pk, "v1"), (pk, "v2"), (pk, "v2-truncated")]


def test_xs_1_the_hash_of_pieces_finds_it(stranger: Caller, release: Release) -> None:
    assert release.pieces_digest is not None

    answer = stranger.get(f"/lookup/pieces/{release.pieces_digest.hex()}")

    assert found_in(answer) == [(str(release.pk), "pieces")]


def test_xs_1_cross_seeding_tools_ask_with_a_feed_key(stranger: Caller, release: Release) -> None:
    assert release.pieces_digest is not None
    digest = release.pieces_digest.hex()
    key = feed_key(make.account())
    body = {"passkey": key, "pieces_hash": [digest, "00" * 20, "nonsense"]}

    answer = cross_seed(stranger, body)
    forged = cross_seed(stranger, body | {"passkey": "a" * 39})

    assert answer.json() == {"data": {digest: release.pk}}
    assert forged.status_code == 401


def test_a_files_root_finds_the_releases_that_hold_it(stranger: Caller, release: Release) -> None:
    root = FileRoot.objects.values_list("root", flat=True).get(release=release)

    answer = stranger.get(f"/lookup/root/{root.hex()}")

    assert found_in(answer) == [(str(release.pk), "roots")]


def test_xs_3_equal_files_are_exact_and_equal_sizes_renamed(
    stranger: Caller, release: Release
) -> None:
    same = [{"path": path, "length": size} for path, size in FILES]
    renamed = [{"path": f"autre-{size}", "length": size} for _path, size in FILES]

    exact_answer = send(stranger, "/lookup/file-tree", {"files": same})
    renamed_answer = send(stranger, "/lookup/file-tree", {"files": renamed})

    assert found_in(exact_answer) == [(str(release.pk), "exact")]
    assert found_in(renamed_answer) == [(str(release.pk), "renamed")]


def test_xs_3_a_shared_file_is_found_by_its_root(stranger: Caller, release: Release) -> None:
    root = FileRoot.objects.values_list("root", flat=True).get(release=release)
    files = [
        {"path": "son.flac", "length": 2 * MIB, "root": root.hex()},
        {"path": "b", "length": 7},
    ]

    answer = send(stranger, "/lookup/file-tree", {"files": files})

    assert found_in(answer) == [(str(release.pk), "roots")]


def test_xs_3_a_part_of_the_files_finds_who_holds_them_and_how_much(
    stranger: Caller, release: Release
) -> None:
    make.published()
    path, size = max(FILES, key=lambda file: file[1])
    files = [{"path": f"ailleurs/{path.split('/')[-1]}", "length": size}]
    beside = [*files, {"path": "autre.bin", "length": size}]

    alone = send(stranger, "/lookup/file-tree", {"files": files}).json()["data"]
    among = send(stranger, "/lookup/file-tree", {"files": beside}).json()["data"]

    assert [(row["release_id"], row["matched"], row["share"]) for row in (*alone, *among)] == [
        (str(release.pk), "part", 1.0),
        (str(release.pk), "part", 0.5),
    ]


def test_xs_6_nobody_finds_what_they_may_not_see(stranger: Caller, hybrid: Metainfo) -> None:
    waiting = make.pending(of=hybrid)
    assert waiting.pieces_digest is not None
    root = FileRoot.objects.values_list("root", flat=True).get(release=waiting)
    files = [{"path": path, "length": size} for path, size in FILES]

    answers = [
        stranger.get(f"/lookup/pieces/{waiting.pieces_digest.hex()}"),
        stranger.get(f"/lookup/root/{root.hex()}"),
        send(stranger, "/lookup/file-tree", {"files": files}),
        send(stranger, "/lookup/infohash", {"info_hashes": [waiting.canonical_info_hash.hex()]}),
    ]

    assert [found_in(answer) for answer in answers] == [[], [], [], []]


def test_xs_6_a_private_site_tells_strangers_nothing(
    stranger: Caller, release: Release, settings: Settings
) -> None:
    settings.BOTTIN_ACCESS = "private"

    answer = send(
        stranger, "/lookup/infohash", {"info_hashes": [release.canonical_info_hash.hex()]}
    )

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/lookup/infohash", {"info_hashes": []}, 422),
        ("/lookup/infohash", {"info_hashes": ["zz"]}, 422),
        ("/lookup/infohash", {"info_hashes": ["00" * 20] * 501}, 422),
        ("/lookup/infohash", {"hashes": ["00" * 20]}, 422),
        ("/lookup/infohash", [1], 422),
        ("/lookup/file-tree", {"files": [{"path": "a", "length": -1}]}, 422),
        ("/lookup/file-tree", {"files": [{"path": "a", "length": 1, "root": "x"}]}, 422),
        ("/lookup/file-tree", {"files": [{"path": "\ud800", "length": 1}]}, 422),
    ],
)
def test_hostile_questions_are_refused(
    stranger: Caller, path: str, body: object, status: int
) -> None:
    assert send(stranger, path, body).status_code == status


@pytest.mark.parametrize(
    ("body", "status"),
    [([], 400), ({"passkey": "x", "pieces_hash": []}, 401), ({"pieces_hash": 3}, 401)],
)
def test_xs_1_refuses_what_it_cannot_read(stranger: Caller, body: object, status: int) -> None:
    assert cross_seed(stranger, body).status_code == status
