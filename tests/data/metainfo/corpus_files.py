"""Hostile names, attributes, pieces and hash trees (META-4 to META-8, META-10)."""

from collections.abc import Iterator
from typing import Any

from tests.data.metainfo.case import Case
from tests.data.metainfo.samples import (
    LARGE,
    PIECE,
    SMALL,
    bencoded,
    entry,
    hybrid,
    layers_of,
    leaf,
    pieces_of,
    torrent,
    tree_hashes,
    v1_folder,
    v1_single,
    v2,
    v2_torrent,
    without,
)

BAD_NAMES: dict[str, tuple[Any, str]] = {
    "dot": (".", "dot_name"),
    "dotdot": ("..", "dot_name"),
    "empty": ("", "empty_name"),
    "slash": ("a/b", "separator"),
    "absolute": ("/etc/passwd", "separator"),
    "parent": ("../../etc/passwd", "separator"),
    "backslash": ("a\\b", "separator"),
    "windows_absolute": ("C:\\Windows", "separator"),
    "unc": ("\\\\host\\share", "separator"),
    "nul": ("a\0b", "control_character"),
    "newline": ("a\nb", "control_character"),
    "final_newline": ("a\n", "control_character"),
    "escape": ("a\x1b[31mb", "control_character"),
    "delete": ("a\x7fb", "control_character"),
    "c1": ("a\x9bb", "control_character"),
    "next_line": ("a\x85", "control_character"),
    "rlo": ("cod\u202efdp.exe", "bidi_control"),
    "lre": ("a\u202ab", "bidi_control"),
    "isolate": ("a\u2066b", "bidi_control"),
    "pdi": ("a\u2069", "bidi_control"),
    "lrm": ("a\u200eb", "bidi_control"),
    "rlm": ("a\u200fb", "bidi_control"),
    "trailing_dot": ("report.", "trailing_dot_or_space"),
    "trailing_space": ("report ", "trailing_dot_or_space"),
    "space": (" ", "trailing_dot_or_space"),
    "three_dots": ("...", "trailing_dot_or_space"),
    "con": ("CON", "device_name"),
    "con_lower": ("con.txt", "device_name"),
    "nul_device": ("NUL.tar.gz", "device_name"),
    "com1": ("com1", "device_name"),
    "lpt9": ("LPT9.x", "device_name"),
    "com_superscript": ("COM².txt", "device_name"),
    "aux_spaces": ("aux .txt", "device_name"),
    "conin": ("CONIN$", "device_name"),
    "too_long": ("a" * 256, "name_too_long"),
    "too_long_utf8": ("é" * 128, "name_too_long"),
    "latin1": (b"\xe9t\xe9", "not_utf8"),
    "overlong_slash": (b"a\xc0\xafb", "not_utf8"),
    "surrogate": (b"a\xed\xa0\x80", "not_utf8"),
    "utf16": ("name".encode("utf-16"), "not_utf8"),
    "cut_sequence": (b"a\xe2\x82", "not_utf8"),
}

GOOD_NAMES: dict[str, str] = {
    "accents": "Été à Nîmes — œuvre.ogg",
    "japanese": "攻殻機動隊.mkv",
    "arabic": "كتاب.pdf",
    "emoji": "🎵 song.flac",
    "dots_inside": "v1.2..3.tar.gz",
    "leading_dot": ".htaccess",
    "leading_space": " x.txt",
    "255_bytes": "a" * 255,
    "console": "console.log",
    "com10": "com10.txt",
    "nul_inside": "annul.txt",
    "quotes": 'it\'s "quoted" <b>.txt',
    "colon": "12:30.txt",
    "percent": "100%25.txt",
}


def _node(name: Any, node: Any) -> dict[bytes, Any]:
    return {name if isinstance(name, bytes) else name.encode(): node}


def names() -> Iterator[Case]:
    """Each bad name as a torrent's name, a v1 file, a v1 folder and a v2 entry."""
    one = {b"": leaf(SMALL)}
    for name, (value, reason) in BAD_NAMES.items():
        kept = reason
        yield Case(f"name_{name}", "META-6", torrent(v1_single(name=value)), "bad_path", kept)
        v1 = torrent(v1_folder(entry([value], 8)))
        yield Case(f"file_{name}", "META-6", v1, "bad_path", kept)
        below = torrent(v1_folder(entry([b"ok", value, b"x"], 8)))
        yield Case(f"folder_{name}", "META-6", below, "bad_path", kept)
        if value:
            tree = {b"zz": one} | _node(value, one)
            yield Case(f"v2_{name}", "META-6", v2_torrent(v2(tree), {}), "bad_path", kept)
    for name, good in GOOD_NAMES.items():
        raw = torrent(v1_folder(entry([good], 8)))
        cut = "cuts names at 240 bytes" if name == "255_bytes" else ""
        yield Case(f"good_name_{name}", "META-6", raw, differs=cut)
    yield Case("path_empty", "META-6", torrent(v1_folder(entry([], 8))), "bad_path", "empty_name")
    for depth, code in ((32, ""), (33, "bad_path"), (1_000, "bad_path")):
        raw = torrent(v1_folder(entry([b"d"] * depth, 8)))
        yield Case(f"path_depth_{depth}", "META-5", raw, code, "too_deep" if code else "")
    nested: dict[bytes, Any] = one
    for _ in range(40):
        nested = {b"d": nested}
    yield Case("v2_path_depth_40", "META-3", v2_torrent(v2(nested), {}), "nested_too_deep")


def collisions() -> Iterator[Case]:
    """Names that some disk takes for one."""
    pairs = {
        "same": ("a", "a"),
        "case": ("Read.me", "README".capitalize()[:4] + ".ME"),
        "nfc_nfd": ("é", "e\u0301"),
        "sharp_s": ("straße", "STRASSE"),
        "kelvin": ("k", "\u212a"),
        "file_and_folder": ("a", "a/b"),
        "file_and_folder_case": ("A", "a/b"),
        "folders_case": ("Docs/x", "docs/y"),
        "folders_nfc_nfd": ("é/x", "e\u0301/y"),
        "deep": ("a/b/C", "a/b/c"),
    }
    for name, (left, right) in pairs.items():
        for swapped, (first, second) in (("", (left, right)), ("_swapped", (right, left))):
            raw = torrent(v1_folder(entry(first, 4), entry(second, 4)))
            yield Case(f"collision_{name}{swapped}", "META-6", raw, "duplicate_path")
    tree = {b"README": {b"": leaf(SMALL)}, b"readme": {b"": leaf(SMALL)}}
    yield Case("collision_v2", "META-6", v2_torrent(v2(tree), {}), "duplicate_path")
    fine = torrent(v1_folder(entry("a/x", 4), entry("b/x", 4)))
    yield Case("same_name_in_two_folders", "META-6", fine)
    nfd = torrent(v1_folder(entry("e\u0301te\u0301.txt", 8)))
    yield Case("nfd_name", "META-5", nfd, differs="keeps NFD")


def counts() -> Iterator[Case]:
    """Number and size of files and pieces (META-4, META-5)."""
    yield Case("no_files", "META-5", torrent(v1_folder(files=[], pieces=b"")), "empty_content")
    yield Case("zero_bytes", "META-5", torrent(v1_single(b"")), "empty_content")
    zeros = torrent(v1_folder(entry("a", 0), entry("b", 0)))
    yield Case("only_empty_files", "META-5", zeros, "empty_content")
    pads = torrent(v1_folder(entry(".pad/8", 8, attr=b"p")))
    yield Case("only_padding", "META-5", pads, "empty_content")
    many = [entry([b"%d" % i], 0) for i in range(50_001)] + [entry("z", 1)]
    yield Case("files_50002", "META-5", torrent(v1_folder(*many)), "too_many_files")
    for length in (0, 1, 8 * 1024, 16 * 1024 + 1, 3 * 16 * 1024, 128 << 20, 2**40, 2**63 - 1):
        raw = torrent(v1_single() | {b"piece length": length})
        yield Case(f"piece_length_{length}", "META-4", raw, "bad_piece_length")
    yield Case("piece_length_64_mib", "META-4", torrent(v1_single() | {b"piece length": 64 << 20}))
    odd = {
        "empty": b"",
        "short": bytes(19),
        "long": bytes(21),
        "one_more": bytes(40),
        "v2_sized": bytes(32),
    }
    for name, pieces in odd.items():
        raw = torrent(v1_single() | {b"pieces": pieces})
        yield Case(f"pieces_{name}", "META-4", raw, "piece_count_mismatch")
    huge = torrent(v1_single() | {b"length": PIECE * 262_145})
    yield Case("pieces_262145", "META-4", huge, "too_many_pieces")
    petabyte = torrent(v1_single() | {b"length": 2**62})
    yield Case("length_2_62", "META-4", petabyte, "too_many_pieces")
    v2_huge = {b"a": {b"": leaf(SMALL) | {b"length": PIECE * 262_145}}}
    yield Case("v2_pieces_262145", "META-4", v2_torrent(v2(v2_huge), {}), "too_many_pieces")


def attributes() -> Iterator[Case]:
    """BEP 47."""
    for attr in (b"z", b"pz", b"P", b"\xff", b"l x"):
        raw = torrent(v1_folder(entry("a", 8, attr=attr)))
        yield Case(f"attr_{attr.hex()}", "META-7", raw, "bad_attr")
    for attr in (b"x", b"h", b"hx", b""):
        yield Case(
            f"good_attr_{attr.decode()}", "META-7", torrent(v1_folder(entry("a", 8, attr=attr)))
        )


def links() -> Iterator[Case]:
    """BEP 47: symbolic links."""
    targets: dict[str, Any] = {
        "parent": [b"..", b"etc"],
        "parent_inside": [b"a", b"..", b"..", b"etc"],
        "absolute": [b"/etc/passwd"],
        "slashes": [b"../../etc/passwd"],
        "backslashes": [b"..\\x"],
        "dot": [b"."],
        "itself": [b"link"],
        "empty_list": [],
        "string": b"a",
        "integers": [1],
        "deep": [b"d"] * 33,
    }
    for name, target in targets.items():
        link = entry("link", 0, attr=b"l") | {b"symlink path": target}
        raw = torrent(v1_folder(entry("a", 8), link))
        yield Case(f"symlink_{name}", "META-7", raw, "bad_symlink")
    for name, (target, code) in {
        "empty_name": ([b""], "bad_path"),
        "nul": ([b"a\0"], "bad_path"),
    }.items():
        link = entry("link", 0, attr=b"l") | {b"symlink path": target}
        yield Case(f"symlink_{name}", "META-7", torrent(v1_folder(entry("a", 8), link)), code)
    heavy = entry("link", 8, attr=b"l") | {b"symlink path": [b"a"]}
    yield Case("symlink_with_bytes", "META-7", torrent(v1_folder(heavy)), "bad_symlink")
    bare = torrent(v1_folder(entry("a", 8), entry("link", 0, attr=b"l")))
    yield Case("symlink_without_target", "META-7", bare, "missing_key")
    below = entry("link", 0, attr=b"l") | {b"symlink path": [b"a"]}
    through = torrent(v1_folder(entry("a/b", 4), below, entry("link/x", 4)))
    yield Case("path_through_symlink", "META-7", through, "duplicate_path")
    good = torrent(v1_folder(entry("a", 8), below))
    yield Case("symlink_good", "META-7", good)
    short = torrent(v1_folder(entry("a", 8), without(below, b"length")))
    yield Case("symlink_without_length", "META-7", short)
    node = {b"": {b"attr": b"l", b"symlink path": [b"small.txt"]}}
    tree = {b"link": node, b"small.txt": {b"": leaf(SMALL)}}
    yield Case("v2_symlink_good", "META-7", v2_torrent(v2(tree), {}))
    rooted = {b"": node[b""] | {b"length": 4, b"pieces root": leaf(SMALL)[b"pieces root"]}}
    heavy_tree = v2_torrent(v2({b"link": rooted, b"small.txt": {b"": leaf(SMALL)}}), {})
    yield Case("v2_symlink_with_bytes", "META-7", heavy_tree, "bad_symlink")
    lost = entry("link", 0, attr=b"l") | {b"symlink path": [b"nowhere"]}
    yield Case(
        "symlink_dangling",
        "META-7",
        torrent(v1_folder(entry("a", 8), lost)),
        caution="dangling_symlink",
    )


def trees() -> Iterator[Case]:
    """BEP 52: the file tree and its roots."""
    small = leaf(SMALL)
    bad_leaves = {
        "without_length": (without(small, b"length"), "missing_key"),
        "length_string": (small | {b"length": b"5"}, "wrong_type"),
        "without_root": (without(small, b"pieces root"), "bad_pieces_root"),
        "root_short": (small | {b"pieces root": bytes(31)}, "bad_pieces_root"),
        "root_zero": (small | {b"pieces root": bytes(32)}, "bad_pieces_root"),
        "root_integer": (small | {b"pieces root": 1}, "bad_pieces_root"),
        "root_on_empty_file": (small | {b"length": 0}, "bad_pieces_root"),
        "padding_flag": (small | {b"attr": b"p"}, "bad_attr"),
        "is_list": ([], "wrong_type"),
        "is_string": (b"", "wrong_type"),
    }
    for name, (value, code) in bad_leaves.items():
        tree = {b"a": {b"": value}, b"b": {b"": small}}
        yield Case(f"v2_leaf_{name}", "META-8", v2_torrent(v2(tree), {}), code)
    bad_trees: dict[str, tuple[Any, str]] = {
        "empty": ({}, "bad_path"),
        "list": ([], "wrong_type"),
        "file_at_root": ({b"": small}, "bad_path"),
        "file_and_folder": ({b"a": {b"": small, b"b": {b"": small}}}, "bad_path"),
        "empty_folder": ({b"a": {}, b"b": {b"": small}}, "bad_path"),
        "node_is_integer": ({b"a": 1}, "wrong_type"),
        "only_empty_files": ({b"a": {b"": {b"length": 0}}}, "empty_content"),
    }
    for name, (tree, code) in bad_trees.items():
        yield Case(f"v2_tree_{name}", "META-8", v2_torrent(v2(tree), {}), code)


def layers() -> Iterator[Case]:
    """BEP 52: piece layers."""
    large = leaf(LARGE)
    root, layer = tree_hashes(LARGE)
    flipped = bytes([layer[0] ^ 1]) + layer[1:]
    bad_layers: dict[str, tuple[Any, str]] = {
        "missing_entry": ({}, "missing"),
        "short": ({root: layer[:-32]}, "wrong_length"),
        "long": ({root: layer + bytes(32)}, "wrong_length"),
        "ragged": ({root: layer[:-1]}, "wrong_length"),
        "one_bit": ({root: flipped}, "wrong_root"),
        "zeros": ({root: bytes(len(layer))}, "wrong_root"),
        "swapped": ({root: layer[32:64] + layer[:32] + layer[64:]}, "wrong_root"),
        "integer": ({root: 1}, "wrong_length"),
    }
    for name, (changed, reason) in bad_layers.items():
        for version, info in (("v2", v2()), ("hybrid", hybrid())):
            raw = v2_torrent(info, changed)
            yield Case(f"{version}_layers_{name}", "META-8", raw, "bad_piece_layers", reason)
    no_layers = torrent(v2())
    yield Case("v2_layers_absent", "META-8", no_layers, "bad_piece_layers", "missing")
    yield Case("v2_layers_list", "META-8", torrent(v2(), piece_layers=[]), "wrong_type")
    more = layers_of(LARGE) | {bytes(31) + b"\1": bytes(64)}
    yield Case(
        "v2_layers_one_more",
        "META-8",
        v2_torrent(v2(), more),
        caution="piece_layers_left_out",
        differs="refuses a layer of no file",
    )
    grown = {b"a": {b"": large | {b"length": len(LARGE) + PIECE}}}
    yield Case(
        "v2_length_grown", "META-8", v2_torrent(v2(grown)), "bad_piece_layers", "wrong_length"
    )
    twice = {b"a": {b"": large}, b"b": {b"": large}}
    yield Case("v2_same_file_twice", "META-8", v2_torrent(v2(twice)))
    unequal = {b"a": {b"": large}, b"b": {b"": large | {b"length": len(LARGE) * 2}}}
    yield Case("v2_one_root_two_lengths", "META-8", v2_torrent(v2(unequal)), "bad_piece_layers")


def hybrids() -> Iterator[Case]:
    """BEP 52: both halves describe the same files."""
    files = hybrid()[b"files"]
    pad, stream = -len(LARGE) % PIECE, LARGE + bytes(-len(LARGE) % PIECE) + SMALL
    changed: dict[str, tuple[Any, bytes]] = {
        "other_name": ([entry("big.bi_", len(LARGE)), *files[1:]], stream),
        "other_case": ([entry("BIG.bin", len(LARGE)), *files[1:]], stream),
        "other_size": (
            [entry("big.bin", len(LARGE) - 1), entry(".pad/x", pad + 1, attr=b"p"), files[2]],
            stream,
        ),
        "other_order": (
            [
                entry("small.txt", len(SMALL)),
                entry(".pad/x", PIECE - len(SMALL), attr=b"p"),
                entry("big.bin", len(LARGE)),
            ],
            bytes(PIECE) + LARGE,
        ),
        "one_missing": (files[:1], LARGE),
        "one_more": (
            [*files, entry(".pad/y", PIECE - len(SMALL), attr=b"p"), entry("z", 1)],
            stream + bytes(PIECE - len(SMALL) + 1),
        ),
        "not_aligned": ([files[0], files[2]], LARGE + SMALL),
        "pad_without_flag": ([files[0], without(files[1], b"attr"), files[2]], stream),
        "attr_differs": ([files[0] | {b"attr": b"x"}, *files[1:]], stream),
        "useless_padding": (
            [*files, entry(".pad/z", 2 * PIECE - len(SMALL), attr=b"p")],
            stream + bytes(2 * PIECE - len(SMALL)),
        ),
    }
    for name, (listed, content) in changed.items():
        info = hybrid(files=listed, pieces=pieces_of(content))
        yield Case(f"hybrid_{name}", "META-8", v2_torrent(info), "hybrid_mismatch")
    tail = [*files, entry(".pad/z", PIECE - len(SMALL), attr=b"p")]
    padded = hybrid(files=tail, pieces=pieces_of(stream + bytes(PIECE - len(SMALL))))
    yield Case("hybrid_tail_padding", "META-8", v2_torrent(padded))
    short = hybrid(pieces=pieces_of(LARGE))
    yield Case("hybrid_pieces_short", "META-4", v2_torrent(short), "piece_count_mismatch")
    single = {b"x": {b"": leaf(SMALL)}}
    folder = v1_single(SMALL, b"y") | {b"file tree": single, b"meta version": 2}
    yield Case(
        "hybrid_single_other_name", "META-8", torrent(folder, piece_layers={}), "hybrid_mismatch"
    )
    good = v1_single(SMALL, b"x") | {b"file tree": single, b"meta version": 2}
    yield Case("hybrid_single", "META-8", torrent(good, piece_layers={}))


def oddities() -> Iterator[Case]:
    """Accepted, with a word to the moderator."""
    for name in ("photo.jpg.exe", "facture.pdf .scr", "film.mkv.lnk", "doc.pdf____.bat"):
        raw = torrent(v1_folder(entry([name], 8)))
        yield Case(f"double_extension_{name}", "META-10", raw, caution="double_extension")
    yield Case("plain_v1_single", "BEP 3", torrent(v1_single()))
    yield Case("plain_v1_folder", "BEP 3", torrent(v1_folder()))
    yield Case("plain_v2", "BEP 52", v2_torrent())
    yield Case("plain_hybrid", "BEP 52", v2_torrent(hybrid()))
    yield Case(
        "unknown_info_keys", "META-1", torrent(v1_single(entropy=b"x", profiles=[{b"a": 1}]))
    )
    again = bencoded(
        {
            b"info": v1_folder(
                entry(".pad/4", 4, attr=b"p"),
                entry("a", 2),
                entry(".pad/4", 4, attr=b"p"),
                entry("b", 2),
            )
        }
    )
    yield Case("padding_of_the_same_name", "META-6", again)


def cases() -> Iterator[Case]:
    """All of this file."""
    yield from names()
    yield from collisions()
    yield from counts()
    yield from attributes()
    yield from links()
    yield from trees()
    yield from layers()
    yield from hybrids()
    yield from oddities()
