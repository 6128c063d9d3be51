"""The one permission that each route declares, checked before its view runs."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, Final, ParamSpec, cast
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from bottin.accounts.permissions import Permission
from bottin.web.viewer import viewer_of

_P = ParamSpec("_P")
View = Callable[Concatenate[HttpRequest, _P], HttpResponseBase]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# On a private site a visitor may do these and nothing else.
_OPEN_DOORS: Final = frozenset({Permission.SIGN_IN})


def needs(permission: Permission) -> Callable[[View[_P]], View[_P]]:
    """Let a view run for viewers who hold `permission`.

    A visitor who lacks it is sent to sign in, and comes back; an account that
    lacks it gets NotAllowed (403), which names the permission. A test walks
    the URLconf: a route whose view lacks this decorator fails.
    """

    def guard(view: View[_P]) -> View[_P]:
        @functools.wraps(view)
        def guarded(
            request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs
        ) -> HttpResponseBase:
            viewer = viewer_of(request)
            is_shut = settings.BOTTIN_ACCESS == "private" and permission not in _OPEN_DOORS
            if not viewer.is_signed_in and (is_shut or not viewer.may(permission)):
                return to_sign_in(request)
            viewer.require(permission)
            return view(request, *args, **kwargs)

        cast("Any", guarded).permission = permission
        return guarded

    return guard


def fresh_password(view: View[_P]) -> View[_P]:
    """Ask for the password again when it was typed too long ago (SEC-8), then go on."""
    return cast("View[_P]", reauthentication_required(view))


def permission_of(view: object) -> Permission | None:
    """Return the permission that a view declares, or None when it declares none."""
    declared = getattr(view, "permission", None)
    return declared if isinstance(declared, Permission) else None


def to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Send a visitor to sign in, and back here afterwards when the page can be asked again."""
    target = reverse("account_login")
    if request.method in SAFE_METHODS:
        target += "?" + urlencode({"next": request.get_full_path()})
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(target)
    return HttpResponseRedirect(target)
