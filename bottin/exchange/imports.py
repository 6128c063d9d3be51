"""An import from end to end: lines, workers, accounts, releases, a report of every refusal."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from django.db import connection, connections

from bottin.accounts.models import Account
from bottin.catalog import facts as technical
from bottin.catalog.models import Category, Licence
from bottin.exchange import landing, people, pool
from bottin.exchange.errors import ImportRefused
from bottin.exchange.landing import Landing
from bottin.exchange.models import ImportedRelease
from bottin.exchange.preparing import Already, Arrived, Ground, Line, Outcome, Prepared, Refused
from bottin.uploads.fields import Choices, ReleaseFields
from bottin.uploads.receiving import limits_for

BATCH: Final = 1_000
LOCK: Final = 0x494D5054  # "IMPT", ours alone among advisory locks


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import is told: where it comes from, what is said for every release, who answers.

    `source` names the former site: with a record's `source_id` it is taken in once.
    `fallback` publishes what no imported account does. `workers`: how many processes,
    None for one a core, 0 for none.
    """

    source: str
    at: datetime
    fallback: Account
    folder: Path = field(default_factory=Path)
    mapping: dict[str, str] = field(default_factory=dict)
    said: ReleaseFields = field(default_factory=ReleaseFields)
    is_dry: bool = False
    workers: int | None = None


@dataclass(slots=True)
class Totals:
    """What became of the lines."""

    lines: int = 0
    accounts: int = 0
    pending: int = 0
    drafts: int = 0
    already: int = 0
    refused: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


class Report:
    """Writes each refusal as a line of NDJSON, and counts reasons."""

    def __init__(self, file: IO[str] | None, totals: Totals) -> None:
        self._file = file
        self._totals = totals

    def add(self, refused: Iterable[Refused]) -> None:
        """Write refusals."""
        for each in refused:
            self._totals.refused += 1
            reasons = self._totals.reasons
            reasons[each.reason] = reasons.get(each.reason, 0) + 1
            if self._file is not None:
                self._file.write(json.dumps(asdict(each), ensure_ascii=False) + "\n")


def run(
    lines: Iterable[Line],
    plan: Plan,
    *,
    report: IO[str] | None = None,
    progress: Callable[[Totals], None] = lambda _totals: None,
) -> Totals:
    """Take in every line that can be; run again, it goes on where it was stopped.

    Raises ImportRefused when another import runs. `report` gets one line of NDJSON
    for each refusal: its line number, `source_id`, reason and particulars.
    """
    ground = ground_of(plan)
    totals = Totals()
    told = Report(report, totals)
    if plan.workers == 0:
        found = pool.outcomes_here(lines, ground)
    else:
        connections.close_all()  # workers are forked: none may hold ours
        found = pool.outcomes(lines, ground, workers=plan.workers)
    batch: list[Outcome] = []
    is_locked = False
    try:
        for chunk in found:
            if not is_locked:  # after the fork
                _lock()
                is_locked = True
            batch += chunk
            if len(batch) >= BATCH:
                _land(batch, plan, totals, told)
                batch = []
                progress(totals)
        _land(batch, plan, totals, told)
        progress(totals)
    finally:
        found.close()  # type: ignore[attr-defined]  # a generator
        if is_locked:
            _unlock()
    return totals


def ground_of(plan: Plan) -> Ground:
    """Return what workers are told: shelves, licences, limits."""
    categories = Category.objects.filter(is_active=True).select_related("alias_of")
    choices: dict[str, Choices] = {}
    for category in categories:
        meant = category.alias_of or category
        if not meant.is_family:
            choice = Choices(meant, None, technical.asked_by(meant))
            choices[category.slug] = choices[str(category.pk)] = choice
    for word, target in plan.mapping.items():
        if target.lower() in choices:
            choices[word.lower()] = choices[target.lower()]
    licences = {row.pk.lower(): row for row in Licence.objects.filter(is_active=True)}
    return Ground(
        choices=choices,
        licences=licences,
        limits=limits_for(is_trusted=True),
        folder=plan.folder,
        said=plan.said,
        fallback=plan.mapping.get("*", "").lower(),
        known=frozenset(
            ImportedRelease.objects.filter(source=plan.source).values_list("source_id", flat=True)
        ),
    )


def _land(batch: Sequence[Outcome], plan: Plan, totals: Totals, told: Report) -> None:
    totals.lines += len(batch)
    told.add(each for each in batch if isinstance(each, Refused))
    totals.already += sum(isinstance(each, Already) for each in batch)
    arrived = [each for each in batch if isinstance(each, Arrived)]
    if arrived and not plan.is_dry:
        made, refused = people.land(plan.source, arrived, at=plan.at)
        totals.accounts += made
        told.add(refused)
    elif arrived:
        totals.accounts += len(arrived)
    prepared = [each for each in batch if isinstance(each, Prepared)]
    landed = landing.land(prepared, _landing(prepared, plan), is_dry=plan.is_dry)
    totals.pending += landed.pending
    totals.drafts += landed.drafts
    totals.already += landed.already
    told.add(landed.refused)


def _landing(prepared: Sequence[Prepared], plan: Plan) -> Landing:
    known = people.accounts_by_source(plan.source, {each.publisher_id for each in prepared})
    names = {each.publisher for each in prepared if each.publisher}
    named = dict(Account.objects.filter(name__in=names).values_list("name", "pk"))
    publishers = {
        each.number: known.get(each.publisher_id) or named.get(each.publisher) or plan.fallback.pk
        for each in prepared
    }
    return Landing(plan.source, plan.at, publishers)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise ImportRefused(reason="another_import_runs")


def _unlock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
