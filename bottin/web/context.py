"""What every page knows: the site's name, who reads, in which language and theme, the tabs."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from bottin.web import formats
from bottin.web.viewer import account_of, viewer_of

THEMES: Final = ("auto", "light", "dark")
THEME_COOKIE: Final = "theme"


def theme_of(request: HttpRequest) -> str:
    """The theme chosen on this browser, else the account's, else the system's."""
    account = account_of(request)
    chosen = request.COOKIES.get(THEME_COOKIE) or (account.theme if account else "auto")
    return chosen if chosen in THEMES else "auto"


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
        "theme": SimpleLazyObject(lambda: theme_of(request)),
    }
