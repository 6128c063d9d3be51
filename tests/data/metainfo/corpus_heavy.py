"""Files that fill a limit, and names that are lawful and misleading (META-2, META-11, META-12)."""

import bz2
import lzma
from collections.abc import Iterator
from typing import Any

from tests.data.metainfo.case import Case
from tests.data.metainfo.samples import (
    LARGE,
    PIECE,
    SMALL,
    Verbatim,
    bencoded,
    entry,
    layers_of,
    leaf,
    torrent,
    v1_folder,
    v1_single,
    v2,
    v2_torrent,
)

_GOOD = torrent(v1_single())
_CUT = "cuts names at 240 bytes"
# Accepted, and shown so that they cannot pass for what they are not: see `lib.text`.
MISLEADING: dict[str, str] = {
    "cyrillic_a": "p\u0430ypal.pdf",
    "greek_o": "g\u03bfogle.txt",
    "fullwidth": "\uff52eadme.txt",
    "zero_width_space": "read\u200bme.txt",
    "zero_width_joiner": "a\u200db.txt",
    "soft_hyphen": "co\u00adoperate.txt",
    "byte_order_mark": "\ufeffname.txt",
    "arabic_letter_mark": "a\u061cb.txt",
    "line_separator": "a\u2028b.txt",
    "paragraph_separator": "a\u2029b.txt",
    "no_break_space": "a\u00a0b.txt",
    "combining_run": "a" + "\u0301" * 80 + ".txt",
    "tag_characters": "a\U000e0041\U000e0042.txt",
    "private_use": "\ue000.txt",
    "noncharacter": "a\ufffe.txt",
    "replacement": "a\ufffd.txt",
    "right_to_left": "\u05d0\u05d1.txt",
    "script_markup": "<script>alert(1)<⁄script>.txt",
    "attribute_markup": '" onmouseover="alert(1).txt',
    "shell": "$(reboot);`id`.txt",
    "header_split": "a%0d%0aSet-Cookie: x.txt",
    "option": "--help.txt",
    "tilde": "~root.txt",
    "star": "*.txt",
    "template": "{{ 7|add:7 }}{% now 'Y' %}.txt",
    "format": "%s%n%(x)s{0}.txt",
    "sql": "'; drop table release; --.txt",
    "csv_formula": "=cmd|' !A0.txt",
}

_LIBTORRENT: dict[str, str] = {
    "zero_width_space": "drops it",
    "zero_width_joiner": "drops it",
    "byte_order_mark": "drops it",
    "arabic_letter_mark": "drops it",
    "combining_run": "keeps NFD",
}


def misleading_names() -> Iterator[Case]:
    """Each as the torrent's name, as a file and as a folder."""
    for name, value in MISLEADING.items():
        for place, info in {
            "name": v1_single(name=value),
            "file": v1_folder(entry([value], 8)),
            "folder": v1_folder(entry([value, "x"], 8)),
        }.items():
            theirs = _LIBTORRENT.get(name, "")
            yield Case(f"shown_{place}_{name}", "META-12", torrent(info), differs=theirs)


def bodies() -> Iterator[Case]:
    """What is packed is not unpacked."""
    yield Case("body_gzip_bomb_header", "META-2", b"\x1f\x8b\x08" + bytes(100), "compressed")
    for name, raw in {"bzip2": bz2.compress(_GOOD), "xz": lzma.compress(_GOOD)}.items():
        yield Case(f"body_{name}", "META-2", raw, "malformed_bencode")
    for name, magic in {
        "rar": b"Rar!\x1a\x07",
        "7z": b"7z\xbc\xaf\x27\x1c",
        "elf": b"\x7fELF",
    }.items():
        yield Case(f"body_{name}", "META-2", magic + _GOOD, "malformed_bencode")
    exact = torrent(v1_single(), comment=b"x")
    room = 4 * 2**20 - len(exact) - 6
    full = torrent(v1_single(), comment=b"x" * (room + 1))
    yield Case("size_one_over", "META-2", full + bytes(4 * 2**20 + 1 - len(full)), "too_large")


def fullest() -> Iterator[Case]:
    """Accepted or refused, these make the parser work hardest for what they weigh."""
    deep = [entry([b"d%d" % i for i in range(31)] + [b"f%d" % n], 1) for n in range(1_000)]
    yield Case("thousand_deep_paths", "META-11", torrent(v1_folder(*deep)))
    wide = [entry([b"%d" % i, b"x"], 1) for i in range(3_000)]
    yield Case("three_thousand_folders", "META-11", torrent(v1_folder(*wide)))
    long = [entry([b"%d" % i + b"_" * 245], 1) for i in range(2_000)]
    yield Case("two_thousand_long_names", "META-11", torrent(v1_folder(*long)), differs=_CUT)
    size = PIECE * 200_000
    info = v1_single() | {b"length": size, b"pieces": bytes(20 * 200_000)}
    yield Case("two_hundred_thousand_pieces", "META-11", torrent(info))
    almost = [entry([b"e" + b"\xcc\x81" * 100 + b"%d" % i], 1) for i in range(2_000)]
    yield Case(
        "two_thousand_decomposed_names",
        "META-11",
        torrent(v1_folder(*almost)),
        differs="keeps NFD",
    )
    keys = Verbatim(bencoded({b"%08d" % i: 0 for i in range(30_000)}))
    yield Case("thirty_thousand_keys", "META-11", torrent(v1_single(x=keys)))
    outer: dict[str, Any] = {f"k{i}": i for i in range(30_000)}
    yield Case(
        "thirty_thousand_outer_keys",
        "META-11",
        torrent(v1_single(), **outer),
        caution="unknown_key_left_out",
    )
    trackers = [[b"http://%d.example/announce" % i] for i in range(30_000)]
    yield Case("thirty_thousand_trackers", "META-11", torrent(v1_single(), announce__list=trackers))
    seeds = [b"https://%d.example/" % i for i in range(30_000)]
    yield Case("thirty_thousand_web_seeds", "META-11", torrent(v1_single(), url__list=seeds))
    nodes = [[b"n%d.example" % i, 6881] for i in range(20_000)]
    yield Case("twenty_thousand_nodes", "META-11", torrent(v1_single(), nodes=nodes))
    comment = torrent(v1_single(), comment=b"\xff" * 3_000_000)
    yield Case("comment_of_3_mb", "META-11", comment)


def many_entries() -> Iterator[Case]:
    """Many files, links and names, each of them lawful."""
    tree = {b"%05d" % i: {b"": leaf(SMALL)} for i in range(3_000)}
    yield Case("v2_three_thousand_files", "META-11", v2_torrent(v2(tree), {}))
    same = {b"%04d" % i: {b"": leaf(LARGE)} for i in range(3_000)}
    yield Case("v2_one_layer_for_3000_files", "META-11", v2_torrent(v2(same), layers_of(LARGE)))
    pads = [entry([b".pad", b"1"], 1, attr=b"p") for _ in range(4_000)] + [entry("a", 1)]
    yield Case("four_thousand_pads", "META-11", torrent(v1_folder(*pads)))
    link = {b"symlink path": [b"t%d" % i for i in range(32)]}
    links = [entry([b"l%d" % i], 0, attr=b"l") | link for i in range(800)]
    yield Case(
        "eight_hundred_links",
        "META-11",
        torrent(v1_folder(entry("a", 8), *links)),
        caution="dangling_symlink",
    )
    exe = [entry([b"x" * 200 + b".jpg" + b"_" * 30 + b"%d.exe" % i], 1) for i in range(800)]
    yield Case("eight_hundred_programs", "META-11", torrent(v1_folder(*exe)), differs=_CUT)
    dots = [entry([b"%d" % i + b".ab" * 80], 1) for i in range(2_000)]
    yield Case("names_that_tire_a_pattern", "META-11", torrent(v1_folder(*dots)), differs=_CUT)


def cases() -> Iterator[Case]:
    """All of this file."""
    yield from misleading_names()
    yield from bodies()
    yield from fullest()
    yield from many_entries()
