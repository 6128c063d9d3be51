"""Which releases a feed holds: its name becomes a list of the catalogue or a search."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from django.core.cache import cache
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from bottin.accounts.errors import NotAllowed
from bottin.accounts.permissions import Permission
from bottin.accounts.queries import account_named
from bottin.accounts.viewer import Viewer
from bottin.catalog import queries
from bottin.catalog.models import Category, Release
from bottin.community import queries as community
from bottin.feeds.errors import NoSuchFeed
from bottin.search import queries as search_queries
from bottin.search.errors import SearchNotReady
from bottin.search.requests import FACETS, SearchRequest

LIMIT: Final = 50
LIMIT_MAX: Final = 100
_QUERY_LENGTH: Final = 400
_CATEGORY_KEPT_S: Final = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what: the name of the feed after its kind, and the parameters."""

    viewer: Viewer
    name: str
    given: QueryDict

    @property
    def limit(self) -> int:
        """How many items, 1 to 100; what is no number counts as absent."""
        text = self.given.get("limit", "")
        return max(1, min(int(text[:6]), LIMIT_MAX)) if text.isdecimal() else LIMIT


@dataclass(frozen=True, slots=True)
class Selection:
    """The releases of a feed, newest first, what it is called, the page that shows the same."""

    title: str
    page_path: str
    rows: tuple[Release, ...]


def selection_of(feed: str, viewer: Viewer, given: QueryDict) -> Selection:
    """Return what a feed holds, in two queries; three where it is a member's own.

    Raises NotAllowed, SearchUnknown, NoSuchFeed, CategoryNotFound, AccountNotFound,
    BadQuery, SearchNotReady, SortUnknown.
    """
    kind, _slash, name = feed.partition("/")
    select = KINDS.get(kind)
    if select is None or "\x00" in feed or bool(name) is (kind in _NAMELESS):
        raise NoSuchFeed(feed=feed[:80])
    return select(Asked(viewer, name, given))


def texts_of(rows: tuple[Release, ...]) -> dict[int, str]:
    """Return the descriptions of releases, as HTML of ours, by id. One query."""
    ids = [row.pk for row in rows]
    return dict(Release.objects.filter(pk__in=ids).values_list("pk", "description_html"))


def _everything(asked: Asked) -> Selection:
    return Selection(_("New releases"), "/search", _newest(asked, queries.listed_of(asked.viewer)))


def _category(asked: Asked) -> Selection:
    category = _shelf(asked.name)
    listed = queries.listed_of(asked.viewer, category=category)
    return Selection(category.label, f"/c/{category.slug}", _newest(asked, listed))


def _publisher(asked: Asked) -> Selection:
    account = account_named(asked.name)
    listed = queries.listed_of(asked.viewer, publisher=account)
    path = f"/publishers/{quote(account.name)}"
    return Selection(account.name, path, _newest(asked, listed))


def _tag(asked: Asked) -> Selection:
    listed = queries.listed_of(asked.viewer).filter(tags__slug=asked.name)
    path = "/search?" + urlencode({"q": f"tag:{asked.name}"})
    return Selection(f"#{asked.name}", path, _newest(asked, listed))


def _licence(asked: Asked) -> Selection:
    listed = queries.listed_of(asked.viewer).filter(licence__code__iexact=asked.name)
    path = "/search?" + urlencode({"q": f"licence:{asked.name}"})
    return Selection(asked.name, path, _newest(asked, listed))


def _search(asked: Asked) -> Selection:
    text = " ".join(asked.given.get("q", "")[:_QUERY_LENGTH].split())
    slug = asked.given.get("category", "")
    filters = {name: tuple(filter(None, asked.given.getlist(name))) for name in FACETS}
    filters = {name: values for name, values in filters.items() if values}
    if not text and not filters:
        return _category(Asked(asked.viewer, slug, asked.given)) if slug else _everything(asked)
    category = _shelf(slug) if slug else None
    sort = asked.given.get("sort") or "newest"
    request = SearchRequest(text, category=category, filters=filters, sort=sort, limit=asked.limit)
    found = search_queries.search(asked.viewer, request)
    if found.is_rebuilding:
        raise SearchNotReady  # a reader takes a feed for the whole one
    words = [("q", text), ("category", category.slug if category else "")]
    words += [(name, value) for name, values in filters.items() for value in values]
    path = "/search?" + urlencode([(name, value) for name, value in words if value])
    return Selection(f"“{text}”" if text else _("Search"), path, found.rows)


def _bookmarks(asked: Asked) -> Selection:
    kept = community.bookmarks(_own(asked), limit=asked.limit)
    return Selection(_("Bookmarks"), "/me/bookmarks", kept.rows)


def _pledges(asked: Asked) -> Selection:
    rows = community.pledged_releases(_own(asked), limit=asked.limit)
    return Selection(_("My pledges"), "/me/pledges", rows)


def _kept_search(asked: Asked) -> Selection:
    number = int(asked.name[:18]) if asked.name.isdecimal() else 0
    search = community.saved_search(_own(asked), number)
    rows = community.results_of(asked.viewer, number, limit=asked.limit)
    return Selection(search.name, f"/me/searches/{number}", rows)


def _needs(asked: Asked) -> Selection:
    return Selection(_("Needs seeds"), "/rescue", community.neediest(asked.viewer, asked.limit))


def _own(asked: Asked) -> Viewer:
    """Return who asks for what is theirs. Raises NotAllowed for a stranger."""
    asked.viewer.require(Permission.BROWSE)
    if not asked.viewer.is_signed_in:
        raise NotAllowed(permission=Permission.OWN_ACCOUNT.value, role=asked.viewer.role.value)
    return asked.viewer


KINDS: Final[dict[str, Callable[[Asked], Selection]]] = {
    "all": _everything,
    "category": _category,
    "publisher": _publisher,
    "tag": _tag,
    "licence": _licence,
    "search": _search,
    "rescue": _needs,
    "bookmarks": _bookmarks,
    "pledges": _pledges,
    "kept": _kept_search,
}
_NAMELESS: Final = frozenset({"all", "search", "rescue", "bookmarks", "pledges"})


def _newest(asked: Asked, listed: QuerySet[Release]) -> tuple[Release, ...]:
    at_least = asked.given.get("min_size", "")
    if at_least.isdecimal() and at_least.isascii():
        listed = listed.filter(size_bytes__gte=min(int(at_least[:18]), 2**62))
    rows = queries.lines(listed).order_by("-published_at", "-pk")
    return tuple(rows[: asked.limit])


def _shelf(slug: str) -> Category:
    """Return a category by its slug or its id, kept for seconds: names of shelves hardly change."""
    key = f"feeds:shelf:{quote(slug[:80], safe='')}"
    kept: Category | None = cache.get(key)
    if kept is not None:
        return kept
    if slug.isdecimal():
        known = Category.objects.filter(pk=int(slug[:9])).values_list("slug", flat=True).first()
        slug = known or slug
    found = queries.category_by_slug(slug)
    cache.set(key, found, _CATEGORY_KEPT_S)
    return found
