"""`bottin audit verify` finds every change behind the trigger, a cut tail too (AUD-3)."""

import json
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings
from typer.testing import CliRunner, Result

from bottin.audit import heads, log
from bottin.audit.models import AuditEvent
from bottin.config.commands import audit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(settings: Settings, tmp_path: Path) -> Path:
    """Keep the heads of this test aside."""
    settings.BOTTIN = settings.BOTTIN.model_copy(update={"data_dir": tmp_path})
    return tmp_path


def verify(*options: str) -> Result:
    return CliRunner().invoke(audit.app, ["verify", *options])


def write(count: int) -> list[AuditEvent]:
    return [
        log.record("test.done", actor_id=number, subject=f"thing:{number}")
        for number in range(count)
    ]


def forge(statement: str, *numbers: int) -> None:
    """Do what only the owner of the database can: change a row behind the trigger."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER audit_no_change")
        cursor.execute(statement, numbers)
        cursor.execute("ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER audit_no_change")


def test_a_whole_chain_is_said_to_be_whole() -> None:
    write(3)
    assert heads.keep_daily()

    said = verify()

    assert said.exit_code == 0, said.output
    assert "is whole: 3 lines" in said.output
    assert "Each of the 1 signed heads is a line of it" in said.output
    assert json.loads(verify("--json").stdout)["is_whole"] is True


def test_an_empty_log_is_whole_and_has_no_head() -> None:
    assert not heads.keep_daily()
    assert verify().exit_code == 0
    assert CliRunner().invoke(audit.app, ["head"]).exit_code == 1


def test_a_changed_line_is_named_and_the_exit_code_is_one() -> None:
    lines = write(5)

    forge("UPDATE audit_auditevent SET reason = 'other' WHERE id = %s", lines[2].pk)

    said = verify("--json")
    found = json.loads(said.stdout)
    assert (said.exit_code, found["broken_at"], found["lines"]) == (1, lines[2].pk, 2)
    assert f"breaks at line {lines[2].pk}" in verify().output


def test_lines_cut_off_the_end_are_missed_by_the_head_of_the_day() -> None:
    lines = write(5)
    heads.keep_daily()

    forge("DELETE FROM audit_auditevent WHERE id >= %s", lines[3].pk)

    assert log.verify().is_whole
    said = verify()
    assert said.exit_code == 1
    assert f"line {lines[4].pk} is gone or another" in said.output


def test_a_head_that_this_site_did_not_sign_is_not_believed(data_dir: Path) -> None:
    write(2)
    heads.keep_daily()
    (kept,) = (data_dir / heads.FOLDER).glob("*.json")
    facts = json.loads(kept.read_text("ascii"))
    kept.write_text(json.dumps(facts | {"line": facts["line"] - 1}), "ascii")

    said = verify()

    assert (said.exit_code, "did not sign it" in said.output) == (1, True)


def test_heads_kept_on_another_machine_can_be_handed_in(tmp_path: Path) -> None:
    lines = write(2)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "noted.json").write_text(CliRunner().invoke(audit.app, ["head"]).stdout, "ascii")
    assert verify("--heads", str(elsewhere)).exit_code == 0

    forge("DELETE FROM audit_auditevent WHERE id = %s", lines[1].pk)

    assert verify().exit_code == 0
    assert verify("--heads", str(elsewhere)).exit_code == 1


def test_one_head_is_kept_a_day() -> None:
    write(1)

    assert [heads.keep_daily(), heads.keep_daily()] == [True, False]
