"""A run that was stopped goes on with the next piece: what is hashed is not read again."""

import os
from pathlib import Path

import pytest

from bottin.config.publishing.hashes import HashLog, hash_log
from bottin.metainfo.build import BuildOptions, automatic_piece_length, build, survey
from bottin.metainfo.disk import DiskFile
from bottin.metainfo.limits import MIB
from bottin.metainfo.model import Version
from bottin.metainfo.parser import parse

PIECE = 16_384


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Three files: one of three pieces, one of half a piece, one of two."""
    folder = tmp_path / "content"
    folder.mkdir()
    for name, size in (("a", 3 * PIECE), ("b", PIECE // 2), ("c", 2 * PIECE)):
        (folder / name).write_bytes(os.urandom(size))
    return folder


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Note each read of content."""
    done: list[tuple[str, int]] = []
    read = DiskFile.read

    def noted(file: DiskFile, offset: int, length: int) -> bytes:
        done.append((file.path[-1], offset))
        return read(file, offset, length)

    monkeypatch.setattr(DiskFile, "read", noted)
    return done


class Stopped(Exception):
    """A break."""


def stopped_after(pieces: int, content: Path, state: Path, options: BuildOptions) -> None:
    seen = 0

    def stop(_done: int, _total: int) -> None:
        nonlocal seen
        seen += 1
        if seen > pieces:
            raise Stopped

    with pytest.raises(Stopped), hash_log(state, content) as log:
        build(content, options, stop, memo=log)


@pytest.mark.parametrize("version", ["v1", "v2", "hybrid"])
def test_pieces_hashed_before_a_break_are_not_read_again(
    content: Path, tmp_path: Path, reads: list[tuple[str, int]], version: Version
) -> None:
    options = BuildOptions(version=version, piece_length=PIECE, threads=1)
    whole = build(content, options).raw
    stopped_after(2, content, tmp_path, options)
    reads.clear()

    with hash_log(tmp_path, content) as log:
        again = build(content, options, memo=log).raw

    assert again == whole
    assert ("a", 0) not in reads
    assert ("a", PIECE) not in reads
    assert log.recalled >= 2


def test_a_file_that_changed_is_hashed_again_and_the_others_not(
    content: Path, tmp_path: Path, reads: list[tuple[str, int]]
) -> None:
    options = BuildOptions(piece_length=PIECE)
    with hash_log(tmp_path, content) as log:
        build(content, options, memo=log)
    (content / "b").write_bytes(b"y" * (PIECE // 2))
    reads.clear()

    with hash_log(tmp_path, content) as log:
        again = build(content, options, memo=log).raw

    assert reads == [("b", 0)]
    assert again == build(content, options).raw


@pytest.mark.parametrize("damage", ["cut", "flipped", "rubbish"])
def test_a_damaged_log_costs_time_only(content: Path, tmp_path: Path, damage: str) -> None:
    options = BuildOptions(piece_length=PIECE)
    with hash_log(tmp_path, content) as log:
        whole = build(content, options, memo=log).raw
    place = next((tmp_path / "hashes").iterdir())
    raw = bytearray(place.read_bytes())
    if damage == "cut":
        del raw[-5:]
    elif damage == "flipped":
        raw[30] ^= 1
    else:
        raw = bytearray(os.urandom(200))
    place.write_bytes(raw)

    for _run in range(2):
        with hash_log(tmp_path, content) as log:
            assert build(content, options, memo=log).raw == whole

    assert log.recalled == 6


def test_the_log_forgets_what_is_no_longer_there(content: Path, tmp_path: Path) -> None:
    options = BuildOptions(piece_length=PIECE)
    for _run in range(2):
        with hash_log(tmp_path, content) as log:
            build(content, options, memo=log)
            log.forget_others()
        (content / "a").write_bytes(os.urandom(PIECE))

    assert len(HashLog(next((tmp_path / "hashes").iterdir()))) == 4


@pytest.mark.parametrize(
    ("size", "length"),
    [
        (1, 16 * 1024),
        (1_500 * 16 * 1024, 16 * 1024),
        (1_500 * 16 * 1024 + 1, 32 * 1024),
        (1_500 * MIB, MIB),
        (40_000 * 16 * MIB, 16 * MIB),
        (40_000 * 16 * MIB + 1, 32 * MIB),
        (10**14, 64 * MIB),
    ],
)
def test_the_piece_length_follows_the_size(size: int, length: int) -> None:
    assert automatic_piece_length(size) == length


@pytest.mark.parametrize("version", ["v1", "v2", "hybrid"])
def test_a_survey_says_what_the_torrent_will_be(content: Path, version: Version) -> None:
    options = BuildOptions(version=version, piece_length=PIECE)

    seen, made = survey(content, options), build(content, options)

    assert (seen.piece_length, seen.size_bytes, seen.file_count) == (
        made.piece_length,
        made.size_bytes,
        made.file_count,
    )
    assert seen.piece_count == parse(made.raw).piece_count == 6
