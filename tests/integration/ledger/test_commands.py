"""What an operator asks of the ledger and the journal: how far, what, and on after a loss."""

import json
from pathlib import Path

import pytest
from django.utils import timezone
from typer import Typer
from typer.testing import CliRunner, Result

from bottin.audit.models import AuditEvent
from bottin.config.commands import journal, ledger
from bottin.ledger import tasks
from bottin.ledger.models import Flag, FlagKind, Hold, JournalPosition
from bottin.ledger.queries import balance_of
from bottin.tracker import site
from tests.factories import cases as make_case
from tests.factories.cases import MB

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.loopback,
    pytest.mark.usefixtures("folder"),
]


def run(app: Typer, *options: str) -> Result:
    return CliRunner().invoke(app, options)


def lose_the_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apply and prune everything, then take the database back to before."""
    monkeypatch.setattr(site, "journal_keep_s", lambda: -1)
    tasks.apply_new_facts()
    assert tasks.prune_journal() == 2
    JournalPosition.objects.update(position=0)


def test_a_site_whose_tracker_never_ran_has_no_journal() -> None:
    assert "never run here" in run(ledger.app, "status").output
    refused = run(journal.app, "show")
    assert (refused.exit_code, "never run here" in refused.stderr) == (1, True)


@pytest.mark.usefixtures("five_facts")
def test_the_status_says_how_far_the_journal_is_applied() -> None:
    before = json.loads(run(ledger.app, "status", "--json").stdout)
    tasks.apply_new_facts()
    after = json.loads(run(ledger.app, "status", "--json").stdout)

    assert (before["journal"]["waiting"], before["lag_s"] > 0) == (5, True)
    assert (after["journal"]["waiting"], after["journal"]["applied"], after["lag_s"]) == (0, 5, 0)
    assert "applied     5 facts" in run(ledger.app, "status").output


@pytest.mark.usefixtures("five_facts")
def test_lost_facts_are_said_and_the_ledger_goes_on_when_the_operator_accepts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lose_the_beginning(monkeypatch)
    said = run(ledger.app, "status")
    assert (said.exit_code, "4 facts were removed" in said.output) == (1, True)

    accepted = run(ledger.app, "accept-gap", "--reason", "a disk died", "--yes")

    assert accepted.exit_code == 0, accepted.output
    assert JournalPosition.objects.get().position == 4
    line = AuditEvent.objects.get(action="ledger.gap_accepted")
    assert (line.reason, line.detail["lost"]) == ("a disk died", 4)
    tasks.apply_new_facts()
    assert balance_of(7).raw_up == 40


@pytest.mark.usefixtures("five_facts")
def test_a_gap_is_accepted_by_somebody_who_says_yes_only(monkeypatch: pytest.MonkeyPatch) -> None:
    lose_the_beginning(monkeypatch)

    refused = CliRunner().invoke(ledger.app, ["accept-gap", "--reason", "x"], input="n\n")

    assert refused.exit_code == 1
    assert JournalPosition.objects.get().position == 0
    assert not AuditEvent.objects.exists()


@pytest.mark.usefixtures("five_facts")
def test_there_is_no_gap_to_accept_where_nothing_is_lost() -> None:
    refused = run(ledger.app, "accept-gap", "--reason", "x", "--yes")

    assert (refused.exit_code, "no gap" in refused.stderr) == (1, True)


@pytest.mark.usefixtures("five_facts")
def test_the_journal_is_shown_in_order_from_anywhere() -> None:
    rows = [json.loads(line) for line in run(journal.app, "show", "--json").stdout.splitlines()]
    some = run(journal.app, "show", "--json", "--from", "1", "--limit", "3").stdout.splitlines()
    table = run(journal.app, "show", "--limit", "2").stdout

    assert [row["uploaded"] for row in rows] == [0, 10, 20, 30, 40]
    assert [(row["event"], row["is_first"]) for row in rows[:2]] == [
        ("started", True),
        (None, False),
    ]
    assert {(row["user_id"], row["release_id"], row["client"]) for row in rows} == {
        (7, 1, "-BT0001-")
    }
    assert {(row["protocol"], row["family"]) for row in rows} == {("UDP", "IPv4")}
    assert [json.loads(line)["position"] for line in some] == [1, 2, 3]
    assert "5 in all" in table
    assert [line.split()[0] for line in table.splitlines()[2:]] == ["3", "4"]


@pytest.mark.usefixtures("five_facts")
def test_a_torn_tail_is_told_and_the_whole_facts_are_shown(folder: Path) -> None:
    newest = max(folder.glob("*.journal"))
    with newest.open("ab") as file:
        file.write(b"half a fact")

    said = run(journal.app, "show", "--json")

    assert (said.exit_code, len(said.stdout.splitlines())) == (0, 5)
    assert "11 bytes that are no whole fact" in said.stderr


@pytest.mark.usefixtures("five_facts")
def test_a_damaged_fact_is_an_error_and_what_came_before_it_is_shown(folder: Path) -> None:
    oldest = min(folder.glob("*.journal"))
    raw = bytearray(oldest.read_bytes())
    raw[64 + 30] ^= 1
    oldest.write_bytes(raw)

    said = run(journal.app, "show", "--from", "0")

    assert (said.exit_code, "record 0 is damaged" in said.stderr) == (1, True)


@pytest.mark.usefixtures("five_facts")
def test_a_position_that_was_removed_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    lose_the_beginning(monkeypatch)

    said = run(journal.app, "show", "--from", "0")

    assert (said.exit_code, "the journal begins at 4" in said.stderr) == (1, True)


def test_flags_and_holds_that_wait_for_a_person_are_listed_with_their_evidence() -> None:
    now = timezone.now()
    seen = {"user_id": 7, "release_id": 1}
    Flag.objects.create(kind=FlagKind.ABOVE_LINE_RATE, detail={"times": 3}, **seen)
    Flag.objects.create(kind=FlagKind.UNBALANCED, resolved_at=now, **seen)
    Hold.objects.create(begins_at=now, ends_at=now, raw_up=10, credited_up=20, **seen)

    flags = json.loads(run(ledger.app, "flags", "--json").stdout)
    holds = json.loads(run(ledger.app, "holds", "--json").stdout)

    assert [(row["account_id"], row["kind"]) for row in flags] == [(7, "above_line_rate")]
    assert [(row["release_id"], row["credited_bytes"]) for row in holds] == [(1, 20)]
    assert "times 3" in run(ledger.app, "flags").stdout
    assert run(ledger.app, "holds").stdout.splitlines()[1].split()[4] == "20"


@pytest.mark.parametrize(
    ("option", "credit", "said"),
    [("--give-back", 300 * MB, "given back"), ("--keep", 150 * MB, "kept")],
)
def test_byte_12_the_operator_gives_back_or_keeps(option: str, credit: int, said: str) -> None:
    held = make_case.hold(7, 1)

    decided = run(ledger.app, "hold", str(held.pk), option, "--remark", "looked at it")

    assert (decided.exit_code, said in decided.stdout) == (0, True)
    assert balance_of(7).credited_up == credit
    line = AuditEvent.objects.get()
    assert (line.actor_id, line.reason) == (None, "looked at it")


def test_a_hold_is_decided_once_and_with_a_remark() -> None:
    held = make_case.hold(7, 1)
    order = ("hold", str(held.pk), "--keep", "--json", "--remark")

    silent = run(ledger.app, *order, " ")
    first = run(ledger.app, *order, "no such peers")
    second = run(ledger.app, *order, "again")

    assert (silent.exit_code, first.exit_code, second.exit_code) == (1, 0, 1)
    assert "Say why in a remark" in silent.stderr
    assert "Somebody decided" in second.stderr
    facts = json.loads(first.stdout)
    assert (facts["id"], facts["is_given_back"], facts["remark"]) == (
        held.pk,
        False,
        "no such peers",
    )


def test_a_decision_is_typed_out() -> None:
    held = make_case.hold(7, 1)

    neither = run(ledger.app, "hold", str(held.pk), "--remark", "x")
    silent = run(ledger.app, "hold", str(held.pk), "--keep")
    unknown = run(ledger.app, "hold", "987654", "--keep", "--remark", "x")

    assert (neither.exit_code, silent.exit_code, unknown.exit_code) == (2, 2, 1)
    assert "no such held credit" in unknown.stderr
    assert not AuditEvent.objects.exists()


def test_byte_11_the_operator_closes_a_flag() -> None:
    flags = [make_case.flag(7, number) for number in (1, 2)]

    plain = run(ledger.app, "flag", str(flags[0].pk), "--remark", "a seedbox")
    fault = run(ledger.app, "flag", str(flags[1].pk), "--fault", "--json", "--remark", "modified")
    again = run(ledger.app, "flag", str(flags[0].pk), "--remark", "x")

    assert (plain.exit_code, "no fault" in plain.stdout) == (0, True)
    facts = json.loads(fault.stdout)
    assert (facts["is_fault"], facts["remark"]) == (True, "modified")
    assert (again.exit_code, "no such open flag" in again.stderr) == (1, True)
    assert not Flag.objects.filter(resolved_at=None).exists()
