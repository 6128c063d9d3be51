"""`unsafe` is said in one file of the crate, under a reason, or nowhere."""

import re
from pathlib import Path
from typing import Final

import pytest

CRATE: Final = Path(__file__).resolve().parents[2] / "tracker"
ALLOWED: Final = CRATE / "src/serve/sys.rs"
_UNSAFE: Final = re.compile(r"\bunsafe\s*(?:\{|fn\b|impl\b|trait\b|extern\b)")
_COMMENT: Final = re.compile(r"//[^\n]*")


def test_only_one_file_says_unsafe() -> None:
    users = {
        path.relative_to(CRATE).as_posix()
        for path in CRATE.rglob("*.rs")
        if "target" not in path.parts
        and _UNSAFE.search(_COMMENT.sub("", path.read_text(encoding="utf-8")))
    }

    assert users <= {ALLOWED.relative_to(CRATE).as_posix()}


@pytest.mark.skipif(not ALLOWED.exists(), reason="nothing needs unsafe")
def test_that_file_gives_its_reason_and_each_block_its_own() -> None:
    text = ALLOWED.read_text(encoding="utf-8")

    assert re.search(r"#!\[expect\(\s*unsafe_code,\s*reason = ", text)
    assert text.count("// SAFETY:") >= len(_UNSAFE.findall(_COMMENT.sub("", text)))
