"""What the database knows of how late things are reaches Prometheus, or is no number."""

import math
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from bottin.config import site_figures, worker
from bottin.ledger import health, tasks
from bottin.tracker.models import Outbox, TrackerNode
from tests.factories import cases as make_case

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.loopback,
    pytest.mark.usefixtures("folder"),
]


def measured() -> dict[str, float]:
    site_figures.measure()
    return {name: REGISTRY.get_sample_value(name) or 0.0 for name in site_figures.GAUGES}


@pytest.mark.usefixtures("five_facts")
def test_jrn_05_facts_that_wait_are_told_in_number_bytes_and_seconds() -> None:
    began = time.time()

    before = measured()
    tasks.apply_new_facts()
    after = measured()

    assert before["bottin_ledger_waiting_facts"] == 5
    assert before["bottin_ledger_waiting_bytes"] == 5 * 64
    assert 0 < before["bottin_ledger_lag_seconds"] < time.time() - began + 60
    assert before["bottin_journal_bytes"] > 5 * 64
    assert (after["bottin_ledger_waiting_facts"], after["bottin_ledger_lag_seconds"]) == (0, 0)
    assert after["bottin_ledger_lost_facts"] == 0


def test_where_nothing_is_known_there_is_no_number_to_be_alarmed_by() -> None:
    found = measured()

    assert math.isnan(found["bottin_ledger_lag_seconds"])
    assert math.isnan(found["bottin_outbox_age_seconds"])
    assert found["bottin_ledger_open_flags"] == 0


@pytest.mark.usefixtures("five_facts")
def test_a_journal_that_cannot_be_read_leaves_no_old_figure(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured()
    monkeypatch.setattr(health, "stream_of", lambda _: folder.joinpath("gone").read_text())
    make_case.flag(7, 1)

    with pytest.raises(FileNotFoundError):
        site_figures.measure()

    assert math.isnan(REGISTRY.get_sample_value("bottin_ledger_lag_seconds") or 0.0)
    assert REGISTRY.get_sample_value("bottin_ledger_open_flags") == 1


def test_trk_06_changes_that_do_not_reach_the_tracker_are_told_in_seconds() -> None:
    now = timezone.now()
    known_at = now - timedelta(seconds=40)
    TrackerNode.objects.create(
        name="main", started_at=known_at, seen_at=now, acknowledged_at=known_at
    )
    Outbox.objects.create(kind="listing", subject_id=1, at=now - timedelta(seconds=30))

    assert 40 <= measured()["bottin_outbox_age_seconds"] < 100


def test_what_waits_for_the_team_is_counted() -> None:
    make_case.hold(7, 1)
    make_case.flag(7, 1)
    make_case.flag(7, 2, resolved_at=timezone.now())

    found = measured()

    assert (found["bottin_ledger_open_holds"], found["bottin_ledger_open_flags"]) == (1, 1)


def test_the_worker_measures_beside_its_other_loops() -> None:
    (loop,) = [loop for loop in worker.LOOPS if loop.run is site_figures.measure]

    assert loop.interval_s <= 10
