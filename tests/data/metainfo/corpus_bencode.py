"""Hostile encodings, wrong types, and untidy surroundings (META-1 to META-3, META-9)."""

import gzip
from collections.abc import Iterator
from typing import Any

from tests.data.metainfo.case import Case
from tests.data.metainfo.samples import (
    Pairs,
    Verbatim,
    bencoded,
    entry,
    hybrid,
    torrent,
    v1_folder,
    v1_single,
    v2,
    v2_torrent,
    without,
)

GOOD = torrent(v1_single())
MALFORMED = "malformed_bencode"
NOT_CANONICAL = "info_not_canonical"


def _info(**extra: Any) -> bytes:
    return torrent(v1_single(**extra))


def _raw_info(body: bytes) -> bytes:
    return torrent(Verbatim(body))


def _with_value(value: bytes) -> bytes:
    """A good info with one more key, `x`, holding these bytes."""
    return torrent(v1_single(x=Verbatim(value)))


def broken_bytes() -> Iterator[Case]:
    """Files that are not one bencoded dictionary."""
    bodies = {
        "empty": b"",
        "text": b"hello",
        "html": b"<!DOCTYPE html><html></html>",
        "utf8_bom": b"\xef\xbb\xbf" + GOOD,
        "leading_newline": b"\n" + GOOD,
        "only_d": b"d",
        "list_outside": b"l" + GOOD + b"e",
        "integer_outside": b"i1e",
        "string_outside": b"4:spam",
        "nul_bytes": bytes(64),
        "cut_in_half": GOOD[: len(GOOD) // 2],
        "last_byte_missing": GOOD[:-1],
        "outer_key_is_integer": b"di1ei2ee",
        "outer_key_is_list": b"dle1:xe",
        "outer_key_without_value": b"d1:ae",
        "outer_duplicate": bencoded(Pairs([(b"a", 1), (b"info", v1_single()), (b"a", 2)])),
        "outer_info_twice": bencoded(Pairs([(b"info", v1_single())] * 2)),
        "outer_leading_zero_length": b"d04:spami1ee",
        "outer_huge_length": b"d99999999999999999999:x",
        "outer_length_past_end": b"d9999:xi1ee",
        "outer_negative_length": b"d-1:xi1ee",
        "outer_spaces": b"d 4:spami1ee",
        "outer_float": b"d1:xi1.5ee",
        "outer_empty_integer": b"d1:xiee",
        "outer_plus": b"d1:xi+1ee",
        "outer_nested_unsorted": torrent(v1_single(), x=Pairs([(b"b", 1), (b"a", 1)])),
        "outer_integer_leading_zero": torrent(v1_single(), x=Verbatim(b"i01e")),
        "unclosed_list": b"d1:xli1e",
        "json": b'{"info": {}}',
    }
    for name, raw in bodies.items():
        yield Case(f"bencode_{name}", "META-1", raw, MALFORMED)
    for name, raw in {"gzip": gzip.compress(GOOD, mtime=0), "zip": b"PK\x03\x04" + GOOD}.items():
        yield Case(f"body_{name}", "META-2", raw, "compressed")


def not_canonical_info() -> Iterator[Case]:
    """An `info` that two programs would hash in two ways."""
    good = v1_single()
    unsorted = Pairs(sorted(good.items(), reverse=True))
    bodies = {
        "unsorted": bencoded(unsorted),
        "duplicate_key": bencoded(Pairs(sorted([*good.items(), (b"name", b"other")]))),
        "duplicate_private": bencoded(
            Pairs([*sorted(good.items()), (b"private", 0), (b"private", 1)])
        ),
        "leading_zero": bencoded(good | {b"length": Verbatim(b"i05e")}),
        "leading_zero_length": bencoded(good | {b"name": Verbatim(b"09:hello.txt")}),
        "empty_integer": bencoded(good | {b"length": Verbatim(b"ie")}),
        "plus_sign": bencoded(good | {b"length": Verbatim(b"i+5e")}),
        "space_in_integer": bencoded(good | {b"length": Verbatim(b"i 5e")}),
        "hex_integer": bencoded(good | {b"length": Verbatim(b"i0x5e")}),
        "unknown_marker": bencoded(good | {b"length": Verbatim(b"t")}),
        "integer_key": b"di1ei2e" + bencoded(good)[1:],
        "trailing_inside": bencoded(good)[:-1] + b"3:zzze",
        "nested_unsorted": bencoded(good | {b"x": Pairs([(b"b", 1), (b"a", 1)])}),
        "nested_duplicate": bencoded(good | {b"x": Pairs([(b"a", 1), (b"a", 1)])}),
        "file_entry_unsorted": bencoded(
            v1_folder() | {b"files": [Pairs([(b"path", [b"a"]), (b"length", 8)])]}
        ),
        "empty_key_last": bencoded(Pairs([*sorted(good.items()), (b"", 1)])),
    }
    for name, body in bodies.items():
        yield Case(f"info_{name}", "META-1", _raw_info(body), NOT_CANONICAL)
    yield Case("info_minus_zero", "META-3", _with_value(b"i-0e"), "integer_out_of_range")


def limits() -> Iterator[Case]:
    """Depth, tokens, integers."""
    deep = _with_value(b"l" * 31 + b"e" * 31)
    yield Case("depth_33_in_info", "META-3", deep, "nested_too_deep")
    yield Case("depth_32_in_info", "META-3", _with_value(b"l" * 30 + b"e" * 30))
    for depth in (1_000, 100_000, 1_000_000):
        raw = torrent(v1_single(), x=Verbatim(b"l" * depth + b"e" * depth))
        yield Case(f"depth_{depth}", "META-3", raw, "nested_too_deep")
        yield Case(f"depth_{depth}_open", "META-3", b"d1:x" + b"l" * depth, "nested_too_deep")
    tokens = b"l" + b"i0e" * 500_001 + b"e"
    yield Case(
        "tokens_500001", "META-3", torrent(v1_single(), x=Verbatim(tokens)), "too_many_tokens"
    )
    empties = b"l" + b"0:" * 500_001 + b"e"
    yield Case("empty_strings_500001", "META-3", _with_value(empties), "too_many_tokens")
    yield Case(
        "integer_2_63", "META-3", _with_value(b"i9223372036854775808e"), "integer_out_of_range"
    )
    yield Case("integer_2_63_less_1", "META-3", _with_value(b"i9223372036854775807e"))
    yield Case(
        "integer_2_64", "META-3", _with_value(b"i18446744073709551616e"), "integer_out_of_range"
    )
    huge = b"i" + b"9" * 100_000 + b"e"
    yield Case("integer_100000_digits", "META-3", _with_value(huge), "integer_out_of_range")
    yield Case("integer_negative", "META-3", _info(length=-5), "integer_out_of_range")
    yield Case(
        "outer_integer_negative", "META-3", torrent(v1_single(), x=-1), "integer_out_of_range"
    )
    lengths = v1_folder(entry("a", 2**62), entry("b", 2**62), entry("c", 2**62))
    yield Case("sum_of_lengths", "META-3", torrent(lengths), "integer_out_of_range")
    yield Case("size_over_limit", "META-2", torrent(v1_single(), x=bytes(5 << 20)), "too_large")


def wrong_types() -> Iterator[Case]:
    """Known keys that are missing, or hold another type."""
    yield Case(
        "info_missing", "BEP 3", bencoded({b"announce": b"http://x.example/"}), "missing_key"
    )
    yield Case("outer_empty", "BEP 3", b"de", "missing_key")
    for kind, value in {"list": [], "string": b"x", "integer": 1}.items():
        yield Case(f"info_is_{kind}", "BEP 3", torrent(value), "wrong_type")
    yield Case("info_is_empty", "BEP 3", torrent({}), "missing_key")
    for key in (b"name", b"piece length", b"pieces", b"length"):
        spelled = key.decode().replace(" ", "_")
        yield Case(f"without_{spelled}", "BEP 3", torrent(without(v1_single(), key)), "missing_key")
        value = [1] if key != b"pieces" else 1
        yield Case(
            f"{spelled}_wrong_type", "BEP 3", torrent(v1_single() | {key: value}), "wrong_type"
        )
    for name, files in {
        "dict": {},
        "string": b"",
        "of_strings": [b"a"],
        "of_lists": [[]],
    }.items():
        yield Case(f"files_{name}", "BEP 3", torrent(v1_folder(files=files)), "wrong_type")
    for name, changed in {
        "path_string": entry([]) | {b"path": b"a"},
        "path_of_integers": entry([1]),
        "path_of_lists": entry([[b"a"]]),
        "length_string": entry("a", b"5"),
        "attr_integer": entry("a", attr=1),
    }.items():
        yield Case(f"file_{name}", "BEP 3", torrent(v1_folder(changed)), "wrong_type")
    for key in (b"path", b"length"):
        raw = torrent(v1_folder(without(entry("a"), key)))
        yield Case(f"file_without_{key.decode()}", "BEP 3", raw, "missing_key")
    for value in (2, 255):
        yield Case(f"private_{value}", "META-9", _info(private=value), "bad_private_flag")
    yield Case("private_string", "META-9", _info(private=b"1"), "wrong_type")
    yield Case("private_0", "META-9", _info(private=0))
    both = v1_folder() | {b"length": 8}
    yield Case("files_and_length", "META-1", torrent(both), "ambiguous_layout")
    other_name = v1_single() | {b"name.utf-8": b"other.txt"}
    yield Case("name_utf8_differs", "META-1", torrent(other_name), "ambiguous_layout")
    same_name = v1_single() | {b"name.utf-8": b"hello.txt"}
    yield Case("name_utf8_same", "META-1", torrent(same_name))
    other_path = entry("a", 8) | {b"path.utf-8": [b"b"]}
    yield Case("path_utf8_differs", "META-1", torrent(v1_folder(other_path)), "ambiguous_layout")


def untidy_outside() -> Iterator[Case]:
    """What surrounds `info` never refuses a file: it is stripped and rebuilt."""
    outer = Pairs([(b"info", v1_single()), (b"announce", b"http://t.example/a")])
    yield Case("outer_unsorted", "META-1", bencoded(outer), caution="outer_keys_unsorted")
    yield Case("trailing_newline", "META-1", GOOD + b"\r\n", caution="trailing_bytes_left_out")
    yield Case("trailing_torrent", "META-1", GOOD + GOOD, caution="trailing_bytes_left_out")
    unknown = torrent(v1_single(), azureus_properties={b"x": 1})
    yield Case("unknown_key", "META-9", unknown, caution="unknown_key_left_out")
    for name, url in {
        "http": b"http://seed.example/",
        "file": b"file:///etc/passwd",
        "gopher": b"gopher://x.example/",
        "javascript": b"javascript:alert(1)",
        "credentials": b"https://user:secret@seed.example/",
        "no_host": b"https:///x",
        "bad_port": b"https://seed.example:99999/",
        "not_utf8": b"https://\xff\xfe/",
        "bad_brackets": b"https://[::1/",
        "newline": b"https://seed.example/\nHost: x",
        "backslash": b"https://seed.example\\.other.example/",
        "markup": b'https://seed.example/"><b>',
    }.items():
        raw = torrent(v1_single(), url__list=[url])
        yield Case(f"web_seed_{name}", "META-9", raw, caution="web_seed_left_out")
    for key in (
        "announce",
        "announce__list",
        "comment",
        "created_by",
        "creation_date",
        "nodes",
        "url__list",
        "httpseeds",
        "encoding",
    ):
        for kind, value in {
            "integer": 7,
            "list": [[[b"x"], 1]],
            "dict": {b"x": 1},
            "bytes": b"\xff",
        }.items():
            raw = torrent(v1_single(), **{key: value})
            yield Case(f"{key}_is_{kind}", "META-9", raw)
    leak = torrent(v1_single(), announce=b"http://t.example/0123456789abcdef/announce")
    yield Case("foreign_key_in_announce", "META-9", leak)


def versions() -> Iterator[Case]:
    """`meta version` (BEP 52)."""
    for version in (0, 1, 3, 2**40):
        raw = v2_torrent(v2(meta_version=version))
        yield Case(f"meta_version_{version}", "BEP 52", raw, "unsupported_version")
    yield Case("meta_version_string", "BEP 52", v2_torrent(v2(meta_version=b"2")), "wrong_type")
    bare = v2_torrent(without(v2(), b"meta version"))
    yield Case("file_tree_without_version", "BEP 52", bare, "missing_key")
    no_tree = torrent(v1_single() | {b"meta version": 2})
    yield Case("version_without_file_tree", "BEP 52", no_tree, "missing_key")
    half = v2_torrent(without(hybrid(), b"pieces"))
    yield Case("hybrid_without_pieces", "BEP 52", half, "missing_key")
    no_files = v2_torrent(without(hybrid(), b"files"))
    yield Case("hybrid_without_files", "BEP 52", no_files, "missing_key")


def cases() -> Iterator[Case]:
    """All of this file."""
    yield from broken_bytes()
    yield from not_canonical_info()
    yield from limits()
    yield from wrong_types()
    yield from untidy_outside()
    yield from versions()
