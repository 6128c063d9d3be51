"""Run the whole test suite, every step even after a failure, and end with one summary."""

import itertools
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

PYTEST: Final = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
# They start whole sites and kill them: one after the other, in two lanes of about one length.
LANES: Final = (
    ("integration/config", "integration/tracker", "contract", "e2e", "fuzz"),
    ("integration/ledger", "e2e/browser"),
)
_CARGO: Final = re.compile(
    r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", re.MULTILINE
)


@dataclass(frozen=True)
class Result:
    """What one step gave."""

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: float


def run_plain(name: str, command: list[str]) -> Result:
    """Run a step that passes or fails as one."""
    began = time.monotonic()
    is_good = subprocess.run(command, check=False).returncode == 0
    return Result(name, int(is_good), int(not is_good), 0, time.monotonic() - began)


def run_cargo(name: str) -> Result:
    """Run the crate's tests and add up what each test program says."""
    began = time.monotonic()
    command = ["cargo", "test", "--locked", "--workspace", "--quiet", "--no-fail-fast"]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    sys.stdout.write(done.stdout)
    counts = [[int(number) for number in found] for found in _CARGO.findall(done.stdout)]
    passed, failed, ignored = (
        (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0, 0)
    )
    if done.returncode != 0 and failed == 0:
        failed = 1  # it did not compile
    return Result(name, passed, failed, ignored, time.monotonic() - began)


def run_pytest(name: str, *arguments: str) -> Result:
    """Run a part of the Python tests and read its report."""
    began = time.monotonic()
    print(f"-- {name} …", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [*PYTEST, f"--junit-xml={report}", *arguments],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        total, failed, skipped = _counts(report)
    # Two lanes run at once: each step's words come in one piece.
    print(f"== {name}\n{done.stdout}", flush=True)
    if done.returncode not in {0, 5} and failed == 0:  # 5: no test was collected
        failed = 1
    return Result(name, total - failed - skipped, failed, skipped, time.monotonic() - began)


def _counts(report: Path) -> tuple[int, int, int]:
    if not report.exists():
        return 0, 0, 0
    suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314 - pytest's own file
    numbers = {
        key: sum(int(suite.get(key, 0)) for suite in suites)
        for key in ("tests", "failures", "errors", "skipped")
    }
    return numbers["tests"], numbers["failures"] + numbers["errors"], numbers["skipped"]


def _side_by_side() -> list[str]:
    """List the integration suites that need a database and nothing else of their own."""
    folders = sorted(path.name for path in Path("tests/integration").iterdir() if path.is_dir())
    alone = set(itertools.chain(*LANES))
    return [name for name in folders if f"integration/{name}" not in alone and name[0] != "_"]


def _without_other_lanes(name: str) -> list[str]:
    """Leave out the suites inside this one that run on their own."""
    inside = [other for other in itertools.chain(*LANES) if other.startswith(f"{name}/")]
    return [f"--ignore=tests/{other}" for other in inside]


def run_lane(names: Iterable[str]) -> list[Result]:
    """Run the suites of a lane one after the other, those that have tests."""
    return [
        run_pytest(name, f"tests/{name}", *_without_other_lanes(name))
        for name in names
        if any(Path("tests", name).rglob("test_*.py"))
    ]


def run_all() -> list[Result]:
    """Run every step, the quick ones first."""
    os.environ.setdefault("HYPOTHESIS_PROFILE", "ci")
    results = [
        run_plain("lint", ["make", "lint"]),
        run_plain("types", ["make", "types"]),
        run_cargo("rust"),
        run_pytest(
            "python",
            "-n",
            "auto",
            "--dist",
            "loadfile",
            "tests/architecture",
            "tests/unit",
            "tests/property",
            *(f"tests/integration/{folder}" for folder in _side_by_side()),
        ),
    ]
    with ThreadPoolExecutor(len(LANES)) as lanes:
        return results + list(itertools.chain(*lanes.map(run_lane, LANES)))


def main() -> int:
    """Print the table, then the line that counts."""
    began = time.monotonic()
    results = run_all()
    print(f"\n{'step':<14}{'passed':>8}{'failed':>8}{'skipped':>8}{'seconds':>9}")
    for one in results:
        print(f"{one.name:<14}{one.passed:>8}{one.failed:>8}{one.skipped:>8}{one.seconds:>9.1f}")
    passed = sum(one.passed for one in results)
    failed = sum(one.failed for one in results)
    skipped = sum(one.skipped for one in results)
    more = f", {skipped} skipped" if skipped else ""
    print(f"\n{passed} passed, {failed} failed{more} in {time.monotonic() - began:.1f}s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
