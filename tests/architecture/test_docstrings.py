"""Public functions state their contract, and name the refusals they raise (conventions §7)."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[2] / "bottin"
SPOKEN: Final = ("actions.py", "queries.py", "tracker/dataplane.py", "metainfo/*.py", "lib/*.py")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> Iterator[Path]:
    for pattern in SPOKEN:
        yield from sorted(PACKAGE.rglob(pattern) if "/" not in pattern else PACKAGE.glob(pattern))


def public_functions(path: Path) -> Iterator[Function]:
    for node in ast.parse(path.read_bytes()).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        if isinstance(node, ast.ClassDef) and node.name.startswith("_"):
            continue
        for function in inner:
            if isinstance(function, Function) and not function.name.startswith("_"):
                yield function


def refusals_raised(function: Function) -> set[str]:
    """Name the classes raised directly, lower layers' exceptions left out."""
    return {
        node.exc.func.id
        for node in ast.walk(function)
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
    }


def test_every_module_opens_with_a_sentence() -> None:
    silent = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "migrations" not in path.parts
        and path.name != "__init__.py"
        and not ast.get_docstring(ast.parse(path.read_bytes()))
    ]

    assert silent == []


def test_public_functions_have_a_docstring() -> None:
    silent = [
        f"{path.relative_to(PACKAGE)}::{function.name}"
        for path in modules()
        for function in public_functions(path)
        if not ast.get_docstring(function)
    ]

    assert silent == []


def test_refusals_raised_in_an_action_are_named_there() -> None:
    unsaid = [
        f"{path.relative_to(PACKAGE)}::{function.name}: {refusal}"
        for path in PACKAGE.rglob("actions.py")
        for function in public_functions(path)
        for refusal in refusals_raised(function)
        if refusal not in (ast.get_docstring(function) or "")
    ]

    assert unsaid == []
