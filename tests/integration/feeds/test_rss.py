"""RSS as clients read it: elements, addresses, identities (interfaces RSS-1 to RSS-20)."""

import re
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bottin.accounts.models import Account
from bottin.accounts.viewer import viewer_for
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db

TORRENT: Final = "{http://xmlns.ezrss.it/0.1/}"
TORZNAB: Final = "{http://torznab.com/schemas/2015/feed}"
ATOM: Final = "{http://www.w3.org/2005/Atom}"
ENCODED: Final = "{http://purl.org/rss/1.0/modules/content/}encoded"


def items_of(answer: Any) -> list[ET.Element]:
    return ET.fromstring(answer.content).findall("channel/item")  # noqa: S314 - our own


def entries_of(answer: Any) -> list[ET.Element]:
    return ET.fromstring(answer.content).findall(f"{ATOM}entry")  # noqa: S314 - our own


def text_of(item: ET.Element, name: str) -> str | None:
    return item.findtext(name)


def attributes_of(item: ET.Element) -> dict[str, str]:
    return {a.get("name", ""): a.get("value", "") for a in item.findall(f"{TORZNAB}attr")}


def test_rss_1_an_item_has_what_clients_need(reader: Client, key: str) -> None:
    release = make.published(title="Chansons libres")
    make.swarm(release, seeders=9, leechers=2, completed=51)

    [item] = items_of(reader.get(f"/rss/all.{key}"))

    enclosure = item.find("enclosure")
    assert enclosure is not None
    assert text_of(item, "title") == "Chansons libres"
    assert text_of(item, "pubDate") == "Mon, 01 Jun 2026 12:00:00 +0000"
    assert text_of(item, "category")
    assert enclosure.get("length") == str(release.size_bytes)
    assert enclosure.get("type") == "application/x-bittorrent"
    assert text_of(item, f"{TORRENT}infoHash") == release.canonical_info_hash.hex()
    assert text_of(item, f"{TORRENT}seeds") == "9"
    assert attributes_of(item)["grabs"] == "51"


def test_rss_2_the_guid_is_the_page_and_holds_no_key(reader: Client, key: str) -> None:
    release = make.published()

    [item] = items_of(reader.get(f"/rss/all.{key}"))
    [other] = items_of(reader.get("/rss/all"))

    guid = item.find("guid")
    assert guid is not None
    assert guid.attrib == {}
    assert guid.text == text_of(other, "guid")
    assert str(guid.text).endswith(f"/torrents/{release.pk}")


def test_rss_6_a_key_links_the_file_and_nobody_the_page(reader: Client, key: str) -> None:
    release = make.published()

    [keyed] = items_of(reader.get(f"/rss/all.{key}"))
    [page] = items_of(reader.get(f"/rss/all.{key}?link=page"))
    [public] = items_of(reader.get("/rss/all"))

    assert str(text_of(keyed, "link")).endswith(f"/torrent/download/{release.pk}.{key}")
    assert str(text_of(page, "link")).endswith(f"/torrents/{release.pk}")
    assert text_of(public, "link") == text_of(page, "link")
    assert public.find("enclosure") is None


def test_rss_6_an_open_release_has_its_file_without_a_key(reader: Client) -> None:
    release = make.published(is_open=True)

    [item] = items_of(reader.get("/rss/all"))

    enclosure = item.find("enclosure")
    assert enclosure is not None
    assert str(enclosure.get("url")).endswith(f"/torrent/download/{release.pk}")


@pytest.mark.parametrize("is_open", [True, False])
def test_rss_11_each_item_has_a_hash_and_a_magnet_maybe_empty(
    reader: Client, key: str, *, is_open: bool
) -> None:
    make.published(is_open=is_open)

    [item] = items_of(reader.get(f"/rss/all.{key}"))

    magnet = item.find(f"{TORRENT}magnetURI")
    assert magnet is not None
    assert bool(magnet.text) is is_open
    assert key not in str(magnet.text)


def test_rss_15_the_description_is_of_machines(reader: Client, key: str) -> None:
    release = make.published(title="Freeleech 3 GB", description="freeleech, 12 GB **de sons**")

    [item] = items_of(reader.get(f"/rss/all.{key}"))

    description = str(text_of(item, "description"))
    assert re.fullmatch(
        r"Size: [\d.]+ (B|[KMG]iB) \| Seeders: 0 \| Leechers: 0 \| Peers: 0", description
    )
    assert "de sons" in str(text_of(item, ENCODED))
    assert release.title not in description


def test_rss_20_atom_says_the_same(reader: Client, key: str) -> None:
    release = make.published()

    answer = reader.get(f"/atom/all.{key}")
    [entry] = entries_of(answer)

    links = {link.get("rel"): link for link in entry.findall(f"{ATOM}link")}
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert str(text_of(entry, f"{ATOM}id")).endswith(f"/torrents/{release.pk}")
    assert text_of(entry, f"{ATOM}author/{ATOM}name") == release.publisher.name
    assert text_of(entry, f"{ATOM}rights") == "CC-BY-SA-4.0"
    assert links["enclosure"].get("type") == "application/x-bittorrent"
    assert links["enclosure"].get("length") == str(release.size_bytes)
    assert links["alternate"].get("href") == text_of(entry, f"{ATOM}id")


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_tz_43_any_title_is_well_formed(reader: Client, key: str, kind: str) -> None:
    release = make.published()
    hostile = '\x01\x0b\ufffe]]><b>&amp; "q" \'<![CDATA[ \U0001f3b5 é'
    Release.objects.filter(pk=release.pk).update(title=hostile, description_html="\x02<p>&")

    answer = reader.get(f"/{kind}/all.{key}")

    found = ET.fromstring(answer.content)  # noqa: S314 - our own
    titles = [e.text for e in found.iter() if e.tag.endswith("title")]
    assert ']]><b>&amp; "q" \'<![CDATA[ \U0001f3b5 é' in titles


def test_tz_44_the_media_type_is_that_of_rss(reader: Client) -> None:
    assert reader.get("/rss/all")["Content-Type"] == "application/rss+xml; charset=utf-8"


@pytest.mark.parametrize(
    "feed",
    [
        *("all", "category/musique", "category/130100", "category/audio", "tag/chanson"),
        *("licence/cc-by-sa-4.0", "publisher/{name}"),
    ],
)
def test_rss_4_every_list_has_its_feed(reader: Client, feed: str) -> None:
    publisher = make.account()
    wanted = make.published(viewer_for(publisher))
    make.published(category_id=make.LINUX, tags=("noyau",), licence_code="GPL-3.0-only")

    found = items_of(reader.get(f"/rss/{feed.format(name=publisher.name)}"))

    guids = [str(text_of(item, "guid")).rpartition("/")[2] for item in found]
    assert str(wanted.pk) in guids
    assert len(guids) == (2 if feed == "all" else 1)


def test_rss_4_needs_no_slash_and_minds_none(reader: Client) -> None:
    make.published()

    assert reader.get("/rss/all/").content == reader.get("/rss/all").content


def test_rss_13_small_files_can_be_left_out(reader: Client) -> None:
    make.published()

    assert items_of(reader.get("/rss/all?min_size=2097152")) == []


def test_only_published_releases_are_in_feeds(reader: Client, key: str, member: Account) -> None:
    make.pending(viewer_for(member))
    gone = make.published(viewer_for(member))
    make.change(gone, ReleaseState.REMOVED_LEGAL)

    assert items_of(reader.get(f"/rss/all.{key}")) == []


@pytest.mark.parametrize("feed", ["all", "category/musique", "tag/chanson", "publisher/{name}"])
def test_a_feed_that_is_made_takes_few_queries(
    reader: Client,
    member: Account,
    key: str,
    feed: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(5):
        make.published(viewer_for(member))
    path = f"/rss/{feed.format(name=member.name)}.{key}"
    reader.get(path.replace(key, ""))  # what is kept of shelves is kept

    with django_assert_max_num_queries(5):
        answer = reader.get(path)

    assert len(items_of(answer)) == 5
