"""What is written beside a release, from the rows of the catalogue."""

import pytest

from bottin.search.documents import _paths


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        ("10\t\ta/b.txt\n20\tx\tc d.txt", "a/b.txt\nc d.txt"),
        ("10\t\ta.txt", "a.txt"),
        ("10\t\ta\tb.txt\n20\t\tc.txt", "a\tb.txt\nc.txt"),
        ("10\t\ta.txt\n2", "a.txt\n2"),
        ("", ""),
    ],
)
def test_paths_are_told_from_sizes_and_flags(files: str, paths: str) -> None:
    assert _paths(files) == paths
