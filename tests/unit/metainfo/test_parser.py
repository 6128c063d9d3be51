"""What a checked metainfo says."""

import gc
import time
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields
from hashlib import sha1, sha256

import pytest

from bottin.metainfo import bencode
from bottin.metainfo.errors import (
    BadPath,
    DuplicatePath,
    InfoNotCanonical,
    MalformedBencode,
    MetainfoTooLarge,
    MissingKey,
    TooManyFiles,
    WrongType,
)
from bottin.metainfo.limits import Limits
from bottin.metainfo.model import Caution, Metainfo
from bottin.metainfo.parser import parse
from bottin.metainfo.sandbox import parse_in_worker
from tests.data.metainfo.samples import (
    LARGE,
    PIECE,
    SMALL,
    Pairs,
    bencoded,
    entry,
    hybrid,
    layers_of,
    torrent,
    tree_hashes,
    v1_folder,
    v1_single,
    v2,
    v2_torrent,
)


def test_meta_1_the_info_hash_is_over_the_bytes_as_sent() -> None:
    info = bencoded(v1_single(unknown=b"kept"))

    metainfo = parse(torrent(v1_single(unknown=b"kept")))

    assert metainfo.info_bytes == info
    assert metainfo.info_hash == sha1(info, usedforsecurity=False).digest()


def test_meta_1_a_second_info_hash_cannot_be_had_by_reordering_keys() -> None:
    unsorted = Pairs(sorted(v1_single().items(), reverse=True))

    with pytest.raises(InfoNotCanonical) as refused:
        parse(torrent(unsorted))

    assert refused.value.context["reason"] == "unsorted_keys"
    assert "remake" in str(refused.value.context["hint"])


def test_meta_1_the_offset_of_the_fault_is_told() -> None:
    with pytest.raises(MalformedBencode) as refused:
        parse(b"d1:ai1e1:bx")

    assert refused.value.context == {"offset": 10, "reason": "unexpected_byte"}


def test_meta_1_a_file_cut_short_is_malformed_not_suspicious() -> None:
    with pytest.raises(MalformedBencode) as refused:
        parse(torrent(v1_single())[:-10])

    assert refused.value.context["reason"] == "truncated"


def test_a_v1_torrent_has_one_hash_and_no_layers() -> None:
    metainfo = parse(torrent(v1_folder()))

    assert metainfo.version == "v1"
    assert metainfo.info_hash_v2 is None
    assert metainfo.announced_hashes == (metainfo.info_hash_v1,)
    assert metainfo.piece_layers == b""


def test_a_v2_torrent_is_named_by_its_hash_cut_to_20_bytes() -> None:
    metainfo = parse(v2_torrent())

    assert metainfo.info_hash_v1 is None
    assert metainfo.info_hash_v2 == sha256(bencoded(v2())).digest()
    assert metainfo.info_hash == metainfo.info_hash_v2[:20]


def test_a_hybrid_is_announced_under_both_hashes() -> None:
    metainfo = parse(v2_torrent(hybrid()))

    assert metainfo.info_hash == metainfo.info_hash_v1
    assert metainfo.announced_hashes == (metainfo.info_hash_v1, metainfo.info_hash_v2_truncated)


def test_a_hybrid_counts_its_padding_in_no_size() -> None:
    metainfo = parse(v2_torrent(hybrid()))

    assert metainfo.size_bytes == len(LARGE) + len(SMALL)
    assert [file.is_pad for file in metainfo.files] == [False, True, False]


def test_meta_8_files_carry_their_roots() -> None:
    metainfo = parse(v2_torrent(hybrid()))

    roots = [file.root for file in metainfo.files]
    assert roots == [tree_hashes(LARGE)[0], None, tree_hashes(SMALL)[0]]


def test_meta_8_only_the_layers_that_bep_52_asks_for_are_kept() -> None:
    more = layers_of(LARGE) | {b"x" * 32: b"y" * 64}

    metainfo = parse(v2_torrent(layers=more))

    assert bencode.decode(metainfo.piece_layers) == layers_of(LARGE)


def test_meta_5_names_are_shown_composed() -> None:
    metainfo = parse(torrent(v1_folder(entry("e\u0301te\u0301.txt", 8))))

    assert metainfo.files[0].path == ("été.txt",)


def test_meta_6_a_collision_names_both_paths() -> None:
    with pytest.raises(DuplicatePath) as refused:
        parse(torrent(v1_folder(entry("Docs/a", 4), entry("docs/b", 4))))

    assert refused.value.context == {"path": "docs/b", "other": "Docs"}


def test_meta_6_one_letter_names_collide_too() -> None:
    with pytest.raises(DuplicatePath):
        parse(torrent(v1_folder(entry("a", 4), entry("a", 4))))


def test_meta_6_a_refused_name_is_quoted() -> None:
    with pytest.raises(BadPath) as refused:
        parse(torrent(v1_folder(entry([b"nul.txt"], 8))))

    assert refused.value.context == {"path": "nul.txt", "reason": "device_name"}


def test_a_missing_key_is_named_with_its_place() -> None:
    with pytest.raises(MissingKey) as refused:
        parse(torrent(v1_folder(entry("a", 4), {b"path": [b"b"]})))

    assert refused.value.context == {"key": "info.files[1].length"}


def test_a_wrong_type_is_named_with_what_was_expected() -> None:
    with pytest.raises(WrongType) as refused:
        parse(torrent(v1_single(name=7)))

    assert refused.value.context == {"key": "info.name", "expected": "string"}


def test_meta_2_size_is_checked_before_anything_is_read() -> None:
    with pytest.raises(MetainfoTooLarge) as refused:
        parse(b"x" * 101, Limits(upload_bytes=100))

    assert refused.value.context == {"size_bytes": 101, "limit_bytes": 100}


def test_meta_5_limits_are_the_callers() -> None:
    with pytest.raises(TooManyFiles):
        parse(torrent(v1_folder()), Limits(files=1))


def test_tor_13_and_v2_05_source_and_private_flag_are_read_as_the_publisher_made_them() -> None:
    metainfo = parse(torrent(v1_single(private=1, source=b"EX")))

    assert metainfo.is_private
    assert metainfo.source == "EX"


def test_meta_9_tiers_are_read_without_repeats_or_foreign_schemes() -> None:
    tiers = [
        [b"http://a.example/x", b"ftp://b.example/"],
        [b"http://a.example/x"],
        [b"udp://c.example:1"],
    ]

    metainfo = parse(torrent(v1_single(), announce__list=tiers))

    assert metainfo.trackers == (("http://a.example/x",), ("udp://c.example:1",))


def test_meta_9_announce_alone_is_one_tier() -> None:
    metainfo = parse(torrent(v1_single(), announce=b"http://a.example/x"))

    assert metainfo.trackers == (("http://a.example/x",),)


def test_tor_18_web_seeds_are_https_only() -> None:
    urls = [b"http://a.example/", b"https://b.example/f"]

    metainfo = parse(torrent(v1_single(), url__list=urls))

    assert metainfo.web_seeds == ("https://b.example/f",)
    assert metainfo.warnings == (Caution("web_seed_left_out", "http://a.example/"),)


def test_warnings_are_bounded() -> None:
    urls = [b"http://a.example/%d" % number for number in range(100)]

    metainfo = parse(torrent(v1_single(), url__list=urls), Limits(warnings=7))

    assert len(metainfo.warnings) == 7


def test_stay_1_the_content_fingerprint_survives_name_flags_and_source() -> None:
    first = parse(torrent(v1_single()))
    second = parse(torrent(v1_single(name=b"other", private=1, source=b"x")))

    assert first.info_hash != second.info_hash
    assert first.fingerprints.content_v1 == second.fingerprints.content_v1
    assert first.fingerprints.size_set == second.fingerprints.size_set


def test_stay_1_the_content_fingerprint_is_over_piece_length_and_pieces() -> None:
    info = v1_single()

    metainfo = parse(torrent(info))

    pieces = info[b"pieces"]
    assert metainfo.fingerprints.content_v1 == sha256(PIECE.to_bytes(8, "big") + pieces).digest()


def test_xs_1_the_pieces_hash_is_sha1_of_pieces() -> None:
    info = v1_single()

    metainfo = parse(torrent(info))

    assert (
        metainfo.fingerprints.pieces_sha1 == sha1(info[b"pieces"], usedforsecurity=False).digest()
    )


def test_stay_1_the_tree_fingerprint_is_the_same_for_v1_v2_and_hybrid() -> None:
    plain = v1_folder(entry("big.bin", len(LARGE)), entry("small.txt", len(SMALL)))
    raws = (torrent(plain), v2_torrent(), v2_torrent(hybrid()))

    prints = {parse(raw).fingerprints.file_tree for raw in raws}

    assert len(prints) == 1


def test_stay_1_the_size_set_survives_renaming_and_reordering() -> None:
    first = parse(torrent(v1_folder(entry("a", 3), entry("b", 5))))
    second = parse(torrent(v1_folder(entry("x/y", 5), entry("z", 3))))

    assert first.fingerprints.size_set == second.fingerprints.size_set
    assert first.fingerprints.file_tree != second.fingerprints.file_tree


def test_v2_roots_recognise_a_file_in_another_torrent() -> None:
    alone = {b"renamed.bin": {b"": {b"length": len(LARGE), b"pieces root": tree_hashes(LARGE)[0]}}}

    first, second = parse(v2_torrent()), parse(v2_torrent(v2(alone)))

    assert set(second.fingerprints.v2_roots) < set(first.fingerprints.v2_roots)


def test_a_metainfo_cannot_be_changed() -> None:
    metainfo = parse(torrent(v1_single()))

    with pytest.raises(FrozenInstanceError):
        metainfo.name = "x"  # type: ignore[misc]


def test_the_text_of_a_metainfo_leaves_its_bytes_out() -> None:
    shown = {field.name for field in fields(Metainfo) if field.repr}

    assert not shown & {"info_bytes", "piece_layers", "files"}


def _of_50_000_files() -> bytes:
    files = [entry(f"dossier {i % 300}/fichier é {i}.bin", 1_000) for i in range(50_000)]
    info = v1_folder(*files) | {b"piece length": 1024 * 1024, b"pieces": bytes(20 * 48)}
    return torrent(info)


def test_50_000_files_are_parsed_within_2_seconds_of_cpu() -> None:
    raw = _of_50_000_files()
    start = time.process_time()

    metainfo = parse(raw)

    assert time.process_time() - start < 2
    assert len(metainfo.files) == 50_000


def test_meta_11_50_000_files_fit_in_the_child() -> None:
    raw = _of_50_000_files()

    assert len(parse_in_worker(raw).files) == 50_000


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Keep the collector, which would walk through all that the tests hold, out of a figure."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("tail", [b"", b"\n"], ids=["canonical", "scanned"])
def test_meta_3_ten_times_the_bytes_take_about_ten_times_the_time(
    tail: bytes, uncollected: None
) -> None:
    def cost(count: int) -> float:
        raw = torrent(v1_single(x=[{b"a": [b"b"]}] * count)) + tail
        times = []
        for _ in range(3):
            start = time.process_time()
            parse(raw)
            times.append(time.process_time() - start)
        return min(times)

    assert cost(20_000) < 40 * max(cost(2_000), 0.001)
