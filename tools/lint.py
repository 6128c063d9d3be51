"""Run every linter, the rest after a failure too, and say at the end which ones failed."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

BIN: Final = Path(sys.executable).parent
CLIPPY: Final = ["cargo", "clippy", "--locked", "--quiet"]
SPELLED: Final = ("bottin", "tracker/src", "tracker/tests", "docs", "tools", "benches")
STEPS: Final[dict[str, list[str]]] = {
    "ruff": [f"{BIN}/ruff", "check", "--quiet", "."],
    "ruff format": [f"{BIN}/ruff", "format", "--check", "--quiet", "."],
    "layers": [f"{BIN}/lint-imports", "--no-logo"],
    "templates": [f"{BIN}/djlint", "--lint", "--quiet", "bottin"],
    "spelling": [f"{BIN}/codespell", *SPELLED, "README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
    "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    "django's audit": [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    "rustfmt": ["cargo", "fmt", "--all", "--check"],
    "clippy": [*CLIPPY, "--workspace", "--all-targets", "--", "-D", "warnings"],
    "clippy, python": [*CLIPPY, "--workspace", "--features", "python", "--", "-D", "warnings"],
}


def main() -> int:
    """Run all; a quiet step passed."""
    # Settings of a site in public, for Django's own audit; nothing is served from there.
    public = {"BOTTIN_SITE_URL": "https://bottin.example", "BOTTIN_DATA_DIR": ".make/public"}
    environ = {name: text for name, text in os.environ.items() if not name.startswith("BOTTIN_")}
    failed = []
    for name, command in STEPS.items():
        began = time.monotonic()
        done = subprocess.run(
            command,
            check=False,
            env={**environ, **public},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        is_good = done.returncode == 0
        print(
            f"{'ok' if is_good else 'FAILED':<7}{name} ({time.monotonic() - began:.1f} s)",
            flush=True,
        )
        if not is_good:
            failed.append(name)
            print(done.stdout, flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
