"""Turns a request into the viewer that queries and actions take."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from bottin.accounts.models import Account
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import Viewer, viewer_for

_CACHED: Final = "_bottin_viewer"


def account_of(request: HttpRequest) -> Account | None:
    """Return the account signed in by this request's session, or None for a visitor."""
    user = getattr(request, "user", None)
    return user if isinstance(user, Account) and user.is_authenticated else None


def viewer_of(request: HttpRequest) -> Viewer:
    """Return who asks: the session's account, or a visitor in the language being shown.

    Computed once for each request, and again when somebody signs in or out
    within it.
    """
    account = account_of(request)
    known: tuple[int | None, Viewer] | None = getattr(request, _CACHED, None)
    if known is not None and known[0] == (account.pk if account else None):
        return known[1]
    viewer = viewer_for(account) if account else _visitor()
    setattr(request, _CACHED, (viewer.user_id, viewer))
    return viewer


def _visitor() -> Viewer:
    language = (translation.get_language() or settings.LANGUAGE_CODE)[:2]
    return Viewer(user_id=None, role=Role.VISITOR, language=language)
