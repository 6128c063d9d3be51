"""Fills an empty site: every demo work through the door that members use, then a small history."""

import random
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import transaction

from bottin.accounts.models import Account
from bottin.accounts.viewer import Viewer, viewer_for
from bottin.catalog.models import Licence, Release
from bottin.catalog.states import ReleaseState
from bottin.config.demo import community, covers, gathered, history, payload, people
from bottin.config.demo.works import Work, all_works
from bottin.metainfo.build import BuildOptions, build
from bottin.moderation import actions as moderation
from bottin.uploads import actions as uploads
from bottin.uploads.fields import ReleaseFields

# The last works are left on their way, so that every state can be seen.
ON_THE_WAY: Final[tuple[ReleaseState, ...]] = (
    ReleaseState.PENDING,
    ReleaseState.PENDING,
    ReleaseState.PENDING,
    ReleaseState.PENDING,
    ReleaseState.PENDING,
    ReleaseState.PENDING,
    ReleaseState.CHANGES_REQUESTED,
    ReleaseState.REJECTED,
    ReleaseState.QUARANTINED,
    ReleaseState.REMOVED_LEGAL,
    ReleaseState.REMOVED_TERMS,
)
_OLDEST_DAYS: Final = 400
_NEEDS_NO_STATEMENT: Final = ""

Progress = Callable[[int, int], None]


def is_filled() -> bool:
    """Whether the site holds the demo releases already, and their covers, which come last."""
    there = Release.objects.filter(is_demo=True).count()
    return there >= len(all_works()) - 1 and covers.are_whole()


def fill(at: datetime, progress: Progress) -> int:
    """Publish every work that is missing; return how many releases the demo has.

    Goes on where a stopped run left off: a work whose title is there is skipped.
    """
    staff = people.ensure_people(at)
    there = set(Release.objects.filter(is_demo=True).values_list("title", flat=True))
    statements = dict(Licence.objects.values_list("code", "needs_statement"))
    works = all_works()
    with tempfile.TemporaryDirectory(prefix="bottin-demo-") as folder:
        for work in works:
            if work.title not in there:
                made = build(payload.write(work, Path(folder)), BuildOptions(version=work.version))
                fields = _fields(work, needs_statement=statements.get(work.licence_code, False))
                _publish(work, made.raw, fields, staff, at)
            progress(work.number + 1, len(works))
    for step in (history.write, gathered.write, community.write):
        with transaction.atomic():
            step(staff, at)
    covers.write(staff, at)
    return Release.objects.filter(is_demo=True).count()


def _publish(
    work: Work, torrent: bytes, fields: ReleaseFields, staff: dict[str, Account], at: datetime
) -> None:
    when = _moment(work, at)
    goal = _goal(work)
    by = viewer_for(staff[_publisher(work)])
    release_id = uploads.receive_torrent(torrent, by=by, at=when).release.pk
    with transaction.atomic():
        Release.objects.filter(pk=release_id).update(is_demo=True)
        uploads.submit_release(release_id, fields, by=by, at=when)
        _decide(release_id, goal, staff, when)


def _goal(work: Work) -> ReleaseState:
    left = len(all_works()) - work.number
    spread = left % 27 == 0 and left // 27 <= len(ON_THE_WAY)
    return ON_THE_WAY[left // 27 - 1] if spread else ReleaseState.PUBLISHED


def _decide(release_id: int, goal: ReleaseState, staff: dict[str, Account], when: datetime) -> None:
    samir = viewer_for(staff["samir"], None)
    after = when + timedelta(hours=3)
    decisions: dict[ReleaseState, Callable[[Viewer], object]] = {
        ReleaseState.CHANGES_REQUESTED: lambda by: moderation.request_changes(
            release_id, by=by, at=after, reason="Démonstration : précisez l’édition.",
            reason_code="other",
        ),
        ReleaseState.REJECTED: lambda by: moderation.reject_release(
            release_id, by=by, at=after, reason="Démonstration : la provenance n’est pas claire.",
            reason_code="other",
        ),
        ReleaseState.QUARANTINED: lambda by: moderation.quarantine_release(
            release_id, by=by, at=after, reason="Démonstration : vérification en cours.",
            reason_code="other",
        ),
        ReleaseState.REMOVED_LEGAL: lambda by: moderation.take_down_release(
            release_id, by=by, at=after, reason="Démonstration d’un retrait légal.",
            reason_code="other", is_legal=True,
        ),
        ReleaseState.REMOVED_TERMS: lambda by: moderation.take_down_release(
            release_id, by=by, at=after, reason="Démonstration d’un retrait.", reason_code="other",
            is_legal=False,
        ),
    }  # fmt: skip
    if goal in decisions:
        decisions[goal](samir)


def _moment(work: Work, at: datetime) -> datetime:
    """Spread publication over the last months; what awaits review came in these days, in order."""
    if _goal(work) is ReleaseState.PENDING:
        return at - timedelta(minutes=15 * (len(all_works()) - work.number))
    dice = random.Random(f"moment/{work.slug}")  # noqa: S311 - dates of a demo
    return at - timedelta(seconds=dice.randrange(3600, _OLDEST_DAYS * 86_400))


def _fields(work: Work, *, needs_statement: bool) -> ReleaseFields:
    return ReleaseFields(
        title=work.title,
        category_id=work.category_id,
        licence_code=work.licence_code,
        provenance_url=work.source_url,
        provenance_statement=_statement(work) if needs_statement else _NEEDS_NO_STATEMENT,
        description=_description(work),
        language="" if work.language == "mul" else work.language,
        tags=work.tags,
        year=work.year,
        authors=gathered.authors_of(work),
        identifiers=gathered.identifiers_of(work),
        facts=gathered.facts_of(work),
        is_open=work.licence_code.startswith(("GPL", "BSD", "CC0", "MIT", "ISC")),
    )


def _statement(work: Work) -> str:
    if _in_english(work):
        return (
            f"A work of {work.year}. The ground on which it is in the public domain is stated at"
            f" the source: {work.source_url}"
        )
    return (
        f"Œuvre de {work.year}. Le fondement du domaine public est indiqué à la source : "
        f"{work.source_url}"
    )


def _in_english(work: Work) -> bool:
    """Whether who hands it in writes in English."""
    return any(one.name == _publisher(work) and one.language == "en" for one in people.PEOPLE)


def _publisher(work: Work) -> str:
    """Choose who hands it in: what waits for the team comes from members."""
    if _goal(work) is ReleaseState.PENDING:
        return "lea" if work.number % 2 else "bruno"
    return people.PUBLISHERS[work.number % len(people.PUBLISHERS)]


def _description(work: Work) -> str:
    if _in_english(work):
        return (
            f"**{work.title}** ({work.year}).\n\n"
            f"- Source: <{work.source_url}>\n"
            f"- Licence: {work.licence_code}\n\n"
            "*Demonstration* content: the bytes shared are made by Bottin, in the shapes of the "
            "work. The release, its licence and its source are real."
        )
    return (
        f"**{work.title}** ({work.year}).\n\n"
        f"- Source : <{work.source_url}>\n"
        f"- Licence : {work.licence_code}\n\n"
        "Contenu de *démonstration* : les octets partagés sont engendrés par Bottin, aux formes "
        "de l’œuvre. La fiche, la licence et la source sont réelles."
    )
