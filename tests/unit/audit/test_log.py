"""The audit log: chained, append-only, whole under concurrent writers (AUD-1, AUD-2)."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from bottin.audit import log
from bottin.audit.models import AuditEvent


def _write(count: int) -> list[AuditEvent]:
    return [
        log.record(
            "test.done", actor_id=n, subject=f"thing:{n}", reason="parce que", detail={"n": n}
        )
        for n in range(count)
    ]


def _forge(sql: str) -> None:
    """Do what only the owner of the database can: change a row behind the trigger."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER audit_no_change")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER audit_no_change")


@pytest.mark.django_db
def test_the_first_line_follows_zeros_and_each_the_one_before() -> None:
    first, second, third = _write(3)

    assert first.previous_digest == log.GENESIS
    assert second.previous_digest == first.digest
    assert third.previous_digest == second.digest
    assert log.verify() == log.Verification(lines=3, head=third.digest, broken_at=None)


@pytest.mark.django_db
def test_a_line_reads_back_as_it_was_sealed() -> None:
    detail = {"é": "\u202e<b>", "list": [1, 2, {"deep": None}], "yes": True, "big": 2**60}

    line = log.record("test.done", actor_id=None, subject="thing:1", detail=detail)

    line.refresh_from_db()
    assert line.detail == detail
    assert log.digest_of(line) == line.digest


@pytest.mark.django_db
def test_a_float_is_refused_because_it_has_several_texts() -> None:
    with pytest.raises(TypeError):
        log.record("test.done", actor_id=None, subject="thing:1", detail={"ratio": 0.1})

    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditevent SET reason = 'other'",
        "DELETE FROM audit_auditevent",
        "UPDATE audit_auditevent SET reason = '' WHERE id = (SELECT max(id) FROM audit_auditevent)",
    ],
)
def test_rows_are_never_changed_or_removed(sql: str) -> None:
    _write(2)

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

    assert log.verify().lines == 2


@pytest.mark.django_db
def test_the_log_is_never_emptied() -> None:
    _write(2)

    with connection.cursor() as cursor:  # tests that commit need it off: see conftest.py
        cursor.execute("ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER audit_no_truncate")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute("TRUNCATE audit_auditevent")

    assert log.verify().lines == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE audit_auditevent SET reason = 'autre' WHERE id = {}",
        "UPDATE audit_auditevent SET actor_id = 99 WHERE id = {}",
        "UPDATE audit_auditevent SET at = at + interval '1 microsecond' WHERE id = {}",
        "UPDATE audit_auditevent SET detail = '{{\"n\": 7}}' WHERE id = {}",
        "UPDATE audit_auditevent SET digest = sha256(digest) WHERE id = {}",
    ],
)
def test_a_forged_line_is_found(forgery: str) -> None:
    lines = _write(5)

    _forge(forgery.format(lines[2].pk))

    assert log.verify().broken_at in {lines[2].pk, lines[3].pk}


@pytest.mark.django_db
def test_a_missing_line_is_found() -> None:
    lines = _write(5)

    _forge(f"DELETE FROM audit_auditevent WHERE id = {lines[2].pk}")  # noqa: S608 - a number

    assert log.verify().broken_at == lines[3].pk


@pytest.mark.django_db
def test_a_tail_cut_off_is_found_by_a_head_noted_before() -> None:
    lines = _write(5)
    noted = log.verify().head

    _forge(f"DELETE FROM audit_auditevent WHERE id = {lines[4].pk}")  # noqa: S608 - a number

    assert log.verify().is_whole
    assert not log.contains(noted)
    assert log.contains(lines[3].digest)


@pytest.mark.django_db
def test_a_change_that_is_undone_leaves_no_line() -> None:
    _write(1)

    with transaction.atomic():
        _write(1)
        transaction.set_rollback(True)

    assert log.verify().lines == 1


@pytest.mark.django_db(transaction=True)
def test_eight_writers_at_once_make_one_chain() -> None:
    start = threading.Barrier(8)

    def run() -> None:
        start.wait()
        for _ in range(10):
            with transaction.atomic():
                log.record("test.done", actor_id=None, subject="thing:1")
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert log.verify().lines == 80
    assert log.verify().is_whole
