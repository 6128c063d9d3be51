"""Torrents made from a disk."""

import os
from hashlib import sha1
from pathlib import Path
from random import Random

import pytest

from bottin.metainfo import disk
from bottin.metainfo.build import BuildOptions, automatic_piece_length, build
from bottin.metainfo.errors import (
    BadPath,
    BadPieceLength,
    ContentChanged,
    ContentUnreadable,
    DuplicatePath,
    EmptyContent,
    TooManyFiles,
    TooManyPieces,
)
from bottin.metainfo.limits import KIB, MIB, Limits
from bottin.metainfo.model import Caution, Outside
from bottin.metainfo.parser import parse


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    root = tmp_path / "œuvre"
    (root / "sub").mkdir(parents=True)
    random = Random(3)
    (root / "b.bin").write_bytes(random.randbytes(100_000))
    (root / "sub" / "a.txt").write_bytes(b"hello")
    (root / "Z.txt").write_bytes(b"zed")
    return root


def test_a_hybrid_is_made_by_default(folder: Path) -> None:
    metainfo = parse(build(folder).raw)

    assert metainfo.version == "hybrid"
    assert metainfo.name == "œuvre"
    assert metainfo.size_bytes == 100_008


def test_files_come_in_the_order_of_their_bytes(folder: Path) -> None:
    metainfo = parse(build(folder).raw)

    paths = [file.display_path for file in metainfo.content_files]
    assert paths == ["Z.txt", "b.bin", "sub/a.txt"]


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_the_same_content_gives_the_same_torrent_on_any_number_of_cores(
    folder: Path, threads: int
) -> None:
    expected = build(folder, BuildOptions(threads=3)).raw

    assert build(folder, BuildOptions(threads=threads)).raw == expected


def test_v1_pieces_run_across_files(folder: Path) -> None:
    metainfo = parse(build(folder, BuildOptions(version="v1", piece_length=128 * KIB)).raw)

    stream = b"".join((folder / file.display_path).read_bytes() for file in metainfo.files)
    pieces = sha1(stream, usedforsecurity=False).digest()
    assert metainfo.fingerprints.pieces_sha1 == sha1(pieces, usedforsecurity=False).digest()


def test_progress_ends_at_the_size_and_never_goes_back(folder: Path) -> None:
    seen: list[tuple[int, int]] = []

    build(folder, BuildOptions(), lambda done, total: seen.append((done, total)))

    assert seen == sorted(seen)
    assert seen[-1] == (100_008, 100_008)


def test_tor_17_private_and_source_enter_info_only_when_asked(folder: Path) -> None:
    plain = parse(build(folder).raw)
    marked = parse(build(folder, BuildOptions(is_private=True, source="EX")).raw)

    assert (plain.is_private, plain.source) == (False, "")
    assert (marked.is_private, marked.source) == (True, "EX")
    assert plain.info_hash != marked.info_hash


def test_what_goes_around_info_changes_no_info_hash(folder: Path) -> None:
    outside = Outside(trackers=(("udp://t.example:1",),), comment="c", created_by="b")

    plain, dressed = (
        parse(build(folder).raw),
        parse(build(folder, BuildOptions(outside=outside)).raw),
    )

    assert dressed.outside == outside
    assert dressed.info_bytes == plain.info_bytes


def test_a_name_may_be_given(folder: Path) -> None:
    assert parse(build(folder, BuildOptions(name="autre")).raw).name == "autre"


def test_meta_7_symbolic_links_and_pipes_are_skipped_with_a_caution(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "sub" / "loop").symlink_to("..")
    os.mkfifo(folder / "pipe")

    built = build(folder)

    assert built.file_count == 3
    assert set(built.warnings) == {
        Caution("symlink_skipped", "link"),
        Caution("symlink_skipped", "sub/loop"),
        Caution("special_file_skipped", "pipe"),
    }


def test_excluded_names_are_left_out(folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"x")

    metainfo = parse(build(folder, BuildOptions(exclude=(".DS_Store", "sub"))).raw)

    assert [file.display_path for file in metainfo.content_files] == ["Z.txt", "b.bin"]


@pytest.mark.parametrize("name", ["trailing.", "con.txt", "a\nb", "cod\u202efdp.exe"])
def test_meta_6_a_name_we_would_refuse_is_refused_before_hashing(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"x")

    with pytest.raises(BadPath):
        build(folder)


def test_meta_6_names_that_collide_elsewhere_are_refused(folder: Path) -> None:
    (folder / "B.BIN").write_bytes(b"x")

    with pytest.raises(DuplicatePath):
        build(folder)


def test_a_name_that_is_not_utf8_is_refused(folder: Path) -> None:
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xe9t\xe9"))).write_bytes(b"x")

    with pytest.raises(BadPath) as refused:
        build(folder)

    assert refused.value.context["reason"] == "not_utf8"


@pytest.mark.parametrize("length", [1, 8 * KIB, 48 * KIB, 128 * MIB])
def test_meta_4_a_piece_length_we_would_refuse_is_refused(folder: Path, length: int) -> None:
    with pytest.raises(BadPieceLength):
        build(folder, BuildOptions(piece_length=length))


def test_meta_4_too_many_pieces_are_refused_before_hashing(folder: Path) -> None:
    options = BuildOptions(piece_length=16 * KIB, limits=Limits(pieces=5))

    with pytest.raises(TooManyPieces):
        build(folder, options)


def test_meta_5_too_many_files_are_refused(folder: Path) -> None:
    with pytest.raises(TooManyFiles):
        build(folder, BuildOptions(limits=Limits(files=2)))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyContent):
        build(tmp_path)


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentUnreadable):
        build(tmp_path / "nothing")


@pytest.mark.parametrize("content", [b"", b"shorter", b"x" * 200_000])
def test_a_file_that_changes_meanwhile_is_refused(folder: Path, content: bytes) -> None:
    files, _ = disk.collect(folder, (), Limits())
    changing = next(file for file in files if file.path == ("b.bin",))
    changing.location.write_bytes(content)

    with pytest.raises(ContentChanged):
        changing.check_unchanged()


def test_a_file_cut_short_while_it_is_hashed_is_refused(folder: Path) -> None:
    def cut(done: int, _total: int) -> None:
        if done < 1_000:
            (folder / "b.bin").write_bytes(b"")

    with pytest.raises(ContentChanged):
        build(folder, BuildOptions(piece_length=16 * KIB, threads=1), cut)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (1, 16 * KIB),
        (24 * MIB, 32 * KIB),
        (700 * MIB, 512 * KIB),
        (4_700 * MIB, 4 * MIB),
        (100 * 1024 * MIB, 16 * MIB),
    ],
)
def test_the_automatic_piece_length_grows_with_the_content(size: int, expected: int) -> None:
    assert automatic_piece_length(size) == expected
