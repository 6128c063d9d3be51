"""libtorrent as a second opinion, on the corpus and on what we make ourselves."""

import warnings
from pathlib import Path
from random import Random
from typing import Any, Final

import libtorrent
import pytest

from bottin.metainfo.build import BuildOptions, build
from bottin.metainfo.model import Metainfo, Version
from bottin.metainfo.parser import parse
from bottin.metainfo.rebuild import personal_torrent
from tests.data.metainfo.case import Case
from tests.data.metainfo.corpus import CASES

ACCEPTED: Final = [case for case in CASES if not case.code]
VERSIONS: Final[tuple[Version, ...]] = ("v1", "v2", "hybrid")
NO_ROOT: Final = bytes(32)


def _theirs(raw: bytes) -> dict[str, Any]:
    """Info-hashes, name, files and roots as libtorrent reads them; empty when it refuses."""
    try:
        torrent = libtorrent.torrent_info(raw)
    except RuntimeError:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        files = torrent.files()
    kept = [
        index
        for index in range(files.num_files())
        if not files.file_flags(index) & libtorrent.file_storage.flag_pad_file
    ]
    hashes = torrent.info_hashes()
    roots = [files.root(index).to_bytes() if hashes.has_v2() else NO_ROOT for index in kept]
    return {
        "v1": hashes.v1.to_bytes() if hashes.has_v1() else None,
        "v2": hashes.v2.to_bytes() if hashes.has_v2() else None,
        "name": torrent.name(),
        "pieces": (torrent.piece_length(), torrent.num_pieces()),
        "files": [(files.file_path(index), files.file_size(index)) for index in kept],
        "roots": [None if root == NO_ROOT else root for root in roots],
        "private": torrent.priv(),
    }


def _ours(metainfo: Metainfo) -> dict[str, Any]:
    folder = () if metainfo.is_single_file else (metainfo.name,)
    return {
        "v1": metainfo.info_hash_v1,
        "v2": metainfo.info_hash_v2,
        "name": _name_for_libtorrent(metainfo),
        "pieces": (metainfo.piece_length, metainfo.piece_count),
        "files": [
            ("/".join((*folder, *file.path)), file.size_bytes) for file in metainfo.content_files
        ],
        "roots": [file.root for file in metainfo.content_files],
        "private": metainfo.is_private,
    }


def _name_for_libtorrent(metainfo: Metainfo) -> str:
    # In v2 the name is advisory: libtorrent shows a lone file's own instead.
    if metainfo.version == "v2" and metainfo.is_single_file:
        return metainfo.files[0].path[0]
    return metainfo.name


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.name)
def test_what_we_accept_libtorrent_reads_the_same_way(case: Case) -> None:
    agrees = _ours(parse(case.raw)) == _theirs(case.raw)

    assert agrees == (not case.differs)


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.name)
def test_dl_1_what_we_hand_out_libtorrent_loads_under_the_same_info_hash(case: Case) -> None:
    metainfo = parse(case.raw)

    raw = personal_torrent(metainfo.info_bytes, metainfo.outside, metainfo.piece_layers)

    assert _theirs(raw)["v1"] == metainfo.info_hash_v1
    assert _theirs(raw)["v2"] == metainfo.info_hash_v2


CONTENTS: Final[dict[str, dict[str, int]]] = {
    "one_small_file": {"a.txt": 5},
    "one_block": {"a.bin": 16 * 1024},
    "one_block_and_a_byte": {"a.bin": 16 * 1024 + 1},
    "one_large_file": {"a.bin": 3_000_000},
    "unicode": {"été/攻殻機動隊.mkv": 40_000, "été/ß.txt": 3, "ünï.srt": 1},
    "empty_files": {"a": 0, "b": 7, "c/d": 0, "z": 0},
    "last_file_empty": {"a": 100_000, "b": 0},
    "order_of_bytes": {"B": 20_000, "a": 20_000, "a.b/c": 20_000, "a-b": 1, "aé": 5},
    "many": {f"d{i % 7}/{i:03}.bin": i * 997 % 70_000 for i in range(120)},
}


@pytest.fixture(params=CONTENTS, name="folder")
def _folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    root = tmp_path / "Œuvre libre"
    random = Random(1)
    for path, size in CONTENTS[request.param].items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(random.randbytes(size))
    return root


@pytest.mark.parametrize("piece_length", [0, 16 * 1024, 64 * 1024, 1024 * 1024])
@pytest.mark.parametrize("version", VERSIONS)
def test_what_we_make_libtorrent_reads_the_same_way(
    folder: Path, version: Version, piece_length: int
) -> None:
    built = build(folder, BuildOptions(version=version, piece_length=piece_length))

    assert _ours(parse(built.raw)) == _theirs(built.raw)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_single_file_is_read_the_same_way(tmp_path: Path, version: Version) -> None:
    path = tmp_path / "émission.ogg"
    path.write_bytes(Random(2).randbytes(100_001))

    built = build(path, BuildOptions(version=version, is_private=True))

    assert _ours(parse(built.raw)) == _theirs(built.raw)


LINKS: Final = int(libtorrent.create_torrent.symlinks)


def _made_by_libtorrent(root: Path, flags: int) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        storage = libtorrent.file_storage()
        libtorrent.add_files(storage, str(root), flags=flags & LINKS)
        made = libtorrent.create_torrent(storage, 32 * 1024, flags)
        libtorrent.set_piece_hashes(made, str(root.parent))
        return bytes(libtorrent.bencode(made.generate()))


FLAGS: Final = [
    ("v1", libtorrent.create_torrent.v1_only),
    ("v2", libtorrent.create_torrent.v2_only),
    ("hybrid", 0),
]


@pytest.mark.parametrize(("version", "flags"), FLAGS)
def test_meta_7_links_and_flags_libtorrent_makes_are_read(
    tmp_path: Path, version: Version, flags: int
) -> None:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "run.sh").write_text("#!/bin/sh\n")
    (root / "sub" / "run.sh").chmod(0o755)
    (root / "sub" / "link").symlink_to("../link")
    (root / "link").symlink_to("sub/run.sh")

    raw = _made_by_libtorrent(root, int(flags) | LINKS)

    metainfo = parse(raw)
    found = {file.display_path: (file.attr, file.symlink) for file in metainfo.content_files}
    assert metainfo.version == version
    assert found["sub/run.sh"] == ("x", None)
    assert found["link"][1] == ("sub", "run.sh")
    assert found["sub/link"][1] is not None
    assert _ours(metainfo) == _theirs(raw)


@pytest.mark.parametrize(("version", "flags"), FLAGS)
def test_what_libtorrent_makes_we_read_the_same_way(
    folder: Path, version: Version, flags: int
) -> None:
    raw = _made_by_libtorrent(folder, int(flags))

    metainfo = parse(raw)

    assert metainfo.version == version
    assert _ours(metainfo) == _theirs(raw)
