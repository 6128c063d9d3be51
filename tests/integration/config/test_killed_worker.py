"""REL-32: a worker that is killed in the middle of a task loses nothing: the task runs again."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(400)]
Served = Any  # the class of this folder's conftest.py, which cannot be imported
ENQUEUE = """
from bottin.config.site import load_django
load_django()
from tests.integration.config.slow_task import write_down
print(write_down.enqueue({folder!r}).id)
"""
LOOK = """
import json
from bottin.config.site import load_django
load_django()
from django_tasks_db.models import DBTaskResult
row = DBTaskResult.objects.get(pk={id!r})
print(json.dumps([row.status, row.return_value, len(row.worker_ids)]))
"""


def python(site: Served, script: str) -> str:
    """Run a script with the site's settings; what it printed last."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[3],
        env=site.environ,
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_rel_32_a_task_whose_worker_is_killed_runs_once_more_to_its_end(
    served: Served, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    served.settings["BOTTIN_TASK_MAX_S"] = "10"
    served.start().wait_ready()
    began, effect = tmp_path / "began", tmp_path / "effect"
    task = python(served, ENQUEUE.format(folder=str(tmp_path)))
    eventually(lambda: began.exists() and began.read_text("ascii").endswith("\n"))
    victim = int(began.read_text("ascii"))
    assert victim == served.pid_of("worker")

    os.kill(victim, signal.SIGKILL)

    eventually(effect.exists)
    workers = began.read_text("ascii").splitlines()
    assert len(workers) == 2
    assert workers[1] == str(served.pid_of("worker"))
    eventually(lambda: python(served, LOOK.format(id=task)) == '["SUCCESSFUL", "done", 2]')
    (expired,) = served.events("task.lease_expired")
    assert (expired["id"], expired["attempts"]) == (task, 1)
