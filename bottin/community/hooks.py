"""Webhooks of kept searches: given, taken away, switched on again by their owner."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from bottin.accounts.models import Account
from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.community.errors import BadHook, HookUnknown, SearchUnknown, TooManyHooks
from bottin.community.models import Delivery, Hook, SavedSearch

URL_LENGTH: Final = 500
PORTS: Final = frozenset({443, 8443})
_NONCE_SIZE: Final = 16


@dataclass(frozen=True, slots=True)
class Made:
    """A hook, and the secret that signs what is sent to it: shown to its owner once."""

    hook: Hook
    secret: str


def secret_of(hook: Hook) -> str:
    """Return the secret of a hook: 43 characters, derived and never stored."""
    mac = hmac.digest(settings.BOTTIN_HOOK_SECRET, hook.nonce, hashlib.sha256)
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


@transaction.atomic
def set_hook(search_id: int, url: str, *, by: Viewer, at: datetime) -> Made:
    """Send what a kept search finds from now on to an address; a check is sent at once.

    One that it had is replaced, with its secret. Raises SearchUnknown, BadHook,
    TooManyHooks.
    """
    by.require(Permission.OWN_ACCOUNT)
    search = _search(search_id, by)
    url = url.strip()
    if not _is_fine(url):
        raise BadHook(limit=URL_LENGTH)
    # Two forms at once count one after the other.
    Account.objects.select_for_update().get(pk=search.account_id)
    others = Hook.objects.filter(search__account_id=search.account_id).exclude(pk=search.pk)
    if others.count() >= settings.BOTTIN_HOOKS_MAX:
        raise TooManyHooks(limit=settings.BOTTIN_HOOKS_MAX)
    Hook.objects.filter(pk=search.pk).delete()
    nonce = secrets.token_bytes(_NONCE_SIZE)
    hook = Hook.objects.create(search=search, url=url, nonce=nonce, created_at=at)
    Delivery.objects.create(hook=hook, is_check=True, written_at=at, next_at=at)
    _record("hook.set", search, by, urlsplit(url).hostname or "")
    return Made(hook, secret_of(hook))


@transaction.atomic
def remove_hook(search_id: int, *, by: Viewer) -> None:
    """Send nothing any more. Raises SearchUnknown, HookUnknown."""
    by.require(Permission.OWN_ACCOUNT)
    search = _search(search_id, by)
    deleted, _ = Hook.objects.filter(pk=search.pk).delete()
    if not deleted:
        raise HookUnknown(search_id=search_id)
    _record("hook.removed", search, by, "")


@transaction.atomic
def check_hook(search_id: int, *, by: Viewer, at: datetime) -> None:
    """Send a check now; one that was switched off goes on, with what it missed.

    Raises SearchUnknown, HookUnknown.
    """
    by.require(Permission.OWN_ACCOUNT)
    search = _search(search_id, by)
    hook = Hook.objects.select_for_update().filter(pk=search.pk).first()
    if hook is None:
        raise HookUnknown(search_id=search_id)
    Hook.objects.filter(pk=hook.pk).update(off_at=None)
    waiting = hook.deliveries.filter(sent_at=None)
    if not waiting.update(next_at=at, tries=0):
        Delivery.objects.create(hook=hook, is_check=True, written_at=at, next_at=at)


def _search(search_id: int, by: Viewer) -> SavedSearch:
    mine = SavedSearch.objects.filter(pk=search_id, account_id=by.user_id or 0)
    found = mine.first()
    if found is None:
        raise SearchUnknown(search_id=search_id)
    return found


def _is_fine(url: str) -> bool:
    if len(url) > URL_LENGTH or not url.isascii() or any(sign <= " " for sign in url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and bool(parts.hostname)
        and parts.username is None
        and port in PORTS
        and not parts.fragment
    )


def _record(action: str, search: SavedSearch, by: Viewer, host: str) -> None:
    detail: dict[str, object] = {"search": search.pk} | ({"host": host} if host else {})
    log.record(action, actor_id=by.user_id, subject=f"account:{by.user_id}", detail=detail)
