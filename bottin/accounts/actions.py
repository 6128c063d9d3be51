"""What changes an account. Each verb is one transaction, and tells audit and tracker."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction

from bottin.accounts.errors import (
    AccountNotFound,
    BadPreference,
    EmailTaken,
    LastAdministrator,
    NameTaken,
    NoKeysLeft,
    OutranksYou,
    ReasonMissing,
)
from bottin.accounts.models import (
    Account,
    AccountState,
    CredentialEvent,
    RoleChoice,
    SignIn,
    Theme,
)
from bottin.accounts.names import check_name, skeleton
from bottin.accounts.passwords import check_password
from bottin.accounts.permissions import Permission, Role
from bottin.accounts.signals import Change, tell
from bottin.accounts.viewer import Viewer

_VERSION_MAX: Final = 65_535  # two bytes of the announce key
_RANK: Final = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a new account starts with; no password means that a reset sets the first.

    `is_confirmed`: an operator vouches for the address; without, its owner
    confirms it before signing in. `terms_version`: the rules that the person
    accepted, kept with the date; nothing for an account that an operator makes.
    """

    name: str
    email: str
    password: str | None = None
    role: Role = Role.MEMBER
    language: str = "fr"
    is_confirmed: bool = False
    terms_version: str = ""


@transaction.atomic
def create_account(new: NewAccount, *, by: Viewer, at: datetime) -> Account:
    """Register an account; `by` is a visitor for one who registers.

    Raises BadName, NameTaken (the same name, or one that looks like it),
    EmailTaken, BadPassword, and NotAllowed when the role is above member and
    `by` may not grant roles, or the address is vouched for by no administrator.
    """
    if new.role is not Role.MEMBER:
        by.require(Permission.GRANT_ROLES)
    if new.is_confirmed:
        by.require(Permission.ADMINISTER)
    name = check_name(new.name)
    if new.password is not None:
        check_password(new.password, name=name, email=new.email)
    account = _inserted(name, new, at)
    if new.is_confirmed:
        EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    detail: dict[str, object] = {"role": new.role.value}
    tell(Change(account.pk, "account.created", by.user_id, detail=detail))
    return account


@transaction.atomic
def renew_announce_key(
    account_id: int, *, by: Viewer, at: datetime, is_compromised: bool = False
) -> Account:
    """Replace an account's announce key, and with it those of its torrents.

    The old one answers for BOTTIN_KEY_GRACE_S more seconds, so that running
    clients can change over; a compromised one stops at once, and so does the
    one before it. Raises NotAllowed, AccountNotFound, NoKeysLeft.
    """
    by.require(Permission.OWN_ACCOUNT if by.user_id == account_id else Permission.ADMINISTER)
    account = _locked(account_id)
    if account.key_version >= _VERSION_MAX:
        raise NoKeysLeft
    account.previous_key_version = 0 if is_compromised else account.key_version
    grace = timedelta(seconds=settings.BOTTIN_KEY_GRACE_S)
    account.key_grace_until = None if is_compromised else at + grace
    account.key_version += 1
    account.save(update_fields=["key_version", "previous_key_version", "key_grace_until"])
    action = "compromised" if is_compromised else "renewed"
    CredentialEvent.objects.create(
        account=account, kind="announce", action=action, actor_id=by.user_id, at=at
    )
    detail: dict[str, object] = {"version": account.key_version, "compromised": is_compromised}
    tell(Change(account.pk, "account.key_renewed", by.user_id, detail=detail))
    return account


@transaction.atomic
def change_role(account_id: int, role: Role, *, by: Viewer, at: datetime, reason: str) -> Account:
    """Give an account another role.

    Raises NotAllowed without GRANT_ROLES, ReasonMissing, AccountNotFound, and
    LastAdministrator when nobody would be left to undo it.
    """
    del at
    by.require(Permission.GRANT_ROLES)
    _require_reason(reason)
    if role is not Role.ADMINISTRATOR:
        _keep_an_administrator(account_id)
    account = _locked(account_id)
    before = account.role
    account.role = RoleChoice(role.value)
    account.save(update_fields=["role"])
    detail: dict[str, object] = {"from": before, "to": role.value}
    tell(Change(account.pk, "account.role_changed", by.user_id, reason, detail))
    return account


@transaction.atomic
def suspend(account_id: int, *, by: Viewer, at: datetime, reason: str) -> Account:
    """Stop an account from signing in, announcing and using its tokens; nothing is lost.

    Raises NotAllowed without SUSPEND, ReasonMissing, AccountNotFound,
    OutranksYou for one of the same rank or above, LastAdministrator.
    """
    by.require(Permission.SUSPEND)
    _require_reason(reason)
    _keep_an_administrator(account_id)
    account = _locked(account_id)
    _require_rank(account, by)
    account = _set_state(account, AccountState.SUSPENDED)
    _end_sign_ins(account.pk, at)
    tell(Change(account.pk, "account.suspended", by.user_id, reason))
    return account


@transaction.atomic
def reactivate(account_id: int, *, by: Viewer, at: datetime, reason: str) -> Account:
    """Let a suspended account act again.

    Raises NotAllowed without SUSPEND, ReasonMissing, AccountNotFound,
    OutranksYou.
    """
    del at
    by.require(Permission.SUSPEND)
    _require_reason(reason)
    account = _locked(account_id)
    _require_rank(account, by)
    account = _set_state(account, AccountState.ACTIVE)
    tell(Change(account.pk, "account.reactivated", by.user_id, reason))
    return account


@transaction.atomic
def set_password(account_id: int, password: str, *, by: Viewer, at: datetime) -> Account:
    """Replace a password and sign out every browser, the one that asks excepted by its caller.

    `by` is the owner, a visitor who proved the address (reset), or an
    administrator. Raises NotAllowed, AccountNotFound, BadPassword.
    """
    if by.user_id is not None and by.user_id != account_id:
        by.require(Permission.ADMINISTER)
    account = _locked(account_id)
    check_password(password, name=account.name, email=account.email)
    account.set_password(password)
    account.save(update_fields=["password"])
    _end_sign_ins(account.pk, at)
    CredentialEvent.objects.create(
        account=account, kind="password", action="changed", actor_id=by.user_id, at=at
    )
    tell(Change(account.pk, "account.password_changed", by.user_id))
    return account


@transaction.atomic
def note_email_changed(account_id: int, *, by: Viewer, at: datetime) -> None:
    """Record that an account's address changed; the addresses themselves stay out of the log."""
    CredentialEvent.objects.create(
        account_id=account_id, kind="email", action="changed", actor_id=by.user_id, at=at
    )
    tell(Change(account_id, "account.email_changed", by.user_id))


@transaction.atomic
def change_preferences(
    account_id: int, *, by: Viewer, language: str | None = None, theme: str | None = None
) -> Account:
    """Set how pages speak to an account and look; None leaves as it is.

    Raises NotAllowed, AccountNotFound, and BadPreference for a language or a
    theme that the site lacks. Not audited: it concerns nobody else.
    """
    by.require(Permission.OWN_ACCOUNT if by.user_id == account_id else Permission.ADMINISTER)
    if language is not None and language not in dict(settings.LANGUAGES):
        raise BadPreference(language=language)
    if theme is not None and theme not in Theme.values:
        raise BadPreference(theme=theme)
    account = _locked(account_id)
    account.language = language or account.language
    account.theme = Theme(theme or account.theme)
    account.save(update_fields=["language", "theme"])
    return account


def _inserted(name: str, new: NewAccount, at: datetime) -> Account:
    try:
        with transaction.atomic():
            return Account.objects.create_account(
                name,
                new.email,
                new.password,
                role=RoleChoice(new.role.value),
                language=new.language if new.language in dict(settings.LANGUAGES) else "fr",
                joined_at=at,
                terms_version=new.terms_version,
                terms_accepted_at=at if new.terms_version else None,
            )
    except IntegrityError as error:
        if _violates(error, ("account_email_once",)):
            raise EmailTaken from error
        if _violates(error, ("account_name_once", "name_skeleton")):
            raise NameTaken(name=name) from error
        raise


def is_name_free(name: str) -> bool:
    """Whether no account has this name or one that looks like it; a race is settled at insert."""
    return not Account.objects.filter(name_skeleton=skeleton(name)).exists()


def _violates(error: IntegrityError, constraints: Iterable[str]) -> bool:
    return any(constraint in str(error) for constraint in constraints)


def _locked(account_id: int) -> Account:
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise AccountNotFound(name=str(account_id))
    return account


def _set_state(account: Account, state: AccountState) -> Account:
    account.state = state
    account.is_active = state is AccountState.ACTIVE
    account.save(update_fields=["state", "is_active"])
    return account


def _end_sign_ins(account_id: int, at: datetime) -> None:
    SignIn.objects.filter(account_id=account_id, ended_at=None).update(ended_at=at)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing


def _require_rank(account: Account, by: Viewer) -> None:
    if by.role is not Role.ADMINISTRATOR and _RANK[Role(account.role)] >= _RANK[by.role]:
        raise OutranksYou(role=account.role)


def _keep_an_administrator(account_id: int) -> None:
    """Refuse to take away the last active administrator.

    Locks all of them in one order before anything else is locked: two
    administrators who demote each other are served one after the other.
    """
    rows = Account.objects.select_for_update().filter(
        role=RoleChoice.ADMINISTRATOR, state=AccountState.ACTIVE
    )
    if [row.pk for row in rows.order_by("pk")] == [account_id]:
        raise LastAdministrator
