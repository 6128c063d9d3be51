"""Files as people browse them (TOR-11)."""

import pytest

from bottin.metainfo.kinds import Kind, kind_of
from bottin.metainfo.model import File
from bottin.metainfo.tree import Sum, natural_key, tree_of


def test_tor_11_folders_sum_what_is_below_them() -> None:
    root = tree_of(
        [File(("a", "b", "x.mkv"), 5), File(("a", "y.txt"), 3), File(("z.jpg",), 1)], "r"
    )

    assert (root.name, root.size_bytes, root.file_count) == ("r", 9, 3)
    assert (root.folders[0].name, root.folders[0].size_bytes) == ("a", 8)
    assert root.folders[0].folders[0].path == ("a", "b")


def test_tor_11_kinds_are_told_at_a_glance_largest_first() -> None:
    root = tree_of([File(("a.mkv",), 5), File(("b.mp3",), 9), File(("c", "d.mkv"), 5)])

    assert list(root.kinds.items()) == [(Kind.VIDEO, Sum(2, 10)), (Kind.AUDIO, Sum(1, 9))]


def test_tor_11_padding_is_folded_away_and_counted() -> None:
    root = tree_of([File(("a",), 5), File((".pad", "3"), 3, attr="p")])

    assert (root.size_bytes, root.file_count, root.folders, root.pad_count) == (5, 1, (), 1)


def test_tor_11_tracks_are_in_natural_order() -> None:
    names = ["10 z.ogg", "2 b.ogg", "1 a.ogg", "Bonus.ogg", "annexe.ogg"]

    root = tree_of(File((name,), 1) for name in names)

    ordered = [leaf.name for leaf in root.files]
    assert ordered == ["1 a.ogg", "2 b.ogg", "10 z.ogg", "annexe.ogg", "Bonus.ogg"]


@pytest.mark.parametrize("name", ["", "²", "9" * 10_000, "٣", "a1b22", "1a"])
def test_any_name_has_a_key_that_compares(name: str) -> None:
    assert sorted([name, "a", "1"], key=natural_key)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Film.MKV", Kind.VIDEO),
        ("a.flac", Kind.AUDIO),
        ("a.tar.gz", Kind.ARCHIVE),
        ("debian.iso", Kind.ARCHIVE),
        ("these.pdf", Kind.DOCUMENT),
        ("setup.exe", Kind.PROGRAM),
        ("film.fr.srt", Kind.SUBTITLE),
        ("photo.webp", Kind.IMAGE),
        ("README", Kind.OTHER),
        (".htaccess", Kind.OTHER),
        ("", Kind.OTHER),
    ],
)
def test_a_kind_is_told_by_the_last_extension(name: str, kind: Kind) -> None:
    assert kind_of(name) is kind
