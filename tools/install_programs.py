"""Install the programs that the tests use beside Python and Rust, or name them and go on."""

import os
import shutil
import subprocess
import sys
from typing import Final

# Program looked for, Debian's package.
WANTED: Final = {
    "xgettext": "gettext",
    "chromium": "chromium",
    "transmission-daemon": "transmission-daemon",
    "aria2c": "aria2",
    "setpriv": "util-linux",
}


def main() -> int:
    """Install what is missing when we may; its absence is told by the tests that need it."""
    missing = [package for program, package in WANTED.items() if not shutil.which(program)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["install", "-y", "-qq", "--no-install-recommends", *missing]
        if not _apt_get(*install):
            _apt_get("update", "-qq")
            _apt_get(*install)
        missing = [package for program, package in WANTED.items() if not shutil.which(program)]
    if missing:
        print(f"Some tests will not run: install {', '.join(missing)} (apt install …).")
    return 0


def _apt_get(*arguments: str) -> bool:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", *arguments]
    done = subprocess.run(command, check=False, env=environ, stdout=subprocess.DEVNULL)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
