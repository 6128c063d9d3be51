"""Make the virtual environment, with whatever Debian left out of Python."""

import os
import shutil
import subprocess
import sys


def main(folder: str) -> int:
    """Make it; on Debian the module may be a package of its own, which root installs."""
    if sys.version_info < (3, 11):  # noqa: UP036 - it is what is being asked
        print(f"Bottin needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
        return 1
    command = [sys.executable, "-m", "venv", folder]
    if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode == 0:
        return 0
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"Python cannot make virtual environments: run `apt install {package}`.")
        return 1
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=environ)
    subprocess.run(["apt-get", "install", "-y", "-qq", package], check=False, env=environ)
    return subprocess.run([*command, "--clear"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
