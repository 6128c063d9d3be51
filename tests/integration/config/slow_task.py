"""A task that the tests kill in its middle; a worker of its own process imports it."""

import os
import threading
from pathlib import Path

from django_tasks import task


@task()
def write_down(folder: str) -> str:
    """Say that it began; hang the first time, until it is killed; else write the effect."""
    with (Path(folder) / "began").open("a", encoding="ascii") as file:
        file.write(f"{os.getpid()}\n")
    if len((Path(folder) / "began").read_text(encoding="ascii").splitlines()) == 1:
        threading.Event().wait()
    (Path(folder) / "effect").write_text("done", encoding="ascii")
    return "done"
