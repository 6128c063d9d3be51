"""Who calls: a token's owner or a stranger at an address, and how much each may ask (API-1, 6)."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from bottin.accounts import throttle, tokens
from bottin.accounts.permissions import Permission, Scope
from bottin.accounts.viewer import ANONYMOUS, Viewer
from bottin.api.refusals import MalformedAuthorization, ScopeMissing, TokenRequired
from bottin.lib.clock import now

# A search costs more than a row read by its id.
SEARCH_WEIGHT: Final = 3
# What stays open on a site that shows nothing without an account: how to use the door.
_OPEN_DOORS: Final = frozenset({Permission.SIGN_IN})
_LONGEST_TOKEN: Final = 200


class ApiRequest(HttpRequest):
    """A request that went through a door: `caller` is who makes it."""

    caller: "Caller"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and the bucket that their calls are counted in."""

    viewer: Viewer
    bucket: str
    limit: throttle.Limit

    @property
    def account_id(self) -> int:
        """The account behind the call. Raises TokenRequired for a stranger."""
        if self.viewer.user_id is None:
            raise TokenRequired
        return self.viewer.user_id

    def count_call(self, weight: int = 1) -> None:
        """Count this call. Raises TooManyTries."""
        for _part in range(weight):
            throttle.require(self.bucket, self.limit)

    def add_headers(self, response: HttpResponse) -> None:
        """Say how much is left, in the draft's form and in the older one (API-6)."""
        taken = throttle.taken(self.bucket, self.limit)
        left = max(0, self.limit.count - taken)
        reset_s = round(taken * self.limit.window_s / self.limit.count)
        response["RateLimit-Policy"] = f'"api";q={self.limit.count};w={self.limit.window_s}'
        response["RateLimit"] = f'"api";r={left};t={reset_s}'
        response["X-RateLimit-Limit"] = str(self.limit.count)
        response["X-RateLimit-Remaining"] = str(left)
        response["X-RateLimit-Reset"] = str(reset_s)


def caller_of(request: HttpRequest) -> Caller:
    """Recognise the caller by the `Authorization` header; cookies are not looked at.

    Raises MalformedAuthorization, and BadToken when the token opens nothing.
    """
    raw = _bearer_token(request)
    address = str(request.META.get("REMOTE_ADDR", ""))
    by_address = throttle.by_address("api", address)
    if raw is None:
        return Caller(ANONYMOUS, by_address, settings.BOTTIN_THROTTLE_API_ADDRESS)
    viewer = tokens.authenticate(raw, at=now())
    bucket = throttle.key_of("api", str(viewer.user_id))
    return Caller(viewer, bucket, settings.BOTTIN_THROTTLE_API_ACCOUNT)


def stranger_at(request: HttpRequest) -> Caller:
    """Return the address as a caller: whoever guesses tokens is counted by it."""
    bucket = throttle.by_address("api", str(request.META.get("REMOTE_ADDR", "")))
    return Caller(ANONYMOUS, bucket, settings.BOTTIN_THROTTLE_API_ADDRESS)


def check_may_enter(viewer: Viewer, permission: Permission, scope: Scope) -> None:
    """Hold a caller to what the route declares.

    Raises TokenRequired when a stranger needs an account here, ScopeMissing
    when the token was not made for it, NotAllowed when the account may not.
    """
    if not viewer.is_signed_in:
        is_shut = settings.BOTTIN_ACCESS == "private" and permission not in _OPEN_DOORS
        if is_shut or not viewer.may(permission):
            raise TokenRequired
        return
    if viewer.scopes is not None and scope.value not in viewer.scopes:
        raise ScopeMissing(scope=scope.value)
    viewer.require(permission)


def _bearer_token(request: HttpRequest) -> str | None:
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.isascii() or not 0 < len(token) <= _LONGEST_TOKEN:
        raise MalformedAuthorization
    return token
