"""Holds each signed-in request to its sign-in: ended, idle or old ones are signed out (SEC-8)."""

from collections.abc import Callable
from typing import Final

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from bottin.accounts import sign_ins
from bottin.accounts.devices import device_label
from bottin.accounts.permissions import Role
from bottin.accounts.sign_ins import Origin
from bottin.lib import clock
from bottin.web.viewer import account_of

# In the session, on the server: the secret of the row that its owner sees and may end.
SIGN_IN: Final = "bottin_sign_in"
_RENEWED: Final = "bottin_renewed_at"
_RENEW_S: Final = 3600


def origin_of(request: HttpRequest) -> Origin:
    """Return where a request comes from; REMOTE_ADDR is trusted after TrustedProxies."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    return Origin(address, device_label(request.headers.get("User-Agent", "")))


class SignedIn:
    """Ends sessions that no longer count, and speaks the account's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Check the session, if there is one; a request without pays nothing."""
        account = account_of(request)
        if account is None:
            return self._get_response(request)
        if not _still_counts(request, account.pk, Role(account.role)):
            logout(request)
            return self._get_response(request)
        translation.activate(account.language)
        request.LANGUAGE_CODE = translation.get_language() or account.language
        return self._get_response(request)


def begin(request: HttpRequest, account_id: int) -> None:
    """Note that this browser is signed in, under a new secret."""
    at = clock.now()
    _, request.session[SIGN_IN] = sign_ins.open_sign_in(account_id, origin_of(request), at=at)
    request.session[_RENEWED] = int(at.timestamp())


def close(request: HttpRequest) -> None:
    """Note that this browser signs out."""
    secret = request.session.get(SIGN_IN)
    if secret is not None:
        sign_ins.close(secret, at=clock.now())


def _still_counts(request: HttpRequest, account_id: int, role: Role) -> bool:
    secret = request.session.get(SIGN_IN)
    if secret is None:
        begin(request, account_id)
        return True
    at = clock.now()
    if sign_ins.see_again(secret, role, at=at) is None:
        return False
    # The cookie and its row in the database last from their last renewal.
    if at.timestamp() - float(request.session.get(_RENEWED, 0)) > _RENEW_S:
        request.session[_RENEWED] = int(at.timestamp())
    return True
