"""The scanner's outline, and the encoder."""

import pytest

from bottin.metainfo import bencode
from bottin.metainfo.bencode import decode, encode, encode_around, scan
from bottin.metainfo.errors import MalformedBencode, NestedTooDeep, TooManyTokens
from bottin.metainfo.limits import Limits


def test_the_outline_says_where_each_value_is() -> None:
    raw = b"d1:ai1e4:infod1:xd1:yleee1:z2:abe"

    outline = scan(raw, Limits())

    values = {key: raw[start:end] for key, (start, end) in outline.slices.items()}
    assert values == {b"a": b"i1e", b"info": b"d1:xd1:yleee", b"z": b"2:ab"}


@pytest.mark.parametrize(
    "raw",
    [
        b"d1:ad1:b" + b"l" * 31 + b"e" * 33,
        b"d1:ai-1ee",
        b"d1:ai9223372036854775808ee",
        b"d1:a1:be\n",
        b"d1:b1:x1:a1:ye",
        b"d1:bd1:b0:1:a0:ee",
        b"d1:ad1:b0:1:b0:ee",
    ],
)
def test_what_is_not_plainly_right_is_left_to_the_scanner(raw: bytes) -> None:
    assert bencode._canonical_outline(raw, Limits()) is None


def test_meta_3_the_quick_way_keeps_the_limits_of_the_scanner() -> None:
    raw = b"d1:alleee"

    assert (
        bencode._canonical_outline(raw, Limits(tokens=4)) == bencode._Scanner(raw, Limits()).run()
    )
    assert bencode._canonical_outline(raw, Limits(tokens=3)) is None
    assert bencode._canonical_outline(raw, Limits(depth=2)) is None


def test_an_empty_key_is_a_key() -> None:
    outline = scan(b"d0:i1e1:ai2ee", Limits())

    assert set(outline.slices) == {b"", b"a"}


def test_meta_1_outer_disorder_is_noticed_but_allowed() -> None:
    outline = scan(b"d1:bi1e1:ai2ee\n", Limits())

    assert not outline.is_sorted
    assert outline.trailing_bytes == 1


def test_meta_3_keys_strings_integers_and_containers_are_tokens() -> None:
    raw = b"d1:ali1e1:xee"  # dictionary, key, list, integer, string

    assert scan(raw, Limits(tokens=5)).tokens == 5
    with pytest.raises(TooManyTokens):
        scan(raw, Limits(tokens=4))


def test_meta_3_the_outermost_dictionary_is_the_first_level() -> None:
    raw = b"d1:alleee"

    assert scan(raw, Limits(depth=3)).end == len(raw)
    with pytest.raises(NestedTooDeep):
        scan(raw, Limits(depth=2))


def test_encoding_sorts_keys_as_bytes() -> None:
    assert encode({b"b": 1, b"B": [b"x", "é"], b"": {}}) == b"d0:de1:Bl1:x2:\xc3\xa9e1:bi1ee"


def test_encoding_refuses_what_bencode_cannot_say() -> None:
    with pytest.raises(TypeError):
        encode(1.5)


def test_dl_1_slices_are_copied_untouched_between_sorted_keys() -> None:
    raw = encode_around({b"a": 1, b"z": 2}, {b"info": b"d4:name1:xe"})

    assert raw == b"d1:ai1e4:infod4:name1:xe1:zi2ee"


@pytest.mark.parametrize(
    "raw", [b"", b"i01e", b"d1:b0:1:a0:e", b"i1ei2e", b"i" + b"9" * 5000 + b"e"]
)
def test_decoding_refuses_what_is_not_canonical(raw: bytes) -> None:
    with pytest.raises(MalformedBencode):
        decode(raw)
