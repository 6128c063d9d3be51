"""The worker part: queued tasks, leases of dead workers, and the loops that apps register here."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import close_old_connections, connections
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from bottin.accounts.tasks import forget_old_traces
from bottin.api.idempotency import forget_old_answers
from bottin.audit.heads import keep_daily
from bottin.catalog.tasks import check_web_seeds, refresh_counts, refresh_tag_counts
from bottin.community import tasks as community
from bottin.config.alerts import note_matches
from bottin.config.site_figures import measure
from bottin.exchange.tasks import follow_public, keep_daily_dump
from bottin.ledger.tasks import apply_new_facts, inspect_ledger, prune_journal
from bottin.pictures.tasks import sweep
from bottin.search.tasks import forget_changes, index_changes
from bottin.search.tasks import refresh_counts as refresh_ranks
from bottin.tracker.tasks import (
    forget_notices,
    forget_stale_swarms,
    reap_outbox,
    sample_swarms,
)
from bottin.uploads.duplicates import fill_missing_keys

LONGEST_PAUSE_S: Final = 60.0
STOP_S: Final = 4.0
ATTEMPTS_MAX: Final = 5
KEEP_RESULTS: Final = timedelta(days=7)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Loop:
    """Work done again and again, in a thread of its own.

    `run` takes nothing. When it returns something true, there was work and it is
    called again at once; else after `interval_s`. It may fail: that is logged,
    and the pause grows.
    """

    name: str
    interval_s: float
    run: Callable[[], object]


def reap_leases() -> int:
    """Make ready again the tasks whose worker died (REL-30); the answer is their number.

    A task is idempotent (REL-31), so one that was only slow is not harmed. One
    that took its worker down `ATTEMPTS_MAX` times is given up as failed.
    """
    oldest = timezone.now() - timedelta(seconds=settings.BOTTIN.task_max_s)
    reaped = 0
    for lost in DBTaskResult.objects.running().filter(started_at__lt=oldest):
        attempts = len(lost.worker_ids)
        log.warning("task.lease_expired", task=lost.task_path, id=str(lost.id), attempts=attempts)
        if attempts >= ATTEMPTS_MAX:
            lost.set_failed(TimeoutError(f"lost its worker {attempts} times"))
            continue
        # The same start is asked for: a worker that just finished it wins.
        reaped += (
            DBTaskResult.objects.running()
            .filter(pk=lost.pk, started_at=lost.started_at)
            .update(status="READY", started_at=None)
        )
    return reaped


def forget_results() -> None:
    """Delete the results of tasks that ended more than `KEEP_RESULTS` ago."""
    oldest = timezone.now() - KEEP_RESULTS
    DBTaskResult.objects.finished().filter(finished_at__lt=oldest).delete()


LOOPS: Final[list[Loop]] = [
    Loop("ledger", 0.5, apply_new_facts),
    Loop("journal", 600, prune_journal),
    Loop("site figures", 10, measure),
    Loop("ledger inspections", 600, inspect_ledger),
    Loop("outbox", 3600, reap_outbox),
    Loop("notices", 3600, forget_notices),
    Loop("stale swarms", 60, forget_stale_swarms),
    Loop("swarm history", 60, sample_swarms),
    Loop("api answers", 3600, forget_old_answers),
    Loop("index", 0.5, index_changes),
    Loop("index counts", 10, refresh_ranks),
    Loop("index changes", 3600, forget_changes),
    Loop("shelf counts", 20, refresh_counts),
    Loop("tag counts", 300, refresh_tag_counts),
    Loop("web seeds", 60, check_web_seeds),
    Loop("kept searches", 2, note_matches),
    Loop("letters", 30, community.send_letters),
    Loop("webhooks", 5, community.send_deliveries),
    Loop("last keepers", 600, community.note_losses),
    Loop("ranks", 300, community.refresh_ranks),
    Loop("long ranks", 3600, community.refresh_long_ranks),
    Loop("idle pledges", 3600, community.end_idle_pledges),
    Loop("old news", 3600, community.forget_old_news),
    Loop("content keys", 60, fill_missing_keys),
    Loop("account traces", 3600, forget_old_traces),
    Loop("public changes", 1, follow_public),
    Loop("dumps", 3600, keep_daily_dump),
    Loop("unused pictures", 3600, sweep),
    Loop("audit head", 3600, keep_daily),
    Loop("leases", 30, reap_leases),
    Loop("task results", 3600, forget_results),
]


def run(stop: threading.Event) -> None:
    """Work until `stop` is set, then let what runs end, for `STOP_S` at most."""
    loops = [
        *LOOPS,
        *(_task_loop(number, stop) for number in range(settings.BOTTIN.worker_threads)),
    ]
    threads = [
        threading.Thread(target=repeat, args=(loop, stop), name=loop.name, daemon=True)
        for loop in loops
    ]
    for thread in threads:
        thread.start()
    stop.wait()
    deadline = time.monotonic() + STOP_S
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            log.warning("loop.abandoned", loop=thread.name)


def repeat(loop: Loop, stop: threading.Event) -> None:
    """Call a loop until `stop`, each time with a live database connection."""
    pause_s = loop.interval_s
    while not stop.is_set():
        try:
            close_old_connections()
            pause_s = 0.0 if loop.run() else loop.interval_s
        except Exception:  # the edge of this process: one loop's bug is not the others' end
            pause_s = min(max(2 * pause_s, 1.0), max(LONGEST_PAUSE_S, loop.interval_s))
            log.exception("loop.failed", loop=loop.name, again_in_s=pause_s)
        finally:
            close_old_connections()
        stop.wait(pause_s)
    connections.close_all()


class _Tasks(Worker):
    """Runs the tasks that are ready, one after the other, until there are none."""

    def __init__(self, number: int, stop: threading.Event) -> None:
        self._stop = stop
        super().__init__(
            queue_names=["*"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{number}-{time.time_ns():x}",
            excluded_queue_names=[],
        )

    @property
    def running(self) -> bool:
        """Whether to take another task."""
        return not self._stop.is_set()

    @running.setter
    def running(self, _given: bool) -> None:
        """Ignore the library's own switch: `stop` decides."""


def _task_loop(number: int, stop: threading.Event) -> Loop:
    return Loop(f"tasks {number}", 0.5, _Tasks(number, stop).run)
