"""The extension and the search engine are named by one file each."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FACADE: Final = {"bottin/tracker/dataplane.py"}
INDEX: Final = "bottin/search/index/"


@functools.cache
def imported_names(path: Path) -> frozenset[str]:
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers_of(name: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "bottin").rglob("*.py")
        if any(f"{imported}.".startswith(f"{name}.") for imported in imported_names(path))
    }


def test_only_the_facade_imports_the_extension() -> None:
    assert importers_of("bottin._native") == FACADE


def test_only_the_index_imports_the_search_engine() -> None:
    users = importers_of("tantivy")

    assert users
    assert all(path.startswith(INDEX) for path in users)


def test_the_leaves_know_no_django() -> None:
    users = importers_of("django")

    assert not {path for path in users if path.startswith(("bottin/lib/", "bottin/metainfo/"))}


def test_nobody_imports_by_a_relative_path() -> None:
    relative = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "bottin").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ImportFrom) and node.level
    ]

    assert relative == []
