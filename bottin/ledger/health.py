"""How the ledger is doing, as values for `bottin doctor` and the staff's pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from bottin.ledger.models import Flag, Hold, JournalPosition
from bottin.ledger.stream import stream_of
from bottin.tracker import site
from bottin.tracker.dataplane import Journal

LAG_WARN: Final = timedelta(seconds=30)
LAG_FAIL: Final = timedelta(minutes=10)
WAITING_BYTES_MAX: Final = 256 * 2**20  # of journal not applied: some four million facts (JRN-5)
_FACT_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class JournalHealth:
    """A journal and how far it was applied; `lost` facts were pruned before they were applied."""

    stream: str
    applied: int
    end: int
    applied_at: datetime | None
    lost: int
    size_bytes: int

    @property
    def waiting(self) -> int:
        """Facts that are not applied yet."""
        return max(self.end - self.applied, 0)

    @property
    def waiting_bytes(self) -> int:
        """The bytes of journal that they take."""
        return self.waiting * _FACT_BYTES

    @property
    def is_overfull(self) -> bool:
        """Whether more waits than a ledger that works leaves behind: nothing is lost, yet."""
        return self.waiting_bytes > WAITING_BYTES_MAX


def journal() -> JournalHealth | None:
    """Look at this machine's journal; None when the tracker never ran here. Raises OSError."""
    folder = site.journal_folder()
    if not folder.is_dir():
        return None
    stream, reader = stream_of(folder), Journal(folder)
    row = JournalPosition.objects.filter(stream=stream).first()
    first = reader.first()
    applied = row.position if row else first
    return JournalHealth(
        stream=stream,
        applied=applied,
        end=reader.end(),
        applied_at=row.applied_at if row else None,
        lost=max(first - applied, 0),
        size_bytes=sum(path.stat().st_size for path in folder.iterdir()),
    )


def journal_lag() -> timedelta | None:
    """How long the oldest fact waits to be applied; None without a journal, zero when none does."""
    found = journal()
    if found is None:
        return None
    if not found.waiting:
        return timedelta()
    waiting = Journal(site.journal_folder()).read(found.applied + found.lost, 1)
    since_ms = timezone.now().timestamp() * 1000 - waiting[0].time_ms if waiting else 0
    return timedelta(milliseconds=max(since_ms, 0))


def open_holds() -> int:
    """Count the held credit that waits for a decision."""
    return Hold.objects.filter(decided_at__isnull=True).count()


def open_flags() -> int:
    """Count the flags that no person has looked at."""
    return Flag.objects.filter(resolved_at__isnull=True).count()
