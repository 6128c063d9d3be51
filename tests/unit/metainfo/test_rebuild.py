"""The personal `.torrent` and the magnet link."""

import pytest

from bottin.metainfo import bencode
from bottin.metainfo.errors import NoSuchVariant, PrivateMagnet
from bottin.metainfo.model import Outside
from bottin.metainfo.parser import parse
from bottin.metainfo.rebuild import MagnetParts, magnet, personal_torrent
from tests.data.metainfo.samples import (
    Pairs,
    bencoded,
    hybrid,
    torrent,
    v1_single,
    v2,
    v2_torrent,
)

OURS = Outside(
    trackers=(("https://t.example/KEY/announce", "udp://t.example:6969/KEY"), ("wss://t.example",)),
    web_seeds=("https://seed.example/",),
    comment="https://site.example/r/1",
    created_by="Bottin",
    creation_date=1_700_000_000,
)


def test_dl_1_the_info_bytes_are_handed_out_untouched() -> None:
    metainfo = parse(torrent(v1_single(entropy=b"\x00\xff", zz=[{b"a": 1}])))

    again = parse(personal_torrent(metainfo.info_bytes, OURS, metainfo.piece_layers))

    assert again.info_bytes == metainfo.info_bytes
    assert again.info_hash == metainfo.info_hash


def test_dl_2_the_trackers_found_are_replaced_by_ours() -> None:
    metainfo = parse(torrent(v1_single(), announce=b"http://foreign.example/secret/announce"))

    raw = personal_torrent(metainfo.info_bytes, OURS)

    assert b"foreign" not in raw
    assert parse(raw).trackers == OURS.trackers


def test_dl_2_announce_is_the_first_tracker_of_the_first_tier() -> None:
    raw = personal_torrent(bencoded(v1_single()), OURS)

    assert bencode.decode(raw)[b"announce"] == b"https://t.example/KEY/announce"


def test_dl_2_one_tracker_needs_no_list() -> None:
    raw = personal_torrent(bencoded(v1_single()), Outside(trackers=(("udp://t.example:1",),)))

    assert b"announce-list" not in bencode.decode(raw)


def test_dl_3_what_is_outside_info_comes_back() -> None:
    raw = personal_torrent(bencoded(v1_single()), OURS)

    assert parse(raw).outside == OURS
    assert parse(raw).warnings == ()


def test_dl_3_piece_layers_are_complete() -> None:
    metainfo = parse(v2_torrent(hybrid()))

    again = parse(personal_torrent(metainfo.info_bytes, OURS, metainfo.piece_layers))

    assert again.piece_layers == metainfo.piece_layers != b""


def test_dl_3_an_untidy_file_is_handed_out_canonical() -> None:
    outer = Pairs([(b"info", v1_single()), (b"announce", b"http://t.example/")])
    metainfo = parse(bencoded(outer) + b"\n")

    raw = personal_torrent(metainfo.info_bytes, metainfo.outside)

    assert bencode.encode(bencode.decode(raw)) == raw


def test_nothing_outside_is_an_empty_shell() -> None:
    info = bencoded(v1_single())

    assert personal_torrent(info, Outside()) == b"d4:info" + info + b"e"


def test_mag_1_a_v1_magnet() -> None:
    metainfo = parse(torrent(v1_single(name="été & co.txt".encode())))

    uri = magnet(MagnetParts.of(metainfo, ["udp://t.example:6969"]))

    assert uri == (
        f"magnet:?xt=urn:btih:{metainfo.info_hash.hex()}"
        "&dn=%C3%A9t%C3%A9%20%26%20co.txt&xl=5&tr=udp%3A%2F%2Ft.example%3A6969"
    )


def test_mag_1_a_v2_magnet_carries_a_multihash() -> None:
    metainfo = parse(v2_torrent(v2()))

    uri = magnet(MagnetParts.of(metainfo, []))

    assert f"xt=urn:btmh:1220{(metainfo.info_hash_v2 or b'').hex()}&" in uri
    assert "btih" not in uri


@pytest.mark.parametrize(("variant", "topics"), [("all", 2), ("v1", 1), ("v2", 1)])
def test_mag_5_a_hybrid_offers_both_or_either(variant: str, topics: int) -> None:
    parts = MagnetParts.of(parse(v2_torrent(hybrid())), [])

    uri = magnet(parts, variant)  # type: ignore[arg-type]

    assert uri.count("xt=") == topics


def test_mag_5_a_variant_that_is_not_there_is_refused() -> None:
    parts = MagnetParts.of(parse(torrent(v1_single())), [])

    with pytest.raises(NoSuchVariant):
        magnet(parts, "v2")


def test_mag_2_at_most_five_trackers() -> None:
    parts = MagnetParts.of(parse(torrent(v1_single())), [f"udp://t{i}.example:1" for i in range(9)])

    assert magnet(parts).count("&tr=") == 5


def test_mag_1_web_seeds_and_the_torrents_address_follow() -> None:
    parts = MagnetParts(
        name="x",
        info_hash_v1=bytes(20),
        info_hash_v2=None,
        web_seeds=("https://seed.example/a b",),
        torrent_url="https://site.example/torrents/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b.torrent",
    )

    uri = magnet(parts)

    assert "&ws=https%3A%2F%2Fseed.example%2Fa%20b&as=https%3A%2F%2Fsite.example%2Ftorrents" in uri


@pytest.mark.parametrize(
    "url",
    [
        "https://t.example/aebagbafaydqqcikbmga2dqpcaireeyuculbogaz/announce",
        "udp://t.example:6969/0123456789abcdef0123456789abcdef",
        "https://t.example/announce?key=x",
        "https://t.example/announce.php?passkey=x",
        "https://t.example/announce?a=1&authkey=x",
        "https://user:word@t.example/announce",
    ],
)
def test_mag_3_a_key_never_enters_a_magnet(url: str) -> None:
    parts = MagnetParts.of(parse(torrent(v1_single())), [url])

    with pytest.raises(ValueError, match="MAG-3"):
        magnet(parts)


def test_mag_4_a_private_torrent_has_no_magnet() -> None:
    parts = MagnetParts.of(parse(torrent(v1_single(private=1))), [])

    with pytest.raises(PrivateMagnet):
        magnet(parts)
