"""Reads of what members keep, look for, promise, and of what the worker worked out."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import Count, F, Max, Min, Q, QuerySet

from bottin.accounts.viewer import Viewer
from bottin.catalog import queries as catalog
from bottin.catalog.errors import SortUnknown
from bottin.catalog.models import Category, Release
from bottin.community import rules
from bottin.community.errors import SearchUnknown
from bottin.community.models import (
    Bookmark,
    Chart,
    LostKeeper,
    Match,
    Need,
    Offer,
    Pick,
    Pledge,
    Rank,
    SavedSearch,
    Span,
    Tally,
)
from bottin.community.rules import Candidate
from bottin.ledger import queries as ledger
from bottin.ledger.models import Transfer
from bottin.lib import paging
from bottin.lib.paging import BadCursor

PAGE: Final = 50
PICKS: Final = 4
PLAN_FROM: Final = 5_000
PLAN_LINES: Final = 200
NEED_SORTS: Final[dict[str, tuple[str, ...]]] = {
    "score": ("-score", "-release_id"),
    "seeders": ("seeders", "-leechers", "-release_id"),
    "leechers": ("-leechers", "-score", "-release_id"),
    "size": ("size_bytes", "-release_id"),
    "oldest": ("release__published_at", "release_id"),
}
HELD: Final = ("", "held", "lost")


@dataclass(frozen=True, slots=True)
class Kept:
    """One page of bookmarks; `next_cursor` is None at the end. `total` counts them all."""

    rows: tuple[Release, ...]
    total: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class SearchLine:
    """A kept search, how many of its results are new, and when the last one came."""

    search: SavedSearch
    fresh: int
    last_at: datetime | None

    @property
    def number(self) -> str:
        """What its feed is called."""
        return str(self.search.pk)

    @property
    def field_id(self) -> str:
        """A name of its own for the field of a form."""
        return f"pace-{self.number}"


@dataclass(frozen=True, slots=True)
class NeedPage:
    """One page of what needs seeds."""

    rows: tuple[Need, ...]
    total: int
    number: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What a member could keep in the room that is left, the neediest first."""

    offered_bytes: int
    pledged_bytes: int
    wishes: tuple[Need, ...]

    @property
    def room_bytes(self) -> int:
        """Bytes of the offer that no pledge takes."""
        return max(0, self.offered_bytes - self.pledged_bytes)

    @property
    def size_bytes(self) -> int:
        """Bytes that the plan takes."""
        return sum(wish.size_bytes for wish in self.wishes)


@dataclass(frozen=True, slots=True)
class Promise:
    """An open pledge beside what the member's clients do: seeding, fetching, stopped or never."""

    pledge: Pledge
    release: Release
    state: str
    seed_time_s: int
    keepers: int


# --- bookmarks --------------------------------------------------------------------------------


def bookmarked_ids(user_id: int) -> frozenset[int]:
    """Return the releases that an account bookmarked, for marks and filters. One query."""
    kept = Bookmark.objects.filter(account_id=user_id).values_list("release_id", flat=True)
    return frozenset(kept)


def bookmarks(viewer: Viewer, *, cursor: str | None = None, limit: int = PAGE) -> Kept:
    """Return a page of the viewer's bookmarks, the last kept first. Three queries.

    What is not published any more is left out and counted. Raises BadCursor.
    """
    mine = Bookmark.objects.filter(account_id=viewer.user_id or 0).order_by("-pk")
    scope = f"bookmarks|{viewer.user_id}"
    page = mine
    if cursor is not None:
        found = paging.decode(cursor, scope=scope, key=settings.SECRET_KEY.encode())
        if len(found) != 1 or not isinstance(found[0], int):
            raise BadCursor
        page = mine.filter(pk__lt=found[0])
    pairs = list(page.values_list("pk", "release_id")[: limit + 1])
    shown, has_more = pairs[:limit], len(pairs) > limit
    rows = catalog.by_ids(viewer, [release_id for _, release_id in shown])
    after = (
        paging.encode((shown[-1][0],), scope=scope, key=settings.SECRET_KEY.encode())
        if has_more
        else None
    )
    return Kept(rows, mine.count(), after)


# --- searches ---------------------------------------------------------------------------------


def saved_searches(viewer: Viewer) -> list[SearchLine]:
    """Return the viewer's kept searches by name, each with its new results. One query."""
    rows = SavedSearch.objects.filter(account_id=viewer.user_id or 0).select_related(
        "category", "hook"
    )
    counted = rows.annotate(
        fresh=Count("matches", filter=_is_fresh("matches__")), last=Max("matches__at")
    )
    return [SearchLine(row, row.fresh, row.last) for row in counted.order_by("name", "pk")]


def fresh_results(viewer: Viewer) -> int:
    """Count the new results of all the viewer's searches. One query."""
    mine = Match.objects.filter(search__account_id=viewer.user_id or 0, at__gt=F("search__seen_at"))
    return mine.filter(release__state="published").values("release_id").distinct().count()


def saved_search(viewer: Viewer, search_id: int) -> SavedSearch:
    """Return one of the viewer's searches. Raises SearchUnknown."""
    mine = SavedSearch.objects.filter(pk=search_id, account_id=viewer.user_id or 0)
    found = mine.select_related("category").first()
    if found is None:
        raise SearchUnknown(search_id=search_id)
    return found


def results_of(viewer: Viewer, search_id: int, *, limit: int = PAGE) -> tuple[Release, ...]:
    """Return what a kept search found since it is kept, the latest first: its feed. Three queries.

    Raises SearchUnknown.
    """
    search = saved_search(viewer, search_id)
    found = search.matches.order_by("-at", "-pk").values_list("release_id", flat=True)
    return catalog.by_ids(viewer, list(found[:limit]))


# --- what needs seeds -------------------------------------------------------------------------


def needs_page(
    viewer: Viewer,
    *,
    sort: str = "score",
    category: Category | None = None,
    held: str = "",
    number: int = 1,
) -> NeedPage:
    """Return a page of what needs seeds, as of the last round of the worker. Two queries.

    `held`: "held" where somebody seeds it, "lost" where nobody does. Raises SortUnknown.
    """
    if sort not in NEED_SORTS:
        raise SortUnknown(sort=sort[:40], known=sorted(NEED_SORTS))
    rows = _needs(viewer)
    if category is not None:
        shelves = Category.objects.filter(Q(pk=category.pk) | Q(parent_id=category.pk))
        rows = rows.filter(release__category__in=shelves)
    if held in HELD[1:]:
        rows = rows.filter(seeders__gt=0) if held == "held" else rows.filter(seeders=0)
    start = (max(1, number) - 1) * PAGE
    found = list(rows.order_by(*NEED_SORTS[sort])[start : start + PAGE + 1])
    return NeedPage(tuple(found[:PAGE]), rows.count(), max(1, number), len(found) > PAGE)


def neediest(viewer: Viewer, limit: int) -> tuple[Release, ...]:
    """Return the releases that need seeds most, for the home page. Two queries."""
    rows = _needs(viewer).order_by(*NEED_SORTS["score"])
    return catalog.by_ids(viewer, list(rows.values_list("release_id", flat=True)[:limit]))


def need_of(release_id: int) -> Need | None:
    """Return the need of a release, None for one that has seeders enough. One query."""
    return Need.objects.filter(pk=release_id).first()


def plan_for(viewer: Viewer, room_bytes: int | None = None) -> Plan:
    """Choose what the viewer could keep: most need for each byte, in the room that is left.

    What nobody seeds is only chosen for those who downloaded it here: they may
    still have it. What they seed or promised already is left out. Seven queries.
    """
    user_id = viewer.user_id or 0
    offer = Offer.objects.filter(pk=user_id).first()
    offered = room_bytes if room_bytes is not None else (offer.size_bytes if offer else 0)
    pledged = dict(_pledges(user_id).values_list("release_id", "release__size_bytes"))
    running = {one.release_id for one in ledger.running_sessions(user_id) if one.is_seeding}
    had = Transfer.objects.filter(user_id=user_id, completed_at__isnull=False)
    rows = _needs(viewer).filter(
        Q(seeders__gt=0) | Q(release_id__in=list(had.values_list("release_id", flat=True)))
    )
    room = rules.room_left(offered, list(pledged.values()))
    fits = rows.filter(size_bytes__lte=room).exclude(release_id__in=[*pledged, *running])
    best = fits.order_by("-score", "-release_id").values_list("release_id", "score", "size_bytes")
    chosen = rules.fitting(map(_candidate, best[:PLAN_FROM]), room) if room else []
    shown = {one.release_id: one for one in chosen[:PLAN_LINES]}
    needs = _needs(viewer).filter(pk__in=shown).order_by("-score", "-release_id")
    return Plan(offered, sum(pledged.values()), tuple(needs) if shown else ())


def offer_of(user_id: int) -> int | None:
    """Return the bytes that an account offers, None when it offers none. One query."""
    return Offer.objects.filter(pk=user_id).values_list("size_bytes", flat=True).first()


def promises(viewer: Viewer) -> list[Promise]:
    """Return the viewer's open pledges, the latest first, with what clients do. Four queries."""
    user_id = viewer.user_id or 0
    mine = list(_pledges(user_id).order_by("-at", "-pk"))
    ids = [pledge.release_id for pledge in mine]
    releases = {row.pk: row for row in catalog.by_ids(viewer, ids)}
    lines = ledger.transfers_of(user_id, release_ids=ids, limit=len(ids)) if ids else []
    moved = {line.release_id: line for line in lines}
    others = Pledge.objects.filter(release_id__in=ids, ended_at=None).order_by()
    keepers = dict(others.values_list("release_id").annotate(Count("pk")))
    return [
        Promise(
            pledge=pledge,
            release=releases[pledge.release_id],
            state=_state(moved.get(pledge.release_id), pledge),
            seed_time_s=_seed_time(moved.get(pledge.release_id)),
            keepers=keepers.get(pledge.release_id, 1),
        )
        for pledge in mine
        if pledge.release_id in releases
    ]


def pledged_releases(viewer: Viewer, *, limit: int = PAGE) -> tuple[Release, ...]:
    """Return what the viewer promised to seed, the latest first: its feed. Two queries."""
    mine = _pledges(viewer.user_id or 0).order_by("-at", "-pk")
    return catalog.by_ids(viewer, list(mine.values_list("release_id", flat=True)[:limit]))


def lost_keepers(viewer: Viewer, *, limit: int = 20) -> list[LostKeeper]:
    """Return whose keepers left, the unread ones. One query."""
    rows = LostKeeper.objects.filter(account_id=viewer.user_id or 0, seen_at=None)
    return list(rows.select_related("release").order_by("-pk")[:limit])


# --- the best, the team's, the whole ----------------------------------------------------------


def chart(
    viewer: Viewer, what: Chart, span: Span, *, limit: int = 100
) -> list[tuple[int, Release]]:
    """Return a list of the best as (value, release), best first. Two queries."""
    places = Rank.objects.filter(chart=what, span=span).order_by("place")
    values = dict(places.values_list("release_id", "value")[:limit])
    return [(values[row.pk], row) for row in catalog.by_ids(viewer, list(values))]


def picks(viewer: Viewer, *, limit: int = PICKS) -> list[Pick]:
    """Return what the team recommends, the latest first, each with its release. One query."""
    listed = catalog.listed_of(viewer).order_by()
    rows = Pick.objects.filter(release__in=listed).select_related(
        "release__category", "release__licence", "release__swarm"
    )
    return list(rows[:limit])


def pick_of(release_id: int) -> Pick | None:
    """Return the team's word on a release, if there is one. One query."""
    return Pick.objects.filter(pk=release_id).first()


def tallies() -> dict[str, list[tuple[str, int]]]:
    """Return the counts by licence, language and publisher, most first. One query."""
    found: dict[str, list[tuple[str, int]]] = {}
    for kind, key, listed in Tally.objects.order_by("kind", "-listed", "key").values_list(
        "kind", "key", "listed"
    ):
        found.setdefault(kind, []).append((key, listed))
    return found


def any_release(viewer: Viewer) -> Release | None:
    """Return a published release by chance, None where there is none. Two queries."""
    listed = catalog.listed_of(viewer)
    ends = listed.order_by().aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return None
    at = random.randint(ends["first"], ends["last"])  # noqa: S311 - no secret
    return listed.filter(pk__gte=at).order_by("pk").only("pk", "title").first()


def _candidate(row: tuple[int, float, int]) -> Candidate:
    return Candidate(*row)


def _needs(viewer: Viewer) -> QuerySet[Need]:
    rows = Need.objects.filter(release__in=catalog.listed_of(viewer).order_by())
    return rows.select_related("release__category", "release__licence").defer(
        "release__description", "release__description_html", "release__provenance_statement"
    )


def _pledges(user_id: int) -> QuerySet[Pledge]:
    return Pledge.objects.filter(account_id=user_id, ended_at=None)


def _is_fresh(prefix: str) -> Q:
    return Q(**{f"{prefix}at__gt": F("seen_at"), f"{prefix}release__state": "published"})


def _state(line: ledger.TransferLine | None, pledge: Pledge) -> str:
    if line is None:
        return "stopped" if pledge.kept_at else "never"
    if line.is_seeding:
        return "seeding"
    return "fetching" if line.is_leeching else "stopped"


def _seed_time(line: ledger.TransferLine | None) -> int:
    return line.totals.seed_time_s if line else 0
