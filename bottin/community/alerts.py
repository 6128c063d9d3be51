"""Tells of new results: matches noted once, letters written once, sent until they are sent.

A release is looked for when the catalogue says that it changed and the index holds
it. Noting what was found and moving on are one transaction: a crash anywhere
neither repeats nor loses a match. A letter that a crash caught between the mail
server and the note of it goes out again under the same Message-ID.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

import structlog
from django.db import connection, transaction
from django.db.models import F, Max, Min, QuerySet
from django.utils import timezone

from bottin.accounts.models import AccountState
from bottin.catalog.models import Release, ReleaseChange
from bottin.community import letters
from bottin.community.models import Letter, Match, Pace, Position, SavedSearch, Topic
from bottin.community.rules import is_due

FOLLOWER: Final = "alerts"
TRIES_MAX: Final = 5
_BATCH: Final = 200
_LETTERS: Final = 50

log = structlog.get_logger(__name__)


class Finder(Protocol):
    """The search, as this app asks it; who wires the worker gives it."""

    def reached(self) -> int | None:
        """Return the transaction before which the index holds all changes; None without index."""

    def found(self, search: SavedSearch, release_ids: Sequence[int]) -> set[int]:
        """Return those of these releases that a search finds; nothing for one that is not valid."""


def note_matches(finder: Finder, *, at: datetime) -> int:
    """Look for what was published since the last time in every kept search; how many are new."""
    reached = finder.reached()
    if reached is None:
        return 0
    with transaction.atomic():
        rows = Position.objects.select_for_update(skip_locked=True)
        position = rows.filter(name=FOLLOWER).first()
        if position is None:
            _begin()
            return 0
        until = min(_horizon(), reached)
        if until <= position.transaction_id:
            return 0
        noted = _note(finder, position.transaction_id, until, at)
        Position.objects.filter(name=FOLLOWER).update(transaction_id=until)
    return noted


def write_letters(*, at: datetime) -> int:
    """Gather what has to be told by mail now in one letter for each person; how many."""
    waiting = (
        _untold()
        .values_list("search__account_id", "search__pace")
        .annotate(since=Min("at"))
        .order_by()
    )
    due: dict[int, list[Pace]] = {}
    last = _last_letters([account_id for account_id, *_rest in waiting])
    for account_id, pace, since in waiting:
        local = timezone.localtime(at)
        if is_due(Pace(pace), last=last.get((account_id, pace)), waiting_since=since, at=local):
            due.setdefault(account_id, []).append(Pace(pace))
    return sum(_write(account_id, paces, at) for account_id, paces in due.items())


def send_letters(*, at: datetime) -> int:
    """Send the letters that wait, a few at a time; how many went out."""
    waiting = Letter.objects.filter(sent_at=None, tries__lt=TRIES_MAX).order_by("tries", "pk")
    sent = 0
    for pk in list(waiting.values_list("pk", flat=True)[:_LETTERS]):
        sent += _send(pk, at)
    return sent


def forget_old(*, before: datetime) -> int:
    """Delete what was found before, then the letters that told of nothing else; how many results.

    In this order: a result whose letter were gone would look untold.
    """
    deleted, _ = Match.objects.filter(at__lt=before).delete()
    Letter.objects.filter(written_at__lt=before, matches=None, hooks=None, losses=None).delete()
    return deleted


def _note(finder: Finder, start: int, until: int, at: datetime) -> int:
    changed = ReleaseChange.objects.filter(transaction_id__gte=start, transaction_id__lt=until)
    ids = sorted(set(changed.values_list("release_id", flat=True)))
    active = SavedSearch.objects.filter(account__state=AccountState.ACTIVE)
    oldest = active.aggregate(Min("created_at"))["created_at__min"]
    if not ids or oldest is None:
        return 0
    listed = Release.objects.listed().filter(pk__in=ids, published_at__gte=oldest).order_by()
    published = dict(listed.values_list("pk", "published_at"))
    noted = 0
    for asked in _alike(list(active.select_related("category"))):
        for begin in range(0, len(published), _BATCH):
            batch = list(published)[begin : begin + _BATCH]
            hits = finder.found(asked[0], batch)
            rows = [
                Match(search=search, release_id=pk, at=at)
                for search in asked
                for pk in sorted(hits)
                if (when := published.get(pk)) is not None and when >= search.created_at
            ]
            noted += len(rows)
            Match.objects.bulk_create(rows, ignore_conflicts=True)
    return noted


def _alike(searches: list[SavedSearch]) -> list[list[SavedSearch]]:
    """Gather those that look for the same: they are asked once."""
    groups: dict[tuple[str, int | None, str], list[SavedSearch]] = {}
    for search in searches:
        key = (search.text, search.category_id, search.parameters)
        groups.setdefault(key, []).append(search)
    return list(groups.values())


def _untold() -> "QuerySet[Match]":
    """Return what nobody has looked at on the site and no letter has told."""
    return Match.objects.filter(
        letter=None,
        search__account__state=AccountState.ACTIVE,
        at__gt=F("search__seen_at"),
    ).exclude(search__pace=Pace.NEVER)


def _last_letters(account_ids: Sequence[int]) -> dict[tuple[int, str], datetime]:
    rows = Letter.objects.filter(account_id__in=account_ids, topic=Topic.RESULTS).order_by()
    return {
        (account_id, pace): last
        for account_id, pace, last in rows.values_list("account_id", "pace").annotate(
            Max("written_at")
        )
    }


@transaction.atomic
def _write(account_id: int, paces: list[Pace], at: datetime) -> int:
    written = 0
    for pace in paces:
        rows = _untold().filter(search__account_id=account_id, search__pace=pace)
        ids = list(
            rows.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)
        )
        if ids:
            letter = Letter.objects.create(account_id=account_id, pace=pace, written_at=at)
            Match.objects.filter(pk__in=ids).update(letter=letter)
            written += 1
    return written


@transaction.atomic
def _send(pk: int, at: datetime) -> int:
    rows = Letter.objects.select_for_update(of=("self",), skip_locked=True)
    letter = rows.select_related("account").filter(pk=pk, sent_at=None).first()
    if letter is None:
        return 0
    try:
        letters.message(letter).send()
    except OSError as error:  # SMTPException is one; the letter waits for another try
        Letter.objects.filter(pk=pk).update(tries=letter.tries + 1)
        log.warning("alert.not_sent", letter=pk, error=type(error).__name__)
        return 0
    Letter.objects.filter(pk=pk).update(sent_at=at)
    return 1


def _begin() -> None:
    """Start from now: what was published before anybody asked is no news."""
    Position.objects.bulk_create(
        [Position(name=FOLLOWER, transaction_id=_horizon())], ignore_conflicts=True
    )


def _horizon() -> int:
    """Return the oldest transaction still running: all before it is seen, or rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])
