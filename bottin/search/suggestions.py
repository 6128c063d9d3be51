"""Suggestions while one types: titles, tags, categories."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import get_language

from bottin.accounts.viewer import Viewer
from bottin.catalog.models import Category, Release
from bottin.catalog.text import fold, tag_of
from bottin.lib import clock
from bottin.search import readers
from bottin.search.entries import Order, Plan
from bottin.search.errors import SearchNotReady
from bottin.search.language import AllOf, Filter
from bottin.search.words import STOP_WORDS, stripped

LENGTH_MAX: Final = 100
TITLES: Final = 6
TAGS: Final = 3
CATEGORIES: Final = 2
_SHORTEST: Final = 2
_TAGS_READ: Final = 60
_KEPT_S: Final = 60


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that begins like what is typed.

    `kind` is "title", "tag" or "category". `release_id` is that of a title, `slug`
    that of a category or tag. `count` releases carry a tag, 0 where that is not told.
    """

    kind: str
    text: str
    release_id: int | None = None
    slug: str = ""
    count: int = 0


def suggest(viewer: Viewer, text: str) -> tuple[Suggestion, ...]:
    """Return what begins like `text`: categories, tags, then titles, the most seeded first.

    Nothing for less than two characters, more than a hundred, or while there is
    no index. Two queries at most.
    """
    typed = " ".join(text.replace("\x00", "").split())
    is_shut = viewer.user_id is None and settings.BOTTIN_ACCESS == "private"
    if is_shut or not _SHORTEST <= len(typed) <= LENGTH_MAX:
        return ()
    try:
        return (*_categories(typed), *_tags(typed), *_titles(viewer, typed))
    except (SearchNotReady, OSError, ValueError):
        return ()


def _titles(viewer: Viewer, typed: str) -> tuple[Suggestion, ...]:
    *words, last = [stripped(word) for word in typed.split()]
    asked = [word for word in words if word.lower() not in STOP_WORDS]
    node = AllOf(tuple(Filter("title", "=", word) for word in (*asked, f"{last}*")))
    now_s = int(clock.now().timestamp())
    ids = readers.first_of(
        Plan(node, Order("by_seeders"), limit=TITLES, with_total=False, now_s=now_s)
    )
    seen = Release.objects.visible_to(viewer).listed().filter(pk__in=ids)
    titles = dict(seen.values_list("pk", "title"))
    return tuple(Suggestion("title", titles[pk], release_id=pk) for pk in ids if pk in titles)


def _tags(typed: str) -> tuple[Suggestion, ...]:
    beginning = tag_of(typed)
    if not beginning:
        return ()
    found = readers.reader().words_with("tag", beginning, _TAGS_READ)
    most = sorted(found, key=lambda row: (-row[1], row[0]))[:TAGS]
    return tuple(Suggestion("tag", slug, slug=slug, count=count) for slug, count in most)


def _categories(typed: str) -> tuple[Suggestion, ...]:
    wanted = fold(typed)
    found = [
        Suggestion("category", label, slug=slug)
        for label, slug, folded in _shelves()
        if any(part.startswith(wanted) for part in (folded, *folded.split()))
    ]
    return tuple(found[:CATEGORIES])


def _shelves() -> list[tuple[str, str, str]]:
    """Return label, slug and folded label of every category, at most a minute old."""
    key = f"search:shelves:{get_language()}"
    kept: list[tuple[str, str, str]] | None = cache.get(key)
    if kept is None:
        rows = Category.objects.filter(is_active=True, alias_of=None)
        kept = [(row.label, row.slug, fold(row.label)) for row in rows]
        cache.set(key, kept, _KEPT_S)
    return kept
