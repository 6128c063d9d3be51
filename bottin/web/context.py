"""What every page knows: the site's name, who reads, in which language and theme, the tabs."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from bottin.community.queries import bookmarked_ids
from bottin.web import formats
from bottin.web.viewer import account_of, viewer_of

THEMES: Final = ("auto", "light", "dark")
THEME_COOKIE: Final = "theme"
LAYOUTS: Final = ("table", "compact", "cards")
LAYOUT_COOKIE: Final = "layout"


def theme_of(request: HttpRequest) -> str:
    """The theme chosen on this browser, else the account's, else the system's."""
    account = account_of(request)
    chosen = request.COOKIES.get(THEME_COOKIE) or (account.theme if account else "auto")
    return chosen if chosen in THEMES else "auto"


def layout_of(request: HttpRequest) -> str:
    """How lists are laid out on this browser."""
    chosen = request.COOKIES.get(LAYOUT_COOKIE, "")
    return chosen if chosen in LAYOUTS else LAYOUTS[0]


def kept_by(request: HttpRequest) -> frozenset[int]:
    """The releases that the reader bookmarked, for the marks in lists. One query, or none."""
    user_id = viewer_of(request).user_id
    return bookmarked_ids(user_id) if user_id else frozenset()


def asked_language(request: HttpRequest) -> str:
    """The language that the address itself asks for, which is then part of its one true form."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else ""


def site(request: HttpRequest) -> dict[str, object]:
    """Context processor of all templates."""
    return {
        "site_name": settings.BOTTIN.site_name,
        "is_demo": settings.BOTTIN.demo,
        "registration": settings.BOTTIN.registration,
        "origin": settings.BOTTIN.origin,
        "asked_language": asked_language(request),
        "source_url": settings.BOTTIN.source_url,
        "viewer": SimpleLazyObject(lambda: viewer_of(request)),
        "lang": formats.language(),
        "layout": layout_of(request),
        "bookmarks": SimpleLazyObject(lambda: kept_by(request)),
        "theme": SimpleLazyObject(lambda: theme_of(request)),
    }
