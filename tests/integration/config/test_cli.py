"""The command `bottin`: sentences, exit codes, JSON; it starts at once."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]


def bottin(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command with these settings and no others."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("BOTTIN_")}
    return subprocess.run(
        [sys.executable, "-m", "bottin", *arguments],
        cwd=ROOT,
        env={**environ, **settings},
        capture_output=True,
        check=False,
        text=True,
        timeout=110,
    )


def test_help_lists_the_commands_and_loads_neither_django_nor_the_settings() -> None:
    script = (
        "import sys; sys.argv = ['bottin', '--help']\n"
        "from bottin.config.cli import app\n"
        "try: app()\n"
        "finally: print(sorted({'django', 'pydantic', 'psycopg'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False, text=True
    )

    assert "serve" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("arguments", [["nonsense"], ["serve", "--nonsense"], ["doctor", "more"]])
def test_wrong_usage_is_exit_code_two(arguments: list[str]) -> None:
    assert bottin(*arguments).returncode == 2


@pytest.mark.parametrize("command", ["serve", "web", "tracker", "worker", "doctor", "migrate"])
def test_a_wrong_setting_is_one_sentence_and_exit_code_one(command: str) -> None:
    done = bottin(command, BOTTIN_WEB_LISTN="x")

    assert done.returncode == 1
    assert done.stderr.endswith(
        "BOTTIN_WEB_LISTN is not a setting: did you mean BOTTIN_WEB_LISTEN?\n"
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["sqlite:///x.db", "mysql://h/n", "nonsense"])
def test_another_kind_of_database_is_refused(tmp_path: Path, url: str) -> None:
    done = bottin("web", BOTTIN_DATA_DIR=str(tmp_path), DATABASE_URL=url)

    assert (done.returncode, "Bottin needs postgresql://" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_is_a_sentence_without_its_password(
    tmp_path: Path,
) -> None:
    url = "postgresql://bottin:hush@127.0.0.1:1/bottin"

    done = bottin("worker", BOTTIN_DATA_DIR=str(tmp_path), DATABASE_URL=url)

    assert (done.returncode, "127.0.0.1:1 does not answer" in done.stderr) == (1, True)
    assert "hush" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_part_without_its_database_says_so(tmp_path: Path) -> None:
    done = bottin("worker", BOTTIN_DATA_DIR=str(tmp_path))

    assert (done.returncode, "start it with `bottin serve`" in done.stderr) == (1, True)


def test_migrate_works_on_a_site_that_is_not_running(short_path: Path) -> None:
    done = bottin("migrate", BOTTIN_DATA_DIR=str(short_path / "data"))

    assert done.returncode == 0, done.stderr
    assert "The database is up to date." in done.stdout
    assert (short_path / "data/static/staticfiles.json").exists()


def test_the_doctor_of_a_site_that_never_ran_says_what_to_do(tmp_path: Path) -> None:
    began = time.monotonic()

    done = bottin("doctor", "--json", BOTTIN_DATA_DIR=str(tmp_path))

    found = {one["check"]: one for one in json.loads(done.stdout)}
    assert (done.returncode, found["database"]["status"]) == (1, "FAIL")
    assert "bottin serve" in found["database"]["says"]
    assert found["ports"]["status"] in {"OK", "WARN", "FAIL"}
    assert time.monotonic() - began < 100
