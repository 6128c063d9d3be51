"""The fuzz target runs, from its seeds, and finds nothing at once."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SEEDS = ROOT / "tests" / "fuzz" / "metainfo" / "seeds"


def test_the_fuzz_target_survives_a_thousand_runs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz.metainfo.fuzz_parse", "-runs=1000", "-seed=1"]

    done = subprocess.run(
        [*command, str(tmp_path), str(SEEDS)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=90,
    )

    assert done.returncode == 0, done.stderr[-2_000:]
    assert b"DONE" in done.stderr
