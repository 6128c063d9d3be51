"""Modules of the crate use each other as docs/conventions.md §2 says."""

import re
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).resolve().parents[2] / "tracker/src"
LEAVES: Final = {"wire", "clock", "config"}
MAY_USE: Final[dict[str, set[str]]] = {
    "wire": set(),
    "clock": set(),
    "config": set(),
    "policy": {"wire", "clock"},
    "swarm": {"wire", "clock"},
    "connection": {"wire", "clock"},
    "journal": {"wire", "clock"},
    "stats": {"wire", "clock"},
    "notices": set(),
    "asked": {"wire", "policy", "swarm", "clock"},
    "lib": {"asked", "wire", "policy", "swarm", "clock", "journal", "stats", "connection"},
    "serve": {"wire", "clock", "config", "policy", "swarm", "connection", "journal", "stats"}
    | {"notices"},
    "python": {"serve", "config", "journal", "stats", "wire", "policy", "notices"},
}
_PATH: Final = re.compile(r"\bcrate::(?:\{([^}]*)\}|(\w+))")
_DECLARED: Final = re.compile(r"^\s*(?:pub(?:\([^)]*\))? )?mod (\w+);", re.MULTILINE)
_COMMENT: Final = re.compile(r"//[^\n]*")


def module_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".rs")


def used_by(path: Path) -> set[str]:
    text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    names = {
        name.split("::")[0].strip()
        for group, single in _PATH.findall(text)
        for name in (group.split(",") if group else [single])
    }
    return {name for name in names if name and name[0].islower()}


def declared() -> set[str]:
    return set(_DECLARED.findall((SOURCE / "lib.rs").read_text(encoding="utf-8")))


def test_every_module_is_in_the_table() -> None:
    assert declared() <= set(MAY_USE)


def test_modules_use_only_what_the_table_allows() -> None:
    modules = declared()
    wrong = {
        f"{path.relative_to(SOURCE)} -> {used}"
        for path in SOURCE.rglob("*.rs")
        for used in used_by(path) & modules
        if used != module_of(path) and used not in MAY_USE.get(module_of(path), set())
    }

    assert wrong == set()
