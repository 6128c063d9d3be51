"""What list pages say about themselves: tabs, shelves, sorts, figures; counts kept for seconds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.core.cache import cache
from django.db.models import Sum
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from bottin.accounts.viewer import Viewer
from bottin.catalog import queries
from bottin.catalog.models import Category, Release
from bottin.catalog.queries import Shelf
from bottin.community import queries as community
from bottin.community.models import Chart, Span
from bottin.ledger.models import Balance
from bottin.tracker.models import SwarmCount

# Tabs stand on every page: their counts may be this old.
_KEPT_S: Final = 20
SHELF_LINES: Final = 6
_FRAGILE_BELOW: Final = 2


@dataclass(frozen=True, slots=True)
class SortLink:
    """The head of a column that sorts; `title` explains a sign used as label."""

    name: str
    label: str
    title: str
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """One choice that narrows a list, and what it would leave."""

    label: str
    count: int
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """The line of true figures of the home page."""

    releases: int
    seeders: int
    leechers: int
    shared_bytes: int


def shelves_of(viewer: Viewer) -> tuple[Shelf, ...]:
    """Return the families with counts, at most 20 seconds old; all members see the same."""
    key = f"web:shelves:{viewer.is_signed_in}"
    kept: tuple[Shelf, ...] | None = cache.get(key)
    if kept is None:
        kept = queries.category_tree(viewer)
        cache.set(key, kept, _KEPT_S)
    return kept


def figures_of(viewer: Viewer) -> Figures:
    """Return the counts of the site, at most 20 seconds old."""
    kept: Figures | None = cache.get("web:figures")
    if kept is None:
        peers = SwarmCount.objects.aggregate(seeders=Sum("seeders"), leechers=Sum("leechers"))
        kept = Figures(
            releases=0,
            seeders=peers["seeders"] or 0,
            leechers=peers["leechers"] or 0,
            shared_bytes=Balance.objects.aggregate(total=Sum("raw_up"))["total"] or 0,
        )
        cache.set("web:figures", kept, _KEPT_S)
    return replace(kept, releases=sum(shelf.listed for shelf in shelves_of(viewer)))


def newest(viewer: Viewer) -> tuple[Release, ...]:
    """Return the latest releases."""
    return tuple(queries.lines(queries.listed_of(viewer).newest_first())[:SHELF_LINES])


def rising(viewer: Viewer) -> tuple[Release, ...]:
    """Return whose swarms grow; while nobody has worked that out, what most people fetch."""
    ranked = community.chart(viewer, Chart.RISING, Span.DAY, limit=SHELF_LINES)
    if ranked:
        return tuple(release for _, release in ranked)
    rows = queries.lines(queries.listed_of(viewer).filter(swarm__leechers__gt=0))
    return tuple(rows.order_by("-swarm__leechers", "-pk")[:SHELF_LINES])


def needing_seeds(viewer: Viewer) -> tuple[Release, ...]:
    """Return what needs seeds most; while nobody has worked that out, what people wait for."""
    ranked = community.neediest(viewer, SHELF_LINES)
    if ranked:
        return ranked
    rows = queries.lines(
        queries.listed_of(viewer).filter(swarm__leechers__gt=0, swarm__seeders__lt=_FRAGILE_BELOW)
    )
    return tuple(rows.order_by("swarm__seeders", "-swarm__leechers", "-pk")[:SHELF_LINES])


def column_heads() -> list[SortLink]:
    """Return the heads of the columns of a list that has one order."""
    return [SortLink(name, label, title, "") for name, label, title in _heads()]


def need_links(request: HttpRequest, current: str) -> list[SortLink]:
    """Return the orders of what needs seeds."""
    return [
        SortLink(name, label, title, address(request, sort=name, page=None), name == current)
        for name, label, title in _need_heads()
    ]


def need_heads() -> list[SortLink]:
    """Return the same columns where there is one order."""
    return [SortLink(name, label, title, "") for name, label, title in _need_heads()]


def _need_heads() -> tuple[tuple[str, str, str], ...]:
    return (
        ("score", _("Need"), _("Greatest need first")),
        ("seeders", _("Seed."), _("Fewest seeders first")),
        ("leechers", _("Leech."), _("Most leechers first")),
        ("size", _("Size"), _("Smallest first")),
        ("oldest", _("Age"), _("Oldest first")),
    )


def _heads() -> tuple[tuple[str, str, str], ...]:
    return (
        ("size", _("Size"), _("Largest first")),
        ("newest", _("Age"), _("Newest first")),
        ("seeders", _("Seed."), _("Most seeders first")),
        ("leechers", _("Leech."), _("Most leechers first")),
        ("completed", _("Done"), _("Most completed downloads first")),
    )


def sort_links(request: HttpRequest, current: str) -> list[SortLink]:
    """Return the heads of the sortable columns, in the order of the columns."""
    return [
        SortLink(name, label, title, address(request, sort=name, cursor=None), name == current)
        for name, label, title in _heads()
    ]


def shelf_facets(shelves: Sequence[Shelf], current: Category | None) -> list[Facet]:
    """Return the shelves as links to their pages."""
    return [
        Facet(
            label=shelf.category.label,
            count=shelf.listed,
            url=reverse("web:category", args=[shelf.category.slug]),
            is_current=current is not None and shelf.category.pk == current.pk,
        )
        for shelf in shelves
    ]


def result_facets(
    request: HttpRequest, shelves: Sequence[Shelf], counts: dict[int, int], current: Category | None
) -> list[Facet]:
    """Return the shelves that hold results: families, and inside one, its shelves."""
    family = (current.parent_id or current.pk) if current else None
    inside = next((shelf.shelves for shelf in shelves if shelf.category.pk == family), None)
    return [
        Facet(
            label=shelf.category.label,
            count=counts[shelf.category.pk],
            url=address(request, category=shelf.category.slug, cursor=None),
            is_current=current is not None and shelf.category.pk == current.pk,
        )
        for shelf in (shelves if inside is None else inside)
        if counts.get(shelf.category.pk)
    ]


def address(request: HttpRequest, **changes: str | None) -> str:
    """Return this page's address with some parameters changed, or dropped for None."""
    parameters: QueryDict = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            parameters.pop(name, None)
        else:
            parameters[name] = value
    encoded = parameters.urlencode()
    return f"{request.path}?{encoded}" if encoded else request.path
