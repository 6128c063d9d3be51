"""The way back from a change of address: a signed link that the former one gets (ACC-6)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction

from bottin.accounts.errors import EmailTaken, UndoExpired
from bottin.accounts.models import Account, CredentialEvent, SignIn
from bottin.accounts.signals import Change, tell

UNDO_FOR: Final = timedelta(days=7)
_SALT: Final = "bottin.accounts.addresses/undo"


@dataclass(frozen=True, slots=True)
class Undo:
    """What a link undoes: the account gets its former address back."""

    account_id: int
    former: str


def undo_token(account_id: int, former: str) -> str:
    """Return what only the former address is told, URL-safe, good for 7 days from now."""
    return signing.dumps([account_id, former], salt=_SALT, compress=False)


def read_undo(token: str) -> Undo:
    """Return what a token undoes. Raises UndoExpired for one that is old or not ours."""
    try:
        account_id, former = signing.loads(token, salt=_SALT, max_age=UNDO_FOR)
    except (signing.BadSignature, ValueError) as error:
        raise UndoExpired from error
    return Undo(int(account_id), str(former))


@transaction.atomic
def undo_email_change(token: str, *, at: datetime) -> Account:
    """Give an account its former address back, whatever it was changed to since.

    Whoever changed it is out: every browser is signed out, and the password stops;
    the owner chooses another by a mail to the address that is theirs again.

    Raises UndoExpired (also when the address is back already), EmailTaken.
    """
    undo = read_undo(token)
    account = Account.objects.select_for_update().filter(pk=undo.account_id).first()
    if account is None or account.email.lower() == undo.former.lower():
        raise UndoExpired
    EmailAddress.objects.filter(user=account).delete()
    account.email = undo.former
    account.set_unusable_password()
    try:
        with transaction.atomic():
            account.save(update_fields=["email", "password"])
            EmailAddress.objects.create(
                user=account, email=account.email, verified=True, primary=True
            )
    except IntegrityError as error:
        raise EmailTaken from error
    SignIn.objects.filter(account_id=account.pk, ended_at=None).update(ended_at=at)
    CredentialEvent.objects.create(account=account, kind="email", action="undone", at=at)
    tell(Change(account.pk, "account.email_restored", None))
    return account
