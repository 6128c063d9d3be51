"""API tokens: made of chance, shown once, kept as a digest, held to their scopes (PRIV-9)."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from bottin.accounts.errors import BadLifetime, BadScopes, BadToken, TokenNotFound
from bottin.accounts.models import Account, AccountState, ApiToken, CredentialEvent
from bottin.accounts.permissions import Permission, Role, Scope, allows
from bottin.accounts.signals import Change, tell
from bottin.accounts.viewer import Viewer, viewer_for
from bottin.lib import clock

# What a scanner for leaked secrets, or a person, recognises.
PREFIX: Final = "bottin_"
LONGEST_D: Final = 365
_SIZE: Final = 32  # bytes of chance: too many to guess, so a plain digest is enough
_NAME_MAX: Final = 64
_RAW_MAX: Final = 100
# What a scope is for: whoever lacks that cannot have the scope.
_POINT_OF: Final = {
    Scope.READ: Permission.USE_API,
    Scope.DOWNLOAD: Permission.DOWNLOAD,
    Scope.PUBLISH: Permission.PUBLISH,
}


class Issued(NamedTuple):
    """A new token and its text, which nobody can read again."""

    token: ApiToken
    raw: str


class TokenRequest(NamedTuple):
    """What a new token is called, may do, and how many days it lives."""

    name: str
    scopes: frozenset[str]
    lifetime_d: int = LONGEST_D


@transaction.atomic
def issue(account: Account, request: TokenRequest, *, by: Viewer, at: datetime) -> Issued:
    """Make a token for `account` that expires `lifetime_d` days after `at`.

    The text is `bottin_` and 43 letters, figures, `-` or `_` (32 random bytes).
    Raises BadScopes when a scope is unknown or beyond the owner's role, or
    none is given, BadLifetime outside 1 to 365 days, and NotAllowed when
    `by` is neither the owner nor an administrator.
    """
    _may_handle(account.pk, by)
    scopes = _checked(request.scopes, Role(account.role))
    if not 1 <= request.lifetime_d <= LONGEST_D:
        raise BadLifetime(longest_d=LONGEST_D)
    raw = PREFIX + secrets.token_urlsafe(_SIZE)
    token = ApiToken.objects.create(
        account=account,
        name=request.name.strip()[:_NAME_MAX] or raw[-4:],
        digest=digest_of(raw),
        last_four=raw[-4:],
        scopes=scopes,
        created_at=at,
        expires_at=at + timedelta(days=request.lifetime_d),
    )
    _note(token, "issued", by=by, at=at)
    return Issued(token, raw)


def authenticate(raw: str, *, at: datetime | None = None) -> Viewer:
    """Return the viewer that stands for a token: its owner, held to its scopes.

    Notes the day of use, at most once a day. Raises BadToken; its `problem` is
    `unknown`, `revoked`, `expired`, `unused` (for BOTTIN_KEEP_UNUSED_KEYS_D
    days) or `account` (suspended or closed).
    """
    at = at or clock.now()
    token = _find(raw)
    problem = _problem(token, at)
    if token is None or problem:
        raise BadToken(problem=problem)
    today = at.date()
    if token.last_used_on != today:
        stale = Q(last_used_on=None) | Q(last_used_on__lt=today)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_on=today)
    return viewer_for(token.account, frozenset(token.scopes))


@transaction.atomic
def revoke(token_id: int, *, by: Viewer, at: datetime) -> ApiToken:
    """Stop a token at once.

    Raises TokenNotFound when it does not exist, is revoked already, or is
    somebody else's and `by` is no administrator.
    """
    rows = ApiToken.objects.select_for_update().filter(pk=token_id, revoked_at=None)
    if not by.may(Permission.ADMINISTER):
        by.require(Permission.OWN_ACCOUNT)
        rows = rows.filter(account_id=by.user_id or 0)
    token = rows.first()
    if token is None:
        raise TokenNotFound
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    _note(token, "revoked", by=by, at=at)
    return token


def digest_of(raw: str) -> bytes:
    """Return the 32 bytes kept of a token's text (SHA-256)."""
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).digest()


def _find(raw: str) -> ApiToken | None:
    if not raw.startswith(PREFIX) or len(raw) > _RAW_MAX:
        return None
    return ApiToken.objects.select_related("account").filter(digest=digest_of(raw)).first()


def _problem(token: ApiToken | None, at: datetime) -> str:
    if token is None:
        return "unknown"
    used = token.last_used_on or token.created_at.date()
    problems = {
        "revoked": token.revoked_at is not None,
        "expired": token.expires_at <= at,
        "unused": (at.date() - used).days > settings.BOTTIN_KEEP_UNUSED_KEYS_D,
        "account": token.account.state != AccountState.ACTIVE,
    }
    return next((name for name, is_so in problems.items() if is_so), "")


def _may_handle(owner_id: int, by: Viewer) -> None:
    by.require(Permission.OWN_ACCOUNT if by.user_id == owner_id else Permission.ADMINISTER)


def _checked(scopes: Iterable[str], role: Role) -> list[str]:
    asked = set(scopes)
    unknown = sorted(asked - {scope.value for scope in Scope})
    beyond = [scope for scope in Scope if scope in asked and not allows(role, _POINT_OF[scope])]
    if not asked or unknown or beyond:
        raise BadScopes(unknown=unknown, beyond=beyond, known=[scope.value for scope in Scope])
    return sorted(asked)


def _note(token: ApiToken, action: str, *, by: Viewer, at: datetime) -> None:
    CredentialEvent.objects.create(
        account_id=token.account_id,
        kind="token",
        action=action,
        detail=f"{token.name} …{token.last_four}",
        actor_id=by.user_id,
        at=at,
    )
    detail: dict[str, object] = {"token": token.pk, "scopes": token.scopes}
    tell(Change(token.account_id, f"account.token_{action}", by.user_id, detail=detail))
