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
from bottin.catalog.models import Category, ReleaseQuerySet
from bottin.catalog.queries import Shelf
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


def newest(viewer: Viewer) -> ReleaseQuerySet:
    """Return the latest releases."""
    return queries.listed_of(viewer).select_related("swarm").newest_first()[:SHELF_LINES]


def rising(viewer: Viewer) -> ReleaseQuerySet:
    """Return what most people fetch now."""
    rows = queries.listed_of(viewer).filter(swarm__leechers__gt=0).select_related("swarm")
    return rows.order_by("-swarm__leechers", "-pk")[:SHELF_LINES]


def needing_seeds(viewer: Viewer) -> ReleaseQuerySet:
    """Return what people wait for and one seeder, or nobody, holds."""
    rows = queries.listed_of(viewer).filter(
        swarm__leechers__gt=0, swarm__seeders__lt=_FRAGILE_BELOW
    )
    return rows.select_related("swarm").order_by("swarm__seeders", "-swarm__leechers", "-pk")[
        :SHELF_LINES
    ]


def sort_links(request: HttpRequest, current: str) -> list[SortLink]:
    """Return the heads of the sortable columns, in the order of the columns."""
    heads = (
        ("size", _("Size"), _("Largest first")),
        ("newest", _("Age"), _("Newest first")),
        ("seeders", _("Seed."), _("Most seeders first")),
        ("leechers", _("Leech."), _("Most leechers first")),
        ("completed", _("Done"), _("Most completed downloads first")),
    )
    return [
        SortLink(name, label, title, address(request, sort=name, cursor=None), name == current)
        for name, label, title in heads
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
