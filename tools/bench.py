"""Run every benchmark of benches/ and keep what they print, with the machine and the commit.

With BENCH_DAY=1 also the day of ten million peers, which takes a quarter of an hour.
"""

import datetime as dt
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Final

FOLDER: Final = Path("benches")


def machine() -> str:
    """Describe the machine in one line."""
    cpus = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in cpus if line.startswith("model name")]
    memory = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()[0].split()[1]
    model = models[0] if models else platform.machine()
    return f"{len(models)} x {model}, {int(memory) // 1024} MiB, Linux {platform.release()}"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], check=False, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def run(command: list[str]) -> tuple[str, bool]:
    """Run one benchmark and give what it printed."""
    print(f"== {' '.join(command[-1:])}", flush=True)
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    print(done.stdout, flush=True)
    return done.stdout, done.returncode == 0


def section(title: str, text: str, *, is_good: bool) -> str:
    """Write what one benchmark printed as a section of the page."""
    return f"## {title}{'' if is_good else ' (failed)'}\n\n```\n{text.strip()}\n```\n"


def main() -> int:
    """Write `benches/results/<date>-<commit>.md`."""
    commit = _git("rev-parse", "--short", "HEAD")
    today = dt.datetime.now(dt.UTC).date()
    sections, all_good = [f"# {today}, commit {commit}\n\n{machine()}\n"], True
    for path in sorted(FOLDER.glob("*.py")):
        text, is_good = run([sys.executable, str(path)])
        all_good &= is_good
        sections.append(section(path.name, text, is_good=is_good))
    crate = ["cargo", "bench", "--locked", "--workspace"]
    day = ["cargo", "bench", "--locked", "--package", "bottin-tracker", "--bench", "store", "day"]
    wants_day = os.environ.get("BENCH_DAY", "0") not in {"", "0"}
    for title, command in [("The crate", crate), *([("A day", day)] if wants_day else [])]:
        text, is_good = run(command)
        all_good &= is_good
        sections.append(section(title, text, is_good=is_good))
    target = FOLDER / "results" / f"{today}-{commit}.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(sections), encoding="utf-8")
    print(f"Written: {target}")
    return 0 if all_good else 1


if __name__ == "__main__":
    sys.exit(main())
