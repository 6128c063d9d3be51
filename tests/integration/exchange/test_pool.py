"""Worker processes of an import: order, and lines that kill their worker."""

import os
import signal
from typing import Any

import psycopg
import pytest
from django.db import connection

from bottin.catalog.models import Release
from bottin.exchange import imports, pool, preparing
from bottin.exchange.errors import ImportRefused
from bottin.exchange.preparing import Prepared
from tests.factories import exchange as old


@pytest.mark.django_db(transaction=True)
def test_real_workers_take_in_the_same() -> None:
    records = [old.release() for _ in range(250)]
    records[7] = {"kind": "release", "source_id": "x"}

    totals = imports.run(old.lines(records), old.plan(workers=2))

    assert (totals.lines, totals.pending, totals.refused) == (250, 249, 1)
    assert Release.objects.count() == 249


@pytest.mark.django_db
def test_a_line_that_kills_its_worker_costs_its_neighbours_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The parser has no such line that we know of: this one is made to be.
    parent, real = os.getpid(), preparing.prepare

    def deadly(line: preparing.Line, ground: preparing.Ground, **given: Any) -> Any:
        if b'"deadly"' in line.raw and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(line, ground, **given)

    monkeypatch.setattr(preparing, "prepare", deadly)
    monkeypatch.setattr(pool, "CHUNK", 3)
    records = [old.release(source_id=f"n{number}") for number in range(12)]
    records[4]["title"] = "deadly"
    ground = imports.ground_of(old.plan())

    found = [o for chunk in pool.outcomes(old.lines(records), ground, workers=2) for o in chunk]

    assert [outcome.number for outcome in found] == list(range(1, 13))
    assert all(isinstance(outcome, Prepared) for outcome in found)


@pytest.mark.django_db
def test_a_line_that_takes_too_long_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    parent, real = os.getpid(), preparing.prepare

    def endless(line: preparing.Line, ground: preparing.Ground, **given: Any) -> Any:
        while b'"endless"' in line.raw and os.getpid() != parent:
            signal.pause()
        return real(line, ground, **given)

    monkeypatch.setattr(preparing, "prepare", endless)
    monkeypatch.setattr(pool, "CHUNK_S", 1.0)
    ground = imports.ground_of(old.plan())
    lines = old.lines([old.release(), old.release(title="endless"), old.release()])

    found = [o for chunk in pool.outcomes(lines, ground, workers=1) for o in chunk]

    assert len(found) == 3


@pytest.mark.django_db
def test_two_imports_at_once_are_one_too_many() -> None:
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [imports.LOCK])

        with pytest.raises(ImportRefused):
            old.take_in([old.release()])

    assert Release.objects.count() == 0
