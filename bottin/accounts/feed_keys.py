"""Feed keys: what a feed reader or a client carries in an address to read for its owner (SEC-2).

A key is derived, as announce keys are (decision 0004): `account(5) ‖ version(2) ‖ kind(1) ‖
MAC(16)` in lower-case base32, 39 characters, so that nothing that opens a door is stored and
the rules that hide announce keys in logs hide it too. It reads feeds and fetches `.torrent`
files; nothing else asks for it.
"""

import base64
import hashlib
import hmac
import re
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from bottin.accounts.errors import AccountNotFound, BadToken
from bottin.accounts.models import Account, AccountState, CredentialEvent
from bottin.accounts.permissions import Permission, Scope
from bottin.accounts.signals import Change, tell
from bottin.accounts.viewer import Viewer, viewer_for

LENGTH: Final = 39
SHAPE: Final = re.compile(r"[a-z2-7]{39}")
# What a reader may do with it: read what its owner sees, fetch `.torrent` files.
SCOPES: Final = frozenset({Scope.READ.value, Scope.DOWNLOAD.value})
_KIND: Final = b"f"
_ACCOUNT_SIZE: Final = 5
_HEAD_SIZE: Final = 8
_MAC_SIZE: Final = 16


def feed_key(account: Account) -> str:
    """Return the key of an account: 39 characters, `a` to `z` and `2` to `7`."""
    head = account.pk.to_bytes(_ACCOUNT_SIZE) + (account.feed_key_version % 65_536).to_bytes(2)
    return _text(head + _KIND)


def authenticate(raw: str) -> Viewer:
    """Return the viewer that a key stands for, held to reading and fetching. One query.

    Raises BadToken; its `problem` is `unknown`, `revoked` (renewed since) or `account`
    (suspended or closed).
    """
    head = _head_of(raw)
    account_id = int.from_bytes(head[:_ACCOUNT_SIZE])
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise BadToken(problem="unknown")
    if not hmac.compare_digest(feed_key(account), raw):
        raise BadToken(problem="revoked")
    if account.state != AccountState.ACTIVE:
        raise BadToken(problem="account")
    return viewer_for(account, SCOPES)


@transaction.atomic
def renew(account_id: int, *, by: Viewer, at: datetime) -> Account:
    """Replace an account's feed key; the old one stops at once (KEY-3).

    Announce keys and tokens stay as they are. Raises NotAllowed, AccountNotFound.
    """
    by.require(Permission.OWN_ACCOUNT if by.user_id == account_id else Permission.ADMINISTER)
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise AccountNotFound(name=str(account_id))
    account.feed_key_version += 1
    account.save(update_fields=["feed_key_version"])
    CredentialEvent.objects.create(
        account=account, kind="feed", action="renewed", actor_id=by.user_id, at=at
    )
    detail: dict[str, object] = {"version": account.feed_key_version}
    tell(Change(account.pk, "account.feed_key_renewed", by.user_id, detail=detail))
    return account


def _head_of(raw: str) -> bytes:
    """Return what a key says of itself when we made it. Raises BadToken."""
    if SHAPE.fullmatch(raw):
        whole = base64.b32decode(raw.upper() + "=")
        if whole[_HEAD_SIZE - 1 : _HEAD_SIZE] == _KIND and _text(whole[:_HEAD_SIZE]) == raw:
            return whole[:_HEAD_SIZE]
    raise BadToken(problem="unknown")


def _text(head: bytes) -> str:
    mac = hmac.digest(settings.BOTTIN_FEED_SECRET, head, hashlib.sha256)[:_MAC_SIZE]
    return base64.b32encode(head + mac).decode().rstrip("=").lower()
