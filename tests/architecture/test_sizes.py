"""Files and functions stay small; an exception has a number that only goes down."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE_FILE: Final = 400
TEST_FILE: Final = 500
FUNCTION: Final = 50
RUST_FILE: Final = 500
RUST_FUNCTION: Final = 60
TEMPLATE: Final = 200
# The files that docs/conventions.md §1 gives a limit of their own.
MARKED: Final = {
    "README.md": 120,
    "LISEZMOI.md": 120,
    "CONTRIBUTING.md": 120,
    "Makefile": 120,
    ".ci/run": 40,
    "bottin/_native.pyi": 180,
    "docs/architecture.md": 150,
    "tests/conftest.py": 150,
    "tracker/src/lib.rs": 100,
    "tracker/src/serve/sys.rs": 300,
    "tracker/src/python.rs": 300,
}
# path, or path::function: lines. It only shrinks: a number too high fails as well.
EXCEPTIONS: Final[dict[str, int]] = {}

_RUST_FUNCTION: Final = re.compile(
    r"^( *)(?:pub(?:\([^)]*\))? )?(?:const |async )*fn (\w+)", re.MULTILINE
)


def files(folder: str, pattern: str) -> Iterator[Path]:
    for path in sorted((ROOT / folder).rglob(pattern)):
        if not {"migrations", "target", "node_modules"}.intersection(path.parts):
            yield path


def lines_of(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def too_long(paths: Iterator[Path], limit: int) -> dict[str, int]:
    return {
        name_of(path): lines_of(path)
        for path in paths
        if lines_of(path) > EXCEPTIONS.get(name_of(path), limit)
    }


@pytest.mark.parametrize(
    ("folder", "pattern", "limit"),
    [
        ("bottin", "*.py", PACKAGE_FILE),
        ("tools", "*.py", PACKAGE_FILE),
        ("benches", "*.py", PACKAGE_FILE),
        ("tests", "*.py", TEST_FILE),
        ("tracker", "*.rs", RUST_FILE),
        ("bottin", "*.html", TEMPLATE),
    ],
)
def test_files_are_short(folder: str, pattern: str, limit: int) -> None:
    assert too_long(files(folder, pattern), limit) == {}


def test_marked_files_keep_their_own_limit() -> None:
    found = {name: ROOT / name for name in MARKED if (ROOT / name).exists()}

    assert {n: lines_of(p) for n, p in found.items() if lines_of(p) > MARKED[n]} == {}


@functools.cache
def python_functions() -> dict[str, int]:
    return {
        f"{name_of(path)}::{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for folder in ("bottin", "tests", "tools", "benches")
        for path in files(folder, "*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_python_functions_are_short() -> None:
    sizes = python_functions()

    assert {n: s for n, s in sizes.items() if s > EXCEPTIONS.get(n, FUNCTION)} == {}


def rust_functions(path: Path) -> Iterator[tuple[str, int]]:
    """Measure functions by indentation, which rustfmt guarantees."""
    text = path.read_text(encoding="utf-8")
    for found in _RUST_FUNCTION.finditer(text):
        rest = text[found.start() :]
        end = re.search(rf"^{found[1]}\}}", rest, re.MULTILINE)
        first_brace, first_semicolon = rest.find("{"), rest.find(";")
        if end and first_brace >= 0 and not 0 <= first_semicolon < first_brace:
            yield f"{name_of(path)}::{found[2]}", rest[: end.end()].count("\n") + 1


def test_rust_functions_are_short() -> None:
    sizes = dict(pair for path in files("tracker", "*.rs") for pair in rust_functions(path))

    assert {n: s for n, s in sizes.items() if s > EXCEPTIONS.get(n, RUST_FUNCTION)} == {}


def test_exceptions_only_shrink() -> None:
    functions = python_functions()
    now = {
        name: functions.get(name, 0) if "::" in name else lines_of(ROOT / name)
        for name in EXCEPTIONS
    }

    assert now == EXCEPTIONS
