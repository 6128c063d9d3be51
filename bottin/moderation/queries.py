"""What the team reads before it decides: the queue, and the evidence beside each item."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet, Subquery

from bottin.accounts.models import Account
from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog import queries as catalog
from bottin.catalog.downloads import allowed_web_seeds
from bottin.catalog.models import (
    Category,
    FileRoot,
    Release,
    StateChange,
    StoredMetainfo,
    Tag,
)
from bottin.catalog.paging import Pager
from bottin.catalog.states import ReleaseState
from bottin.lib.text import lookalike_words
from bottin.metainfo.errors import MetainfoRefusal
from bottin.metainfo.limits import TRUSTED_LIMITS
from bottin.metainfo.model import Caution, Outside
from bottin.metainfo.parser import parse
from bottin.metainfo.rebuild import personal_torrent
from bottin.metainfo.tree import Folder, tree_of
from bottin.moderation.models import ReviewLock
from bottin.pictures import queries as pictures
from bottin.pictures.queries import Enclosed
from bottin.uploads import duplicates, fingerprints
from bottin.uploads.duplicates import Overlap
from bottin.uploads.fingerprints import Fingerprints
from bottin.uploads.models import RefusedContent


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A release that waits, and the name of another moderator who looks at it, if any."""

    release: Release
    looked_at_by: str | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of the queue, oldest first; `total` is exact."""

    rows: tuple[QueueItem, ...]
    next_cursor: str | None
    previous_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class PublisherRecord:
    """What became of a publisher's other releases, by state, drafts left out."""

    account: Account
    by_state: dict[ReleaseState, int]

    @property
    def handed_in(self) -> int:
        """How many there are in all."""
        return sum(self.by_state.values())

    def count(self, *states: ReleaseState) -> int:
        """How many are in these states."""
        return sum(self.by_state.get(state, 0) for state in states)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known of a release, beside the release itself.

    `last_change_id` goes back with the decision as `seen_change_id`. `neighbours`
    have some of the same files, with their share; `refused` are the
    fingerprints that refuse or hold it. `cautions` are the parser's and our own
    (`lookalike_title`, `web_seed_left_out`).
    """

    release: Release
    tags: tuple[str, ...]
    files: Folder
    history: tuple[StateChange, ...]
    last_change_id: int
    publisher: PublisherRecord
    neighbours: tuple[Overlap, ...]
    refused: tuple[RefusedContent, ...]
    cautions: tuple[Caution, ...]
    looked_at_by: str | None
    enclosed: Enclosed


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is stored of a release in several tables, read in one query."""

    stored: StoredMetainfo
    roots: tuple[bytes, ...]
    tags: tuple[str, ...]
    looked_at_by: str | None
    enclosed: Enclosed

    @classmethod
    def of(cls, release: Release, viewer: Viewer, at: datetime) -> "_Kept":
        roots = FileRoot.objects.filter(release_id=OuterRef("release_id")).values("root")
        tags = Tag.objects.filter(releases=OuterRef("release_id")).order_by("slug").values("slug")
        row = StoredMetainfo.objects.annotate(
            kept_roots=ArraySubquery(roots),
            kept_tags=ArraySubquery(tags),
            looked_at_by=_looked_at(viewer, at, "release_id"),
            **pictures.beside("release_id"),
        ).get(pk=release.pk)
        enclosed = pictures.enclosed_in(row)
        return cls(row, tuple(row.kept_roots), tuple(row.kept_tags), row.looked_at_by, enclosed)


def queue(
    viewer: Viewer,
    *,
    at: datetime,
    category: Category | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> QueuePage:
    """Return a page of what waits for the team, oldest first. Two queries.

    Raises NotAllowed, BadCursor.
    """
    viewer.require(Permission.MODERATE)
    waiting = Release.objects.visible_to(viewer).filter(state=ReleaseState.PENDING)
    if category is not None:
        waiting = waiting.of_family(category)
    pager = Pager("waiting", f"queue|{category.pk if category else ''}", limit)
    rows = waiting.select_related("category__parent", "licence", "publisher", "swarm")
    page = pager.cut(rows.annotate(looked_at_by=_looked_at(viewer, at)), cursor)
    items = tuple(QueueItem(row, getattr(row, "looked_at_by", None)) for row in page.rows)
    return QueuePage(items, page.next_cursor, page.previous_cursor, waiting.count())


def waiting_count(viewer: Viewer) -> int:
    """Return how many releases wait, 0 for those who are not of the team. One query."""
    if not viewer.may(Permission.MODERATE):
        return 0
    return Release.objects.filter(state=ReleaseState.PENDING).count()


def next_waiting(viewer: Viewer, after: Release) -> Release | None:
    """Return what waits next after this one, for a queue read by keyboard. One query."""
    viewer.require(Permission.MODERATE)
    waiting = Release.objects.filter(state=ReleaseState.PENDING).exclude(pk=after.pk)
    if after.submitted_at is not None:
        later = waiting.filter(submitted_at__gte=after.submitted_at)
        found = later.order_by("submitted_at", "pk").first()
        if found is not None:
            return found
    return waiting.order_by("submitted_at", "pk").first()


def evidence(release: Release, viewer: Viewer, *, at: datetime) -> Evidence:
    """Return what helps to decide on a release. Five queries.

    Raises NotAllowed.
    """
    viewer.require(Permission.MODERATE)
    kept = _Kept.of(release, viewer, at)
    files = catalog.files_in(kept.stored.files)
    prints = Fingerprints.of_release(release, roots=kept.roots, files=files)
    history = catalog.history_of(release)
    return Evidence(
        release=release,
        tags=kept.tags,
        files=tree_of(files, release.name),
        history=history,
        last_change_id=history[-1].pk if history else 0,
        publisher=record_of(release.publisher, besides=release),
        neighbours=duplicates.overlaps_of(
            release, viewer, stored=kept.stored, prints=prints, is_listed_only=False
        ),
        refused=tuple(fingerprints.refused(prints, at=at)),
        cautions=_cautions(release, kept.stored),
        looked_at_by=kept.looked_at_by,
        enclosed=kept.enclosed,
    )


def record_of(account: Account, *, besides: Release | None = None) -> PublisherRecord:
    """Return what became of what an account handed in. One query."""
    releases = Release.objects.filter(publisher=account).exclude(state=ReleaseState.DRAFT)
    if besides is not None:
        releases = releases.exclude(pk=besides.pk)
    counted = releases.order_by().values_list("state").annotate(count=Count("pk"))
    return PublisherRecord(account, {ReleaseState(state): count for state, count in counted})


def _cautions(release: Release, stored: StoredMetainfo) -> tuple[Caution, ...]:
    layers = bytes(stored.piece_layers) if stored.piece_layers else b""
    try:
        found = parse(personal_torrent(bytes(stored.info), Outside(), layers), TRUSTED_LIMITS)
        cautions = list(found.warnings)
    except MetainfoRefusal as refusal:
        # Accepted under other limits than today's.
        cautions = [Caution(refusal.code)]
    cautions += [Caution("lookalike_title", word) for word in lookalike_words(release.title)]
    allowed = allowed_web_seeds(stored)
    cautions += [Caution("web_seed_left_out", u) for u in stored.web_seeds if u not in allowed]
    return tuple(cautions)


def _looked_at(viewer: Viewer, at: datetime, release: str = "pk") -> Subquery:
    locks = ReviewLock.objects.filter(release_id=OuterRef(release), until__gt=at)
    others: QuerySet[ReviewLock] = locks.exclude(moderator_id=viewer.user_id or 0)
    return Subquery(others.values("moderator__name")[:1])
