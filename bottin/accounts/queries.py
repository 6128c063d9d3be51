"""Reads of accounts: who is who, whose sessions and tokens."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from bottin.accounts.errors import AccountNotFound
from bottin.accounts.models import (
    FORMER_HASH,
    Account,
    AccountState,
    ApiToken,
    CredentialEvent,
    SignIn,
    SignInAttempt,
)
from bottin.accounts.permissions import TABLE, Permission, Role
from bottin.accounts.viewer import Viewer


def account_named(name: str) -> Account:
    """Return the account called `name`, whatever the case.

    Raises AccountNotFound with the name as it was given.
    """
    account = Account.objects.filter(name__iexact=name).first()
    if account is None:
        raise AccountNotFound(name=name)
    return account


def former_password() -> str | None:
    """Return the hash of some account that was imported and has not signed in since. One query."""
    rows = Account.objects.filter(password__startswith=FORMER_HASH).order_by("pk")
    return rows.values_list("password", flat=True).first()


def account_of(viewer: Viewer) -> Account:
    """Return the account behind `viewer`. Raises AccountNotFound for a stranger."""
    account = Account.objects.filter(pk=viewer.user_id or 0).first()
    if account is None:
        raise AccountNotFound(name="")
    return account


def accounts(*, role: Role | None = None, state: AccountState | None = None) -> QuerySet[Account]:
    """Return accounts in the order of their names, of one role or state if given."""
    rows = Account.objects.order_by("name")
    if role is not None:
        rows = rows.filter(role=role.value)
    return rows if state is None else rows.filter(state=state)


def members_by_role() -> dict[Role, int]:
    """Return how many active accounts each role has; the visitor has none."""
    rows = Account.objects.filter(state=AccountState.ACTIVE).order_by()
    counted = dict(rows.values_list("role").annotate(Count("pk")))
    return {role: counted.get(role.value, 0) for role in Role}


def permission_rows() -> list[tuple[Permission, list[bool]]]:
    """Return each permission with whether each role holds it, in the order of `Role`."""
    return [(item, [item in TABLE[role] for role in Role]) for item in Permission]


def open_sign_ins(account_id: int) -> QuerySet[SignIn]:
    """Return the browsers signed in to an account, the last seen first."""
    return SignIn.objects.filter(account_id=account_id, ended_at=None)


def sign_in_log(account_id: int, limit: int = 20) -> QuerySet[SignInAttempt]:
    """Return the last sign-ins of an account, failed ones too, newest first."""
    return SignInAttempt.objects.filter(account_id=account_id)[:limit]


def tokens_of(account_id: int) -> QuerySet[ApiToken]:
    """Return the tokens of an account that are not revoked, newest first; expired ones too."""
    return ApiToken.objects.filter(account_id=account_id, revoked_at=None)


def credential_history(account_id: int, limit: int = 30) -> QuerySet[CredentialEvent]:
    """Return what happened to an account's keys and tokens, newest first."""
    return CredentialEvent.objects.filter(account_id=account_id)[:limit]


def is_known_network(login: str, network: str) -> bool:
    """Whether the account of `login` (name or address) signed in from this coarse network.

    One query of one shape, whether or not the account exists: it tells a
    stopwatch nothing.
    """
    owner = Q(account__name__iexact=login) | Q(account__email__iexact=login)
    return SignIn.objects.filter(owner, network=network).exists()


def is_in_grace(account: Account, at: datetime) -> bool:
    """Whether the announce key before the current one still answers."""
    return account.key_grace_until is not None and account.key_grace_until > at
