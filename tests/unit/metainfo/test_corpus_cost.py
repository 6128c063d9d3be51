"""What each hostile file may cost: 200 ms of a processor, 64 MiB (T-8)."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.data.metainfo.case import Case
from tests.data.metainfo.corpus import CASES


@pytest.fixture(scope="module")
def outcomes() -> list[tuple[Case, str]]:
    """Give every file to a child under the limits; say how each ended."""
    cases = list(CASES)
    given = b"".join(len(case.raw).to_bytes(4, "big") + case.raw for case in cases)
    done = subprocess.run(
        [sys.executable, "-m", "tests.data.metainfo.cost"],
        input=given,
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    return list(zip(cases, done.stdout.decode().splitlines(), strict=True))


def test_meta_13_each_file_ends_as_documented_within_200_ms_and_64_mib(
    outcomes: list[tuple[Case, str]],
) -> None:
    others = [(case.name, said) for case, said in outcomes if said != (case.code or "accepted")]

    assert others == []


def test_meta_13_the_files_that_fill_a_limit_to_the_brim_are_among_them(
    outcomes: list[tuple[Case, str]],
) -> None:
    named = {case.name for case, _said in outcomes}

    assert named >= {"tokens_500001", "empty_strings_500001", "files_50002"}
    assert len(outcomes) >= 300
