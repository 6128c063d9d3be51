"""Each fuzzer from its committed seeds, FUZZ_S seconds; the crate's parsers do the same in Rust."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
SECONDS: Final = max(1, round(float(os.environ.get("FUZZ_S", "3"))))


@pytest.mark.timeout(SECONDS + 120)
@pytest.mark.parametrize(
    "target", sorted(ROOT.glob("tests/fuzz/*/fuzz_*.py")), ids=lambda it: it.stem
)
def test_no_input_breaks_a_parser(target: Path, tmp_path: Path) -> None:
    limits = [f"-max_total_time={SECONDS}", "-timeout=10", "-rss_limit_mb=2048", "-verbosity=0"]
    module = ".".join(target.relative_to(ROOT).with_suffix("").parts)
    # What is new goes to the first folder; the second is only read.
    folders = [f"-artifact_prefix={tmp_path}/", str(tmp_path), str(target.with_name("seeds"))]

    command = [sys.executable, "-m", module, *limits, *folders]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr[-4000:]
