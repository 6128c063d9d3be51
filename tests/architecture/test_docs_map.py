"""Every path that a page of docs/ names exists."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
MAP: Final = ROOT / "docs/architecture.md"
_QUOTED: Final = re.compile(r"`((?:bottin|tracker|tests|docs|benches|deploy|tools)/[^`\s]+)`")


@pytest.mark.skipif(not MAP.exists(), reason="the page is not written")
def test_paths_of_the_map_exist() -> None:
    named = _QUOTED.findall(MAP.read_text(encoding="utf-8"))

    missing = [name for name in named if not (ROOT / name.partition("::")[0]).exists()]

    assert named
    assert missing == []


@pytest.mark.skipif(not MAP.exists(), reason="the page is not written")
def test_names_after_a_path_exist_in_it() -> None:
    named = [n.split("::") for n in _QUOTED.findall(MAP.read_text(encoding="utf-8")) if "::" in n]

    missing = [
        "::".join([path, *names])
        for path, *names in named
        for name in names
        if not re.search(rf"\b{re.escape(name)}\b", (ROOT / path).read_text(encoding="utf-8"))
    ]

    assert missing == []
