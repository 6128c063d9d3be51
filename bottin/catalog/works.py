"""Reads of works: one with its editions, those that a text finds, and what is like a release."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Length

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog import identifiers
from bottin.catalog.errors import WorkNotFound
from bottin.catalog.models import Edition, Release, ReleaseQuerySet, Work, WorkChange
from bottin.catalog.text import title_key

FOUND_MAX: Final = 50
OTHERS_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class EditionLine:
    """An edition and its published releases, most seeded first."""

    edition: Edition
    releases: tuple[Release, ...]


@dataclass(frozen=True, slots=True)
class Others:
    """What else there is of the work of a release: newer versions, other ones, look-alikes.

    `similar` are not of the work (yet): same identifier, or same title.
    """

    newer: tuple[Release, ...] = ()
    other: tuple[Release, ...] = ()
    similar: tuple[Release, ...] = ()

    @property
    def are_any(self) -> bool:
        """Whether there is something to show."""
        return bool(self.newer or self.other or self.similar)


def work_for(work_id: int, viewer: Viewer) -> Work:
    """Return a work, also one that was merged: see `merged_into`. Two queries.

    Raises WorkNotFound when none of its releases is for this viewer, unless they
    curate or made it.
    """
    work = Work.objects.select_related("merged_into").filter(pk=work_id).first()
    if work is None:
        raise WorkNotFound(work_id=work_id)
    is_own = viewer.is_signed_in and work.created_by_id == viewer.user_id
    stands = work.merged_into or work
    if is_own or viewer.may(Permission.CURATE) or _listed(viewer, stands).exists():
        return work
    raise WorkNotFound(work_id=work_id)


def editions_of(work: Work, viewer: Viewer) -> tuple[EditionLine, ...]:
    """Return the editions that have something, latest version first. Two queries."""
    lines: dict[int, list[Release]] = {}
    rows = _listed(viewer, work).select_related("swarm", "licence", "publisher")
    for row in sorted(rows.order_by("-pk"), key=lambda row: -row.seeders):
        lines.setdefault(row.edition_id or 0, []).append(row)
    return tuple(
        EditionLine(edition, tuple(lines[edition.pk]))
        for edition in work.editions.filter(pk__in=lines)
    )


def changes_of(work: Work) -> tuple[WorkChange, ...]:
    """Return the history of a work, latest first, at most 100. One query."""
    return tuple(work.changes.select_related("actor").order_by("-pk")[:100])


def find_works(text: str, viewer: Viewer, *, limit: int = FOUND_MAX) -> tuple[Work, ...]:
    """Return works by identifier or by the words of their title; all of them for none.

    Only those with something to see; who publishes also sees the empty ones, to fill them.
    One query.
    """
    works = Work.objects.filter(merged_into=None)
    named = identifiers.parse(text)
    if named is not None:
        works = works.filter(identifiers__contains=[str(named)])
    else:
        for word in title_key(text).split()[:8]:
            works = works.filter(title_key__contains=word)
    seen = (
        Release.objects.visible_to(viewer).listed().order_by().filter(edition__work=OuterRef("pk"))
    )
    if not viewer.may(Permission.PUBLISH):
        works = works.filter(Exists(seen))
    return tuple(works.annotate(listed=_published()).order_by("title_key", "pk")[:limit])


def likely_works(release: Release, *, limit: int = 12) -> tuple[Work, ...]:
    """Return the works that a release may be an edition of, the longest title first. One query.

    Its own, those that share an identifier, and those whose title its own begins with.
    """
    words = release.title_key.split()
    starts = [" ".join(words[:count]) for count in range(1, len(words) + 1)]
    likely = Q(title_key__in=starts) | Q(editions__releases=release.pk)
    if release.identifiers:
        likely |= Q(identifiers__overlap=release.identifiers)
    works = Work.objects.filter(likely, merged_into=None).order_by(Length("title_key").desc(), "pk")
    return tuple(works.annotate(listed=_published()).distinct()[:limit])


def others_of(release: Release, viewer: Viewer) -> Others:
    """Return what to look at beside a release. At most two queries."""
    edition = release.edition
    if edition is not None:
        rows = _lines(_listed(viewer, edition.work).exclude(pk=release.pk))
        newer = tuple(row for row in rows if _is_newer(row, edition))
        return Others(newer, tuple(row for row in rows if row not in newer))
    alike = Q(pk__in=())
    if release.identifiers:
        alike |= Q(identifiers__overlap=release.identifiers)
    if release.title_key:
        alike |= Q(title_key=release.title_key)
    found = Release.objects.visible_to(viewer).listed().filter(alike).exclude(pk=release.pk)
    return Others(similar=_lines(found))


def _published() -> Coalesce:
    """Return how many published releases a work has, counted for the works that are shown only."""
    rows = Release.objects.listed().order_by().filter(edition__work=OuterRef("pk"))
    counted = rows.values("edition__work").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _lines(rows: ReleaseQuerySet) -> tuple[Release, ...]:
    wanted = rows.select_related("edition", "swarm", "licence")
    return tuple(wanted.order_by("-edition__label_key", "-pk")[:OTHERS_MAX])


def _is_newer(row: Release, edition: Edition) -> bool:
    theirs = row.edition
    return theirs is not None and theirs.label_key > edition.label_key != ""


def _listed(viewer: Viewer, work: Work) -> ReleaseQuerySet:
    return Release.objects.visible_to(viewer).listed().filter(edition__work=work)
