"""What time does to accounts: old traces and unconfirmed registrations go (PRIV-3, ACC-6)."""

from datetime import datetime, timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef

from bottin.accounts import proof, sign_ins, throttle
from bottin.accounts.models import Account, ApiToken
from bottin.accounts.signals import Change, tell
from bottin.lib import clock

_UNCONFIRMED_KEPT: Final = timedelta(days=7)


def forget_old_traces() -> None:
    """Do `forget` now: a loop of the worker."""
    forget(at=clock.now())


def forget(*, at: datetime) -> dict[str, int]:
    """Delete what is past its time; return how many of each. Idempotent."""
    return {
        "throttles": throttle.purge(at_s=at.timestamp()),
        "proofs": proof.purge(at=at),
        "sign_ins": sign_ins.purge(at=at),
        "unconfirmed": forget_unconfirmed(at=at),
        "sessions": _forget_sessions(at),
    }


@transaction.atomic
def forget_unconfirmed(*, at: datetime) -> int:
    """Delete accounts that registered themselves, confirmed nothing in 7 days and never came in.

    Their names and addresses are free again. Accounts made by an operator have
    no unconfirmed address and stay.
    """
    pending = EmailAddress.objects.filter(user_id=OuterRef("pk"), verified=False)
    confirmed = EmailAddress.objects.filter(user_id=OuterRef("pk"), verified=True)
    tokens = ApiToken.objects.filter(account_id=OuterRef("pk"))
    rows = Account.objects.select_for_update(of=("self",)).filter(
        Exists(pending),
        ~Exists(confirmed),
        ~Exists(tokens),
        last_login=None,
        joined_at__lt=at - _UNCONFIRMED_KEPT,
    )
    ids = list(rows.values_list("pk", flat=True))
    for account_id in ids:
        tell(Change(account_id, "account.never_confirmed", None))
    Account.objects.filter(pk__in=ids).delete()
    return len(ids)


def _forget_sessions(at: datetime) -> int:
    """Delete what browsers left on the server and can no longer use."""
    return Session.objects.filter(expire_date__lt=at).delete()[0]
