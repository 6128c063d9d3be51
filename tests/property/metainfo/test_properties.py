"""What holds for every input: no crash, and nothing lost on the way round."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bottin.metainfo import bencode, codec
from bottin.metainfo.bencode import decode, encode, scan
from bottin.metainfo.build import BuildOptions, build
from bottin.metainfo.errors import MetainfoRefusal, TooManyTokens
from bottin.metainfo.fingerprints import file_tree_of, size_set_of
from bottin.metainfo.limits import DEFAULT_LIMITS, KIB, Limits
from bottin.metainfo.merkle import block_hashes, next_power_of_two, root, root_of_layer
from bottin.metainfo.model import Outside, Version
from bottin.metainfo.names import fault_in
from bottin.metainfo.parser import parse
from bottin.metainfo.rebuild import personal_torrent
from bottin.metainfo.tree import tree_of
from tests.data.metainfo.corpus import CASES
from tests.data.metainfo.samples import (
    hybrid,
    torrent,
    tree_hashes,
    v1_folder,
    v1_single,
    v2,
    v2_torrent,
)

SEEDS = [
    torrent(v1_single(), announce=b"http://t.example/a", url__list=[b"https://s.example/"]),
    torrent(v1_folder()),
    v2_torrent(),
    v2_torrent(hybrid()),
]
ACCEPTED = [case.raw for case in CASES if not case.code]

bencoded = st.recursive(
    st.integers(0, 2**63 - 1) | st.binary(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=6) | st.dictionaries(st.binary(max_size=12), inner, max_size=6)
    ),
    max_leaves=30,
)
known_keys = st.sampled_from(
    [b"length", b"files", b"name", b"piece length", b"pieces", b"file tree", b"meta version",
     b"private", b"path", b"attr", b"symlink path", b"pieces root", b"", b"source"]
)  # fmt: skip
shaped = st.recursive(
    st.integers(0, 2**20)
    | st.binary(max_size=40)
    | st.sampled_from([b"a", b"..", bytes(20), bytes(32)]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(known_keys, inner, max_size=8),
    max_leaves=40,
)
SIGNS = [b"", b"d", b"l", b"e", b"i1e", b"1:a", b"0", b"-"]
addresses = st.from_regex(r"https://[a-z]{1,10}\.example/[a-z0-9]{0,10}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8"), max_size=50)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).filter(
    lambda name: fault_in(name, DEFAULT_LIMITS) is None
)


def _survives(raw: bytes) -> None:
    try:
        metainfo = parse(raw)
    except MetainfoRefusal:
        return
    again = parse(personal_torrent(metainfo.info_bytes, metainfo.outside, metainfo.piece_layers))
    assert again.info_bytes == metainfo.info_bytes
    assert (again.info_hash_v1, again.info_hash_v2) == (
        metainfo.info_hash_v1,
        metainfo.info_hash_v2,
    )


@given(st.binary(max_size=300))
@example(b"")
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    _survives(raw)


@given(st.sampled_from(SEEDS), st.data())
def test_a_damaged_torrent_is_read_or_refused(raw: bytes, data: st.DataObject) -> None:
    damaged = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        cut = data.draw(st.integers(0, 3))
        damaged[at : at + cut] = data.draw(st.binary(max_size=4))
        damaged = damaged or bytearray(b"d")

    _survives(bytes(damaged))


@given(st.dictionaries(known_keys, shaped, max_size=10), bencoded)
def test_any_info_of_known_keys_is_read_or_refused(info: dict[bytes, Any], layers: Any) -> None:
    _survives(torrent(info, piece_layers=layers))


@pytest.mark.parametrize("base", [v1_single, v1_folder, v2, hybrid])
@given(key=known_keys, value=shaped)
def test_any_value_of_one_key_is_read_or_refused(base: Any, key: bytes, value: Any) -> None:
    _survives(v2_torrent(base() | {key: value}))


@given(bencoded)
def test_decoding_undoes_encoding(value: Any) -> None:
    assert decode(encode(value)) == value


@given(st.dictionaries(st.binary(max_size=8), bencoded, max_size=5))
def test_the_scanner_accepts_whatever_is_canonical(value: dict[bytes, Any]) -> None:
    raw = encode(value)

    outline = scan(raw, DEFAULT_LIMITS)

    assert {key: decode(raw[at:end]) for key, (at, end) in outline.slices.items()} == value
    assert (outline.end, outline.is_sorted) == (len(raw), True)


@given(st.dictionaries(st.binary(max_size=3), bencoded, max_size=4), st.data())
def test_the_quick_way_and_the_scanner_say_the_same(
    value: dict[bytes, Any], data: st.DataObject
) -> None:
    raw = bytearray(encode(value))
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        raw[at : at + data.draw(st.integers(0, 2))] = data.draw(st.sampled_from(SIGNS))
    limits = Limits(depth=4, tokens=20)
    try:
        scanned = bencode._Scanner(bytes(raw), limits).run()
    except MetainfoRefusal:
        scanned = None

    quick = bencode._canonical_outline(bytes(raw), limits)

    is_plain = scanned is not None and scanned.is_sorted and not scanned.trailing_bytes
    assert quick == (scanned if is_plain else None)


@given(
    st.lists(st.sampled_from([0, 7, 10**18 - 1, 10**18, b"", b"e:"]), min_size=10, max_size=80),
    st.integers(10, 90),
)
def test_meta_3_values_in_a_row_are_counted_each(values: list[int | bytes], most: int) -> None:
    raw = encode({b"a": values, b"b": values})
    tokens = 5 + 2 * len(values)
    try:
        counted = bencode._Scanner(raw, Limits(tokens=most)).run().tokens
    except TooManyTokens:
        counted = most + 1

    assert counted == min(tokens, most + 1)


@given(st.binary(max_size=60).map(lambda body: b"d1:a" + body))
def test_the_scanner_and_the_decoder_agree_on_what_is_canonical(raw: bytes) -> None:
    try:
        outline = scan(raw, DEFAULT_LIMITS)
        is_canonical = outline.is_sorted and not outline.trailing_bytes
    except MetainfoRefusal:
        is_canonical = False

    if is_canonical:
        assert encode(decode(raw)) == raw


@given(
    st.sampled_from(ACCEPTED),
    st.builds(
        Outside,
        trackers=st.lists(st.tuples(addresses), unique=True, max_size=4).map(tuple),
        web_seeds=st.lists(addresses, unique=True, max_size=4).map(tuple),
        comment=texts,
        created_by=texts,
        creation_date=st.none() | st.integers(1, 2**32),
    ),
)
def test_dl_1_rebuilding_never_changes_the_info_bytes(raw: bytes, outside: Outside) -> None:
    metainfo = parse(raw)

    again = parse(personal_torrent(metainfo.info_bytes, outside, metainfo.piece_layers))

    assert again.info_bytes == metainfo.info_bytes
    assert again.files == metainfo.files
    assert again.outside == outside


@given(st.sampled_from(ACCEPTED))
def test_meta_11_a_metainfo_crosses_the_sandbox_unchanged(raw: bytes) -> None:
    metainfo = parse(raw)

    assert codec.decode(codec.encode(metainfo, raw), raw) == metainfo


@given(st.binary(max_size=200), bencoded)
def test_meta_11_a_senseless_answer_is_an_error_that_is_caught(answer: bytes, value: Any) -> None:
    for body in (answer, encode(value)):
        with pytest.raises((MetainfoRefusal, ValueError, TypeError, KeyError)):
            codec.decode(body, SEEDS[0])


@given(
    st.dictionaries(st.lists(names, min_size=1, max_size=3).map(tuple), st.integers(0, 70_000),
                    min_size=1, max_size=8),
    st.sampled_from(["v1", "v2", "hybrid"]),
    st.sampled_from([16 * KIB, 32 * KIB]),
)  # fmt: skip
def test_what_is_built_says_what_is_on_the_disk(
    files: dict[tuple[str, ...], int], version: Version, piece_length: int
) -> None:
    with TemporaryDirectory() as folder:
        base = Path(folder) / "racine"
        written = {}
        for path, size in files.items():
            target = base.joinpath(*path)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(Random(size).randbytes(size))
            except OSError:  # a file where a folder should be, or the other way round
                continue
            written[path] = size
        try:
            built = build(base, BuildOptions(version=version, piece_length=piece_length))
        except MetainfoRefusal as refusal:
            assert refusal.code in {"metainfo.duplicate_path", "metainfo.empty_content"}  # noqa: PT017
            return

    metainfo = parse(built.raw)

    assert metainfo.warnings == () or {c.code for c in metainfo.warnings} == {"double_extension"}
    assert metainfo.size_bytes == sum(written.values()) == tree_of(metainfo.files).size_bytes
    assert len(metainfo.content_files) == len(written) == built.file_count


@given(st.binary(max_size=200_000), st.sampled_from([16 * KIB, 32 * KIB, 64 * KIB]))
@example(bytes(64 * KIB + 1), 16 * KIB)
def test_meta_8_roots_equal_those_of_the_whole_padded_tree(content: bytes, piece: int) -> None:
    expected, layer = tree_hashes(content or b"x", piece)
    leaves = block_hashes(content or b"x")

    fits = len(content) <= piece
    width = next_power_of_two(len(leaves))
    assert root(leaves, width if fits else max(width, piece // (16 * KIB))) == expected
    assert fits or root_of_layer(layer, piece) == expected


@given(
    st.lists(st.tuples(st.tuples(names, names), st.integers(0, 2**40)), max_size=8), st.randoms()
)
def test_stay_1_fingerprints_do_not_depend_on_order(
    files: list[tuple[tuple[str, ...], int]], random: Random
) -> None:
    shuffled = files.copy()
    random.shuffle(shuffled)

    assert file_tree_of(files) == file_tree_of(shuffled)
    assert size_set_of(s for _, s in files) == size_set_of(s for _, s in shuffled)
