"""Install the programs that the tests use beside Python and Rust, or name them and go on."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Final

# Program looked for, Debian's package.
WANTED: Final = {
    "xgettext": "gettext",
    "chromium": "chromium",
    "transmission-daemon": "transmission-daemon",
    "aria2c": "aria2",
    "rtorrent": "rtorrent",
    "deluged": "deluged",
    "qbittorrent-nox": "qbittorrent-nox",
    "node": "nodejs",
    "npm": "npm",
    "setpriv": "util-linux",
}
# Packages that start a service of their own: tests start theirs, and nobody asked for another.
SERVICES: Final = {"transmission-daemon": "transmission-daemon", "deluged": "deluged"}
Run = Callable[[list[str]], bool]


def main() -> int:
    """Install what is missing when we may; its absence is told by the tests that need it."""
    may_install = os.geteuid() == 0 and shutil.which("apt-get") is not None
    print(provide(missing(), run if may_install else None), end="")
    return 0


def missing() -> list[str]:
    """List the packages whose programs are not here."""
    return [package for program, package in WANTED.items() if not shutil.which(program)]


def provide(packages: list[str], run: Run | None) -> str:
    """Install packages if there is a way; one sentence names those that are missing still."""
    if packages and run is not None:
        install(packages, run)
        packages = missing()
    if not packages:
        return ""
    names = " ".join(packages)
    return f"Some tests will be skipped: to run them too, `apt-get install {names}` as root.\n"


def install(packages: list[str], run: Run) -> None:
    """Install them all at once; failing that, each that there is, from fresh lists."""
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    if not run([*command, *packages]):
        run(["apt-get", "update", "-qq"])
        for package in packages:
            run([*command, package])
    for service in [SERVICES[package] for package in packages if package in SERVICES]:
        run(["systemctl", "--quiet", "disable", service])


def run(command: list[str]) -> bool:
    """Run a command of the system; whether it did what it was asked."""
    # Offline, systemd is told to start nothing.
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "SYSTEMD_OFFLINE": "1"}
    try:
        done = subprocess.run(command, check=False, env=environ, stdout=subprocess.DEVNULL)
    except FileNotFoundError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
