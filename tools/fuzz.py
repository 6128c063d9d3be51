"""Fuzz every parser for a bounded time, from its committed seeds; a crash becomes a unit test."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

TARGETS: Final = Path("tests/fuzz")
CRATE: Final = Path("tracker/fuzz")


def fuzz_python(seconds: str) -> list[str]:
    """Run each `fuzz_*.py`; what it finds new stays in a temporary corpus."""
    failed = []
    for target in sorted(TARGETS.rglob("fuzz_*.py")):
        print(f"== {target}", flush=True)
        seeds = target.with_name("seeds")
        with tempfile.TemporaryDirectory() as corpus:
            folders = [corpus, *([str(seeds)] if seeds.is_dir() else [])]
            limits = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048"]
            module = ".".join(target.with_suffix("").parts)
            command = [sys.executable, "-m", module, *limits, *folders]
            if subprocess.run(command, check=False).returncode != 0:
                failed.append(str(target))
    return failed


def fuzz_rust(seconds: str) -> list[str]:
    """Run each target of the crate, where cargo-fuzz is installed."""
    targets = sorted(path.stem for path in CRATE.glob("fuzz_targets/*.rs"))
    if targets and not shutil.which("cargo-fuzz"):
        print("The crate's targets need cargo-fuzz: cargo install --locked cargo-fuzz")
        return []
    # Sanitizers are options of unstable Rust; the stable compiler has them and takes them so.
    allowed = os.environ | {"RUSTC_BOOTSTRAP": "1"}
    failed = []
    for target in targets:
        print(f"== {target}", flush=True)
        found = CRATE / "corpus" / target
        found.mkdir(parents=True, exist_ok=True)
        folders = [f"fuzz/corpus/{target}", f"fuzz/seeds/{target}"]
        command = ["cargo", "fuzz", "run", target, *folders, "--", f"-max_total_time={seconds}"]
        if subprocess.run(command, check=False, cwd=CRATE.parent, env=allowed).returncode != 0:
            failed.append(target)
    return failed


def main(seconds: str) -> int:
    """Fuzz all; the exit code tells whether anything crashed."""
    failed = fuzz_python(seconds) + fuzz_rust(seconds)
    print(f"Crashed: {', '.join(failed)}." if failed else "No target crashed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
