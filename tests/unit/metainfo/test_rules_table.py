"""docs/metainfo.md says what becomes of each META rule, and which test shows it."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.data.metainfo.corpus import CASES

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs" / "metainfo.md").read_text(encoding="utf-8")
ROWS: Final = {
    int(row[1]): row[0] for row in re.finditer(r"^\| META-(\d+) \|.*\|$", PAGE, re.MULTILINE)
}
RULES: Final = range(1, 19)
# The rules that a `.torrent` file can break, or bend.
OF_A_FILE: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)


def test_every_meta_rule_has_one_row() -> None:
    assert sorted(ROWS) == list(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_row_names_a_test_that_exists(rule: int) -> None:
    paths = re.findall(r"`(tests/[\w/.]+\.py)`", ROWS[rule])

    assert paths or "| not built" in ROWS[rule], f"META-{rule} has no test"
    assert [path for path in paths if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("rule", OF_A_FILE)
def test_the_corpus_has_files_for_every_rule_a_file_can_break(rule: int) -> None:
    count = Counter(case.rule for case in CASES)[f"META-{rule}"]

    assert count >= 4, f"META-{rule}: {count} files"
    assert f"| {count} " in ROWS[rule], f"META-{rule}: the table is behind the corpus, {count}"
