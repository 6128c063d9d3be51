"""What programs read of the directory."""

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from bottin.catalog.actions import change_state
from bottin.catalog.states import ReleaseState
from bottin.metainfo.parser import parse
from tests.factories import catalog
from tests.factories.api import Caller

pytestmark = pytest.mark.django_db


def test_a_stranger_reads_the_list(stranger: Caller) -> None:
    release = catalog.published(title="Une chanson")
    catalog.swarm(release, seeders=3, leechers=1, completed=7)

    answer = stranger.get("/releases")

    row = answer.json()["data"][0]
    assert (row["id"], row["title"]) == (str(release.pk), "Une chanson")
    assert row["swarm"] == {"seeders": 3, "leechers": 1, "completed": 7}
    assert row["category"]["id"] == "130100"
    assert row["licence"]["code"] == "CC-BY-SA-4.0"
    assert row["info_hash"]["v1"] == release.info_hash_v1.hex()


def test_the_list_costs_few_queries(
    stranger: Caller, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(5):
        catalog.published()

    with django_assert_max_num_queries(6):
        stranger.get("/releases")


def test_pages_follow_each_other_without_a_gap(stranger: Caller) -> None:
    ids = {str(catalog.published().pk) for _number in range(5)}

    found: list[str] = []
    cursor: str | None = ""
    for _page in range(3):
        answer = stranger.get("/releases", {"limit": 2, "cursor": cursor}).json()
        found += [row["id"] for row in answer["data"]]
        cursor = answer["page"]["next"]

    assert cursor is None
    assert len(found) == 5
    assert set(found) == ids


def test_the_link_header_leads_to_the_next_page(stranger: Caller) -> None:
    for _number in range(3):
        catalog.published()

    answer = stranger.get("/releases", {"limit": 2, "category": "130100"})

    link = next(part for part in answer["Link"].split(", ") if 'rel="next"' in part)
    address = link[1 : link.index(">")]
    assert len(stranger.client.get(address).json()["data"]) == 1


@pytest.mark.parametrize(
    "changed", ["x{}", "{}x", "AAAA{}", "é", "AAAA", "=" * 50, "{}" * 2], ids=ascii
)
def test_a_cursor_that_was_tampered_with_is_refused(stranger: Caller, changed: str) -> None:
    for _number in range(2):
        catalog.published()
    cursor = stranger.get("/releases", {"limit": 1}).json()["page"]["next"]

    answer = stranger.get("/releases", {"limit": 1, "cursor": changed.format(cursor, cursor)})

    assert answer.status_code == 422
    assert answer.json()["code"] == "paging.bad_cursor"
    assert answer.json()["errors"][0]["pointer"] == "/cursor"


def test_a_cursor_is_good_for_its_own_list_only(stranger: Caller) -> None:
    for _number in range(2):
        catalog.published()
    cursor = stranger.get("/releases", {"limit": 1}).json()["page"]["next"]

    answer = stranger.get("/releases", {"limit": 1, "cursor": cursor, "sort": "size"})

    assert answer.status_code == 422


def test_lists_are_filtered_by_category_licence_and_publisher(stranger: Caller) -> None:
    song = catalog.published()
    linux = catalog.published(category_id=catalog.LINUX, licence_code="GPL-3.0-or-later")

    by_slug = stranger.get("/releases", {"category": "distributions-linux"}).json()
    by_family = stranger.get("/releases", {"category": "110000"}).json()
    by_licence = stranger.get("/releases", {"licence": "gpl-3.0-or-later"}).json()
    by_person = stranger.get("/releases", {"publisher": song.publisher.name.upper()}).json()

    for answer in (by_slug, by_family, by_licence):
        assert [row["id"] for row in answer["data"]] == [str(linux.pk)]
        assert answer["page"]["total"] == 1
    assert [row["id"] for row in by_person["data"]] == [str(song.pk)]


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({"category": "rien"}, "/category", "unknown_category"),
        ({"category": "999999999"}, "/category", "unknown_category"),
        ({"licence": "WTF"}, "/licence", "unknown_licence"),
        ({"publisher": "personne"}, "/publisher", "unknown_publisher"),
        ({"limit": "0"}, "/limit", "too_small"),
        ({"limit": "201"}, "/limit", "too_large"),
        ({"limit": "beaucoup"}, "/limit", "not_a_number"),
        ({"sort": "beauty"}, "/sort", "not_a_choice"),
        ({"colour": "10"}, "/colour", "unknown_field"),
        ({"limit": ["10", "20"]}, "/limit", "repeated_field"),
    ],
)
def test_a_wrong_filter_is_refused_by_name(
    stranger: Caller, query: dict[str, str], pointer: str, code: str
) -> None:
    answer = stranger.get("/releases", query)

    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        (pointer, code)
    ]


def test_a_release_says_what_its_page_says(stranger: Caller) -> None:
    release = catalog.published()

    body = stranger.get(f"/releases/{release.pk}").json()

    assert body["description_html"] == "<p>Des chansons <strong>libres</strong>.</p>\n"
    assert body["provenance"]["url"] == "https://example.org/chansons"
    assert body["tags"] == ["chanson", "guitare"]
    assert body["magnet"] is None
    assert body["published_at"].endswith("Z")
    assert body["page"].endswith(f"/torrents/{release.pk}")


def test_the_magnet_of_an_open_release_holds_no_key(stranger: Caller) -> None:
    release = catalog.published(is_open=True)

    magnet = stranger.get(f"/releases/{release.pk}").json()["magnet"]

    assert magnet.startswith(f"magnet:?xt=urn:btih:{release.info_hash_v1.hex()}")


@pytest.mark.parametrize("release_id", ["0", "9" * 18, "9" * 40, "-1", "abc", "1e3", "１"])
def test_what_does_not_exist_is_404(stranger: Caller, release_id: str) -> None:
    assert stranger.get(f"/releases/{release_id}").status_code == 404


def test_a_release_awaiting_review_is_its_publishers_alone(
    stranger: Caller, member: Caller, other: Caller, moderator: Caller
) -> None:
    from bottin.accounts.viewer import viewer_for

    assert member.account is not None
    release = catalog.pending(viewer_for(member.account))

    statuses = [
        caller.get(f"/releases/{release.pk}").status_code
        for caller in (stranger, other, member, moderator)
    ]

    # A program never acts as the team: a moderator's token sees what a member's does.
    assert statuses == [404, 404, 200, 404]


@pytest.mark.parametrize(
    ("state", "status"),
    [(ReleaseState.REMOVED_TERMS, 410), (ReleaseState.REMOVED_LEGAL, 451)],
)
def test_a_removed_release_is_gone(stranger: Caller, state: ReleaseState, status: int) -> None:
    release = catalog.published()
    change_state(release.pk, to=state, by=catalog.SYSTEM, at=catalog.NOON, reason="notice 12")

    answer = stranger.get(f"/releases/{release.pk}")

    assert answer.status_code == status
    assert answer.json()["code"] == "catalog.release_gone"
    assert answer.json()["release_id"] == str(release.pk)


def test_files_come_in_pages(stranger: Caller) -> None:
    files = [(f"disque/{number:02}.flac", 1_000 + number) for number in range(5)]
    release = catalog.published(of=parse(catalog.torrent(files=files)))

    first = stranger.get(f"/releases/{release.pk}/files", {"limit": 3}).json()
    cursor = first["page"]["next"]
    second = stranger.get(f"/releases/{release.pk}/files", {"limit": 3, "cursor": cursor}).json()

    shown = [(row["path"], row["size_bytes"]) for row in first["data"] + second["data"]]
    assert shown == files
    assert first["page"]["total"] == 5
    assert second["page"]["next"] is None
    back = {"limit": 3, "cursor": second["page"]["prev"]}
    assert stranger.get(f"/releases/{release.pk}/files", back).json()["data"] == first["data"]


def test_the_tree_counts_what_is_published(stranger: Caller) -> None:
    catalog.published()

    rows = {row["id"]: row for row in stranger.get("/categories").json()["data"]}

    assert rows["130100"]["release_count"] == 1
    assert rows["130100"]["parent_id"] == "130000"
    assert rows["130000"]["release_count"] == 1
    assert rows["110000"]["name"] == {"fr": "Logiciels", "en": "Software"}


def test_licences_say_whether_they_need_a_statement(stranger: Caller) -> None:
    rows = {row["code"]: row for row in stranger.get("/licences").json()["data"]}

    assert rows["CC-BY-SA-4.0"]["needs_statement"] is False
    assert rows["CC-BY-SA-4.0"]["family"] == "creative_commons"


@pytest.mark.parametrize("version", ["v1", "v2", "hybrid"])
def test_a_release_is_found_by_each_of_its_hashes(stranger: Caller, version: str) -> None:
    release = catalog.published(of=catalog.metainfo(version=version))
    hashes = {
        "v1": release.info_hash_v1,
        "v2": release.info_hash_v2,
        "v2-truncated": (release.info_hash_v2 or b"")[:20],
    }

    for matched, digest in hashes.items():
        if digest:
            found = stranger.get(f"/lookup/infohash/{digest.hex().upper()}").json()["data"]
            assert [(row["release_id"], row["matched"]) for row in found] == [
                (str(release.pk), matched)
            ]


def test_a_look_up_does_not_show_what_its_caller_may_not_see(stranger: Caller) -> None:
    release = catalog.pending()

    answer = stranger.get(f"/lookup/infohash/{release.info_hash_v1.hex()}")

    assert answer.json()["data"] == []


@pytest.mark.parametrize("digits", ["abc", "g" * 40, "a" * 41, "a" * 64 + "0", "é" * 40])
def test_what_is_no_info_hash_is_refused(stranger: Caller, digits: str) -> None:
    answer = stranger.get(f"/lookup/infohash/{digits}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "bad_info_hash"


def test_the_api_is_where_it_should_be() -> None:
    assert reverse("api:listReleases") == "/api/v1/releases"
