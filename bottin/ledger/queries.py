"""Reads of the ledger for pages and programs: totals, transfers, rows, sessions, days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from bottin.ledger.models import (
    Balance,
    EntryKind,
    Flag,
    Hold,
    LedgerEntry,
    PeerSession,
    Transfer,
)
from bottin.tracker import clients, site

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Totals:
    """Bytes and seconds of one member, raw (as accepted) and credited (after factors)."""

    raw_up: int = 0
    raw_down: int = 0
    credited_up: int = 0
    credited_down: int = 0
    seed_time_s: int = 0

    @property
    def raw_ratio(self) -> float | None:
        """Raw uploaded ÷ downloaded; None while nothing was downloaded."""
        return self.raw_up / self.raw_down if self.raw_down else None

    @property
    def ratio(self) -> float | None:
        """Credited uploaded ÷ downloaded; None while nothing was downloaded."""
        return self.credited_up / self.credited_down if self.credited_down else None


@dataclass(frozen=True, slots=True)
class RunningSession:
    """A client of the member that is in a swarm now; `left` in bytes, 0 for a seeder."""

    release_id: int
    left: int
    since: datetime
    last_at: datetime

    @property
    def is_seeding(self) -> bool:
        """Whether it has every piece."""
        return self.left == 0


@dataclass(frozen=True, slots=True)
class TransferLine:
    """One release of a member: totals, history, and what their clients do now.

    `running` is empty when no client is in the swarm.
    """

    release_id: int
    totals: Totals
    first_at: datetime
    last_at: datetime
    completed_at: datetime | None
    running: tuple[RunningSession, ...]

    @property
    def is_seeding(self) -> bool:
        """Whether a client seeds it now."""
        return any(session.is_seeding for session in self.running)

    @property
    def is_leeching(self) -> bool:
        """Whether a client fetches it now."""
        return any(not session.is_seeding for session in self.running)


@dataclass(frozen=True, slots=True)
class ClientSession:
    """One client of the member on one release, past or present; bytes since it last started."""

    since: datetime
    last_at: datetime
    uploaded: int
    downloaded: int
    left: int
    is_running: bool
    client: str = ""


@dataclass(frozen=True, slots=True)
class DayCredit:
    """What one day added."""

    day: date
    totals: Totals


def balance_of(user_id: int) -> Totals:
    """Give a member's totals; zeros for one who never announced. One query."""
    row = Balance.objects.filter(user_id=user_id).values_list(*_SUMS).first()
    return Totals(*row) if row else Totals()


def transfers_of(
    user_id: int,
    *,
    release_ids: Iterable[int] | None = None,
    offset: int = 0,
    before: tuple[datetime, int] | None = None,
    limit: int = PAGE,
) -> list[TransferLine]:
    """List a member's releases, the latest announced first, or those asked for. Two queries.

    `before` goes on from a page: the `last_at` and the `release_id` of its last line.
    """
    rows = Transfer.objects.filter(user_id=user_id).order_by("-last_at", "-release_id")
    if before is not None:
        last_at, release_id = before
        older = Q(last_at__lt=last_at) | Q(last_at=last_at, release_id__lt=release_id)
        rows = rows.filter(older, last_at__lte=last_at)
    if release_ids is not None:
        rows = rows.filter(release_id__in=list(release_ids))
    found = list(rows[offset : offset + limit])
    running = running_sessions(user_id, release_ids=[row.release_id for row in found])
    return [
        TransferLine(
            release_id=row.release_id,
            totals=_totals_of(row),
            first_at=row.first_at,
            last_at=row.last_at,
            completed_at=row.completed_at,
            running=tuple(s for s in running if s.release_id == row.release_id),
        )
        for row in found
    ]


def totals_on(user_id: int, release_id: int) -> Totals | None:
    """Give a member's totals on one release; None where no client of theirs announced it."""
    row = Transfer.objects.filter(user_id=user_id, release_id=release_id).first()
    return _totals_of(row) if row else None


def count_transfers(user_id: int) -> int:
    """Count a member's releases, for paging."""
    return Transfer.objects.filter(user_id=user_id).count()


def entries_of(
    user_id: int,
    *,
    release_id: int | None = None,
    before_id: int | None = None,
    limit: int = PAGE,
) -> list[LedgerEntry]:
    """List a member's ledger rows, newest first; `before_id` goes on from a page. One query."""
    rows = LedgerEntry.objects.filter(user_id=user_id).order_by("-pk")
    if release_id is not None:
        rows = rows.filter(release_id=release_id)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return list(rows[:limit])


def running_sessions(
    user_id: int, *, release_ids: Iterable[int] | None = None, at: datetime | None = None
) -> list[RunningSession]:
    """List the member's clients in swarms now: not stopped, heard within the peer expiry."""
    since = (at or timezone.now()) - timedelta(seconds=site.peer_expiry_s())
    rows = PeerSession.objects.filter(user_id=user_id, is_running=True, last_at__gte=since)
    if release_ids is not None:
        rows = rows.filter(release_id__in=list(release_ids))
    columns = ("release_id", "left", "first_at", "last_at")
    return [RunningSession(*row) for row in rows.order_by("-last_at").values_list(*columns)]


def sessions_of(
    user_id: int, release_id: int, *, at: datetime | None = None, limit: int = PAGE
) -> list[ClientSession]:
    """List the member's clients on a release, the latest heard first. One query."""
    since = (at or timezone.now()) - timedelta(seconds=site.peer_expiry_s())
    rows = PeerSession.objects.filter(user_id=user_id, release_id=release_id)
    return [
        ClientSession(
            since=row.first_at,
            last_at=row.last_at,
            uploaded=row.uploaded,
            downloaded=row.downloaded,
            left=row.left,
            is_running=row.is_running and row.last_at >= since,
            client=clients.shown(row.client),
        )
        for row in rows.order_by("-last_at", "session")[:limit]
    ]


def days_of(
    user_id: int, release_id: int, *, before: date | None = None, limit: int = PAGE
) -> list[DayCredit]:
    """Sum a member's ledger rows on a release by day, newest first; quiet days are left out.

    Days of the current time zone; `before` goes on from a page: its last day. One query.
    """
    rows = LedgerEntry.objects.filter(user_id=user_id, release_id=release_id)
    if before is not None:
        start = datetime.combine(before, datetime.min.time())
        rows = rows.filter(at__lt=timezone.make_aware(start))
    days = _summed_by_day(rows)[:limit]
    return [DayCredit(day, Totals(*sums)) for day, *sums in days]


@dataclass(frozen=True, slots=True)
class LastAnnounce:
    """When one of a member's clients was first and last heard, what it is and its last way."""

    release_id: int
    first_at: datetime
    last_at: datetime
    client: str
    protocol: str
    family: str
    left: int
    is_running: bool


def last_announces(user_id: int, *, limit: int = PAGE) -> list[LastAnnounce]:
    """List a member's clients, the last heard first. One query."""
    rows = PeerSession.objects.filter(user_id=user_id).order_by("-last_at")
    columns = ("release_id", "first_at", "last_at", "client", "flags", "left", "is_running")
    return [
        LastAnnounce(
            release, since, at, clients.shown(client), *clients.way_of(flags), left, running
        )
        for release, since, at, client, flags, left, running in rows.values_list(*columns)[:limit]
    ]


def credit_of(
    user_id: int, announces: Iterable[LastAnnounce]
) -> dict[tuple[int, datetime], Totals]:
    """Sum what these announces added, by release and moment; those that added nothing are not in.

    A ledger row is one client's, and bears the moment of its last fact. One query,
    none for none.
    """
    moments = {(one.release_id, one.last_at) for one in announces}
    if not moments:
        return {}
    rows = (
        LedgerEntry.objects.filter(
            user_id=user_id,
            kind=EntryKind.TRANSFER,
            release_id__in={release_id for release_id, _ in moments},
            at__in={at for _, at in moments},
        )
        .values("release_id", "at")
        .annotate(**{f"sum_{name}": Sum(name) for name in _SUMS})
        .values_list("release_id", "at", *(f"sum_{name}" for name in _SUMS))
    )
    return {(release_id, at): Totals(*sums) for release_id, at, *sums in rows}


def open_flags(*, user_id: int | None = None, limit: int = PAGE) -> list[Flag]:
    """List what looked implausible and nobody has closed, the latest seen first. One query."""
    rows = Flag.objects.filter(resolved_at__isnull=True).order_by("-at", "-pk")
    return list((rows if user_id is None else rows.filter(user_id=user_id))[:limit])


def open_holds(*, user_id: int | None = None, limit: int = PAGE) -> list[Hold]:
    """List the held credit that waits for a decision, the oldest first. One query."""
    rows = Hold.objects.filter(decided_at__isnull=True).order_by("at", "pk")
    return list((rows if user_id is None else rows.filter(user_id=user_id))[:limit])


def held_of(user_id: int, *, kept_since: datetime, limit: int = PAGE) -> list[Hold]:
    """List the credit that a member waits for, or that was kept since, newest first. One query."""
    kept = Q(is_given_back=False, decided_at__gte=kept_since)
    rows = Hold.objects.filter(Q(decided_at__isnull=True) | kept, user_id=user_id)
    return list(rows.order_by("-at", "-pk")[:limit])


def credit_by_day(user_id: int, days: int, *, today: date | None = None) -> list[DayCredit]:
    """Sum the last `days` days, oldest first, in the current time zone; quiet days are zeros."""
    last = today or timezone.localdate()
    first = last - timedelta(days=days - 1)
    start = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    rows = LedgerEntry.objects.filter(user_id=user_id, at__gte=start)
    found = {day: Totals(*sums) for day, *sums in _summed_by_day(rows)}
    spans = (first + timedelta(days=i) for i in range(days))
    return [DayCredit(day, found.get(day, Totals())) for day in spans]


@dataclass(frozen=True, slots=True)
class ReleaseHistory:
    """What all members together did with a release: people, not clients."""

    people: int
    finished: int
    first_at: datetime | None
    last_at: datetime | None


def history_of(release_id: int) -> ReleaseHistory:
    """Sum up a release for its page. One query."""
    row = Transfer.objects.filter(release_id=release_id).aggregate(
        people=Count("user_id"),
        finished=Count("completed_at"),
        first_at=Min("first_at"),
        last_at=Max("last_at"),
    )
    return ReleaseHistory(**row)


_SUMS: Final = ("raw_up", "raw_down", "credited_up", "credited_down", "seed_time_s")


def _summed_by_day(rows: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry, tuple[Any, ...]]:
    """Give a row for each day, newest first: the day, then the sums in the order of `Totals`."""
    return (
        rows.annotate(day=TruncDate("at"))
        .values("day")
        .annotate(**{f"sum_{name}": Sum(name) for name in _SUMS})
        .order_by("-day")
        .values_list("day", *(f"sum_{name}" for name in _SUMS))
    )


def _totals_of(row: Transfer) -> Totals:
    return Totals(**{name: getattr(row, name) for name in _SUMS})
