"""`bottin import` and `bottin export` as an operator types them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bottin.accounts.models import Account
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from bottin.config.commands import export, import_
from tests.factories import catalog as make
from tests.factories import exchange as old
from tests.unit.exchange.former import mysql
from tests.unit.exchange.test_converting import unit3d

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def database_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own database is: the command does not start another."""
    from contextlib import nullcontext

    from bottin.config import site

    monkeypatch.setattr(site, "running", lambda _options: nullcontext())


@pytest.fixture
def publisher(db: None) -> Account:
    """The account that publishes what no other does."""
    return make.account()


def run(path: Path, publisher: Account, *options: str) -> Result:
    report = path.parent / "report.ndjson"
    fixed = ["--publisher", publisher.name, "--report", str(report), "--workers", "0"]
    return CliRunner().invoke(import_.app, [str(path), *fixed, *options])


def written(path: Path, records: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_a_file_is_taken_in_and_said_in_sentences(tmp_path: Path, publisher: Account) -> None:
    path = written(tmp_path / "a.ndjson", [old.release(), old.release(licence=""), {"kind": "x"}])

    answer = run(path, publisher)

    assert answer.exit_code == 0, answer.output
    assert "1 releases that wait for the team" in answer.output
    assert "1 drafts that wait" in answer.output
    assert "Refused: 1" in answer.output
    assert json.loads((tmp_path / "report.ndjson").read_text())["reason"] == "unknown_kind"


def test_programs_get_json_and_a_dry_run_writes_nothing(tmp_path: Path, publisher: Account) -> None:
    path = written(tmp_path / "a.ndjson", [old.release()])

    answer = run(path, publisher, "--dry-run", "--json")

    assert json.loads(answer.stdout)["pending"] == 1
    assert json.loads(answer.stdout)["dry_run"] is True
    assert Release.objects.count() == 0


def test_a_dump_of_a_former_site_with_its_files_and_a_mapping(
    tmp_path: Path, publisher: Account
) -> None:
    (tmp_path / "dump.sql").write_bytes(mysql(unit3d()))
    (tmp_path / "files").mkdir()
    (tmp_path / "files/a.torrent").write_bytes(make.torrent())
    (tmp_path / "map.toml").write_text('"Films" = "120100"\n')
    options = ["--from", "unit3d", "--torrents", str(tmp_path / "files")]
    options += ["--mapping", str(tmp_path / "map.toml"), "--licence", "CC0-1.0"]

    answer = run(tmp_path / "dump.sql", publisher, *options, "--provenance", "https://example.org")

    release = Release.objects.get()
    assert answer.exit_code == 0, answer.output
    assert release.state == ReleaseState.PENDING
    assert release.category_id == 120100
    assert release.publisher.name == "Lea"
    assert release.description == "**gras** (1),(2)"
    assert "duplicate_in_source" in answer.output  # the second line of the dump names the same file


@pytest.mark.parametrize("options", [["--from", "autre"], ["--mapping", "{tmp}/bad.toml"]])
def test_what_cannot_run_says_why(tmp_path: Path, publisher: Account, options: list[str]) -> None:
    (tmp_path / "bad.toml").write_text("= nothing")
    path = written(tmp_path / "a.ndjson", [old.release()])

    answer = run(path, publisher, *[option.format(tmp=tmp_path) for option in options])

    assert answer.exit_code == 1
    assert answer.stderr.strip()


def test_a_publisher_that_is_nobody_is_said(tmp_path: Path) -> None:
    path = written(tmp_path / "a.ndjson", [old.release()])

    answer = CliRunner().invoke(import_.app, [str(path), "--publisher", "personne"])

    assert answer.exit_code == 1
    assert "No account is called personne" in answer.stderr


def test_an_export_says_how_many(tmp_path: Path) -> None:
    make.published()

    answer = CliRunner().invoke(export.app, [str(tmp_path / "all.ndjson"), "--json"])

    assert json.loads(answer.stdout)["releases"] == 1
    assert len((tmp_path / "all.ndjson").read_text().splitlines()) == 1


def test_an_export_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    answer = CliRunner().invoke(export.app, [str(tmp_path / "absent/all.ndjson")])

    assert answer.exit_code == 1
    assert "Cannot write" in answer.stderr
