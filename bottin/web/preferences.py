"""Language, theme and layout kept on this browser: the only cookies before sign-in (WEB-3)."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

from bottin.web.context import LAYOUT_COOKIE, THEME_COOKIE

_YEAR_S: Final = 365 * 86_400


def remember(
    response: HttpResponseBase,
    *,
    language: str | None = None,
    theme: str | None = None,
    layout: str | None = None,
) -> None:
    """Write the choices that are given into cookies; who may write them checked the values."""
    cookies = {settings.LANGUAGE_COOKIE_NAME: language, THEME_COOKIE: theme, LAYOUT_COOKIE: layout}
    for name, value in cookies.items():
        if value is not None:
            response.set_cookie(
                name,
                value,
                max_age=_YEAR_S,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )


def way_back(request: HttpRequest) -> str:
    """Return the page of ours that a form names in `next`, or the home page."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else "/"
