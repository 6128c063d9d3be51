"""What the tests need beside Python and Rust is installed, or named in one sentence."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.e2e import kinds
from tools import install_programs

ROOT: Final = Path(__file__).resolve().parents[3]


@pytest.fixture
def nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no program at all on the path."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("nothing_here")
def test_who_may_not_install_reads_one_sentence_and_goes_on() -> None:
    said = install_programs.provide(install_programs.missing(), None)

    assert said.count("\n") == 1
    assert all(package in said for package in install_programs.WANTED.values())


def test_without_apt_get_nobody_installs_and_everybody_goes_on(tmp_path: Path) -> None:
    done = _as_a_program(PATH=str(tmp_path))

    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    assert "qbittorrent-nox" in done.stdout


def test_what_is_here_is_not_installed_again() -> None:
    assert install_programs.provide([], _never) == ""


@pytest.mark.usefixtures("nothing_here")
def test_a_package_that_does_not_exist_keeps_no_other_from_being_installed() -> None:
    asked: list[list[str]] = []

    def run(command: list[str]) -> bool:
        asked.append(command)
        return False

    install_programs.install(["aria2", "no-such-package"], run)

    ends = [command[-1] for command in asked]
    assert ends == ["no-such-package", "-qq", "aria2", "no-such-package"]


@pytest.mark.usefixtures("nothing_here")
def test_a_service_that_came_with_a_program_does_not_stay() -> None:
    asked: list[list[str]] = []

    def run(command: list[str]) -> bool:
        asked.append(command)
        return True

    install_programs.install(["deluged"], run)

    assert asked[-1] == ["systemctl", "--quiet", "disable", "deluged"]


@pytest.mark.usefixtures("nothing_here")
@pytest.mark.parametrize("kind", sorted(kinds.NEEDS))
def test_a_test_without_its_client_is_skipped_with_its_name(kind: str) -> None:
    with pytest.raises(pytest.skip.Exception, match=f"{kinds.NEEDS[kind][0]} not installed here"):
        kinds.skip_unless_here(kind)


def test_every_client_that_tests_start_is_installed_for_them() -> None:
    programs = {program for needed in kinds.NEEDS.values() for program in needed}

    assert programs <= set(install_programs.WANTED)


def _as_a_program(**settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "tools/install_programs.py"],
        cwd=ROOT,
        env={**os.environ, **settings},
        check=False,
        capture_output=True,
        text=True,
    )


def _never(command: list[str]) -> bool:
    raise AssertionError(command)
