"""Browsers signed in: opened, seen again, ended; how long each may last (SEC-8)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from bottin.accounts.models import Account, SignIn, SignInAttempt
from bottin.accounts.network import wide
from bottin.accounts.permissions import STAFF, Permission, Role
from bottin.accounts.signals import Change, tell
from bottin.accounts.viewer import Viewer

_TOUCH: Final = timedelta(minutes=1)
_ATTEMPTS_KEPT_D: Final = 30


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: the full address, never stored, and the device's label."""

    address: str
    device: str


def open_sign_in(account_id: int, origin: Origin, *, at: datetime) -> tuple[SignIn, str]:
    """Note a browser signed in; return the row and its secret (64 hexadecimal digits).

    The secret belongs in the browser's session, on the server; only its digest
    is kept here, with the /24 or /48 around the address.
    """
    secret = secrets.token_hex(32)
    row = SignIn.objects.create(
        account_id=account_id,
        digest=_digest(secret),
        device=origin.device,
        network=wide(origin.address),
        created_at=at,
        last_seen_at=at,
    )
    return row, secret


def see_again(secret: str, role: Role, *, at: datetime) -> SignIn | None:
    """Return the sign-in of `secret` when it still counts, or None: sign the browser out.

    It counts until it is ended, has not been used for BOTTIN_SESSION_IDLE_D
    days, or is BOTTIN_SESSION_MAX_D days old (for the team:
    BOTTIN_STAFF_SESSION_IDLE_M minutes, BOTTIN_STAFF_SESSION_MAX_H hours).
    """
    row = SignIn.objects.filter(digest=_digest(secret), ended_at=None).first()
    if row is None:
        return None
    idle, longest = lifetimes(role)
    if at - row.last_seen_at > idle or at - row.created_at > longest:
        SignIn.objects.filter(pk=row.pk).update(ended_at=at)
        return None
    if at - row.last_seen_at >= _TOUCH:
        SignIn.objects.filter(pk=row.pk).update(last_seen_at=at)
    return row


def lifetimes(role: Role) -> tuple[timedelta, timedelta]:
    """Return how long a sign-in of this role lasts unused, and at most."""
    if role in STAFF:
        return (
            timedelta(minutes=settings.BOTTIN_STAFF_SESSION_IDLE_M),
            timedelta(hours=settings.BOTTIN_STAFF_SESSION_MAX_H),
        )
    return (
        timedelta(days=settings.BOTTIN_SESSION_IDLE_D),
        timedelta(days=settings.BOTTIN_SESSION_MAX_D),
    )


@transaction.atomic
def end(account_id: int, sign_in_ids: list[int], *, by: Viewer, at: datetime) -> int:
    """Sign browsers of an account out; return how many were signed in.

    Raises NotAllowed unless `by` is the owner or an administrator. Numbers of
    other accounts' sign-ins are passed over.
    """
    by.require(Permission.OWN_ACCOUNT if by.user_id == account_id else Permission.ADMINISTER)
    rows = SignIn.objects.filter(account_id=account_id, pk__in=sign_in_ids, ended_at=None)
    ended = rows.update(ended_at=at)
    if ended:
        detail: dict[str, object] = {"count": ended}
        tell(Change(account_id, "account.signed_out", by.user_id, detail=detail))
    return ended


def close(secret: str, *, at: datetime) -> None:
    """Note that a browser signed out by itself."""
    SignIn.objects.filter(digest=_digest(secret), ended_at=None).update(ended_at=at)


def id_of(secret: str) -> int | None:
    """Return the number of the sign-in of `secret`, if there is one."""
    return SignIn.objects.filter(digest=_digest(secret)).values_list("pk", flat=True).first()


def note_attempt(login: str, origin: Origin, *, is_success: bool, at: datetime) -> None:
    """Add a line to the sign-in log of the account of `login` (name or address), or of nobody."""
    found = Account.objects.filter(email__iexact=login) | Account.objects.filter(name__iexact=login)
    SignInAttempt.objects.create(
        account=found.first(),
        is_success=is_success,
        device=origin.device,
        network=wide(origin.address),
        at=at,
    )


def purge(*, at: datetime) -> int:
    """Delete traces past their time: sign-ins ended, log lines (PRIV-3). Return how many."""
    ended = at - timedelta(days=settings.BOTTIN_KEEP_SESSIONS_D)
    unused = ended - timedelta(days=settings.BOTTIN_SESSION_MAX_D)
    rows = SignIn.objects.filter(ended_at__lt=ended) | SignIn.objects.filter(
        last_seen_at__lt=unused
    )
    attempts = SignInAttempt.objects.filter(at__lt=at - timedelta(days=_ATTEMPTS_KEPT_D))
    return rows.delete()[0] + attempts.delete()[0]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
