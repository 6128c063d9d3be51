"""The tabs at the edge of every page: the families of the directory, with counts."""

from dataclasses import dataclass

from django import template
from django.template.context import Context

from bottin.accounts.viewer import ANONYMOUS
from bottin.catalog.models import Category
from bottin.web.lists import shelves_of

register = template.Library()


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab."""

    slug: str
    label: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Tabs:
    """All of them; `is_all` when the list of everything is open."""

    families: list[Tab]
    total: int
    is_all: bool


@register.simple_tag(takes_context=True)
def category_tabs(context: Context) -> Tabs:
    """Give the tabs; the page's `category` or `is_everything` says which is current."""
    category = context.get("category")
    current = None
    if isinstance(category, Category):
        current = category.parent_id or category.pk
    families = [
        Tab(shelf.category.slug, shelf.category.label, shelf.listed, shelf.category.pk == current)
        for shelf in shelves_of(context.get("viewer") or ANONYMOUS)
    ]
    total = sum(tab.count for tab in families)
    return Tabs(families, total, is_all=bool(context.get("is_everything")) and current is None)
