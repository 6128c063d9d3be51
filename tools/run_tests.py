"""Run the whole test suite, every step even after a failure, and end with one summary."""

import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

PYTEST: Final = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
# They start whole sites and kill them: one after the other.
SLOW: Final = (
    "integration/config",
    "integration/ledger",
    "integration/tracker",
    "contract",
    "e2e",
    "fuzz",
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
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        code = subprocess.run(
            [*PYTEST, f"--junit-xml={report}", *arguments], check=False
        ).returncode
        total, failed, skipped = _counts(report)
    if code not in {0, 5} and failed == 0:  # 5: no test was collected
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
    return [name for name in folders if f"integration/{name}" not in SLOW and name[0] != "_"]


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
    slow = [name for name in SLOW if any(Path("tests", name).rglob("test_*.py"))]
    return results + [run_pytest(name, f"tests/{name}") for name in slow]


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
