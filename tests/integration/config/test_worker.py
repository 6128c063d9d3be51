"""The worker runs tasks and loops; a task survives the death of its worker (REL-30 to 32)."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from bottin.config import worker

Eventually = Callable[..., None]


@task()
def count_once(name: str) -> int:
    """Have an effect that appears once, however often it runs."""
    cache.add(name, 1)
    return int(cache.get(name))


@task()
def fail() -> None:
    """Fail."""
    raise RuntimeError("as asked")


def lost_task(*, started_ago: timedelta, attempts: int = 1) -> "DBTaskResult[..., object]":
    """Make a task whose worker was killed while it ran."""
    row = DBTaskResult.objects.get(pk=count_once.enqueue("effect").id)
    row.claim("dead-worker")
    row.worker_ids = [f"dead-{number}" for number in range(attempts)]
    row.started_at = timezone.now() - started_ago
    row.save()
    return row


def run_for(stop: threading.Event, eventually: Eventually, is_true: Callable[[], bool]) -> None:
    """Run the task loop until something is true."""
    loop = worker._task_loop(0, stop)
    thread = threading.Thread(target=worker.repeat, args=(loop, stop))
    thread.start()
    try:
        eventually(is_true)
    finally:
        stop.set()
        thread.join()


@pytest.mark.django_db
def test_a_task_whose_worker_died_is_made_ready_again() -> None:
    lost = lost_task(started_ago=timedelta(hours=1))

    assert worker.reap_leases() == 1

    lost.refresh_from_db()
    assert (lost.status, lost.started_at) == ("READY", None)


@pytest.mark.django_db
def test_a_task_that_runs_within_its_time_is_left_alone() -> None:
    running = lost_task(started_ago=timedelta(seconds=30))

    assert worker.reap_leases() == 0

    running.refresh_from_db()
    assert running.status == "RUNNING"


@pytest.mark.django_db
def test_a_task_that_kills_its_workers_is_given_up() -> None:
    deadly = lost_task(started_ago=timedelta(hours=1), attempts=worker.ATTEMPTS_MAX)

    assert worker.reap_leases() == 0

    deadly.refresh_from_db()
    assert deadly.status == "FAILED"
    assert "lost its worker" in deadly.traceback


@pytest.mark.django_db(transaction=True)
def test_the_effect_appears_once_after_a_death_in_the_middle(eventually: Eventually) -> None:
    cache.clear()
    lost = lost_task(started_ago=timedelta(hours=1))
    worker.reap_leases()

    run_for(
        threading.Event(),
        eventually,
        lambda: DBTaskResult.objects.filter(pk=lost.pk, status="SUCCESSFUL").exists(),
    )

    lost.refresh_from_db()
    assert (lost.return_value, len(lost.worker_ids)) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_a_task_that_fails_stops_nothing(eventually: Eventually) -> None:
    fail.enqueue()
    after = count_once.enqueue("after")

    run_for(
        threading.Event(),
        eventually,
        lambda: DBTaskResult.objects.filter(pk=after.id, status="SUCCESSFUL").exists(),
    )

    assert DBTaskResult.objects.failed().count() == 1


@pytest.mark.django_db
def test_old_results_are_forgotten_and_new_ones_kept() -> None:
    for age in (timedelta(days=8), timedelta(days=1)):
        row = lost_task(started_ago=timedelta())
        row.set_successful(None)
        DBTaskResult.objects.filter(pk=row.pk).update(finished_at=timezone.now() - age)

    worker.forget_results()

    assert DBTaskResult.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_loop_that_fails_is_tried_again_later(eventually: Eventually) -> None:
    stop, times = threading.Event(), list[float]()

    def run() -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            raise RuntimeError("as asked")
        stop.set()

    worker.repeat(worker.Loop("test", 0.01, run), stop)

    assert len(times) == 2
    assert times[1] - times[0] >= 1.0


@pytest.mark.django_db(transaction=True)
def test_a_loop_with_work_left_goes_on_at_once() -> None:
    stop, calls = threading.Event(), list[int]()

    def run() -> bool:
        calls.append(1)
        if len(calls) == 3:
            stop.set()
        return True

    began = time.monotonic()
    worker.repeat(worker.Loop("test", 60.0, run), stop)

    assert (len(calls), time.monotonic() - began < 5) == (3, True)


def test_loops_have_names_of_their_own() -> None:
    names = [loop.name for loop in worker.LOOPS]

    assert len(names) == len(set(names))
