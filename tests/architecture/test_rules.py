"""Each rule of the tracker has a test with its id, or a reason; the page names tests that exist."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs/protocol.md"
# How many rules each family has; its ids run from 1.
FAMILIES: Final = {
    "http": 19,
    "err": 8,
    "evt": 12,
    "scr": 7,
    "id": 16,
    "udp": 18,
    "v2": 5,
    "ws": 9,
    "abuse": 12,
    "run": 13,
    "byte": 15,
    "jrn": 8,
    "perf": 6,
}
_RUST: Final = re.compile(r"^\s*fn (\w+)\(", re.MULTILINE)
_PYTHON: Final = re.compile(r"^\s*(?:async )?def (test_\w+)\(", re.MULTILINE)
_NAMED: Final = re.compile(r"`((?:test_)?[a-z][a-z0-9]*(?:_[a-z0-9]+){2,})`")
_ID: Final = re.compile(rf"({'|'.join(FAMILIES)})((?:_\d\d)+(?:_(?:to|and)_\d\d)*)(?![a-z0-9])")


def every_test() -> set[str]:
    rust = [path.read_text("utf-8") for path in (ROOT / "tracker").rglob("*.rs")]
    python = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    return {name for text in rust for name in _RUST.findall(text)} | {
        name for text in python for name in _PYTHON.findall(text)
    }


def rules_of(name: str) -> set[str]:
    found = set()
    for family, numbers in _ID.findall(name):
        words = [word for word in numbers.split("_") if word]
        known = [int(word) for word in words if word.isdigit()]
        span = range(known[0], known[-1] + 1) if "to" in words else known
        found |= {f"{family.upper()}-{number}" for number in span}
    return found


def test_each_rule_has_a_test_or_a_reason() -> None:
    every = {
        f"{family.upper()}-{n}" for family, last in FAMILIES.items() for n in range(1, last + 1)
    }
    tested = {rule for name in every_test() for rule in rules_of(name)}
    absent = PAGE.read_text("utf-8").partition("## Not done, by choice")[2]
    excused = set(re.findall(r"^\| ([A-Z0-9]+-\d+) \|", absent, re.MULTILINE))

    assert every - tested - excused == set()
    assert excused <= every


def test_tests_that_the_page_names_exist() -> None:
    page = PAGE.read_text("utf-8")
    known = every_test()
    named = {name for name in _NAMED.findall(page) if rules_of(name) or name.startswith("test_")}

    assert len(named) > 100
    assert named - known == set()
