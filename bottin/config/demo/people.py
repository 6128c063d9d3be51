"""The demo's people, one of each role and some members; their address can never be a real one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from bottin.accounts.actions import NewAccount, create_account
from bottin.accounts.models import Account, AccountState, SignIn
from bottin.accounts.permissions import Role
from bottin.accounts.signals import Change, tell
from bottin.accounts.viewer import Viewer

# RFC 2606: nobody receives mail there, and the tail marks a demo account for good.
DOMAIN: Final = "demo.invalid"
PASSWORD: Final = "papier-encre-et-jaune"  # noqa: S105 - printed on purpose, in demo mode only


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo."""

    name: str
    role: Role
    language: str = "fr"


PEOPLE: Final = (
    Person("ada", Role.ADMINISTRATOR),
    Person("samir", Role.SUPER_MODERATOR),
    Person("mona", Role.MODERATOR),
    Person("archives-libres", Role.TRUSTED_PUBLISHER),
    Person("phonotheque", Role.TRUSTED_PUBLISHER),
    Person("free-shelf", Role.TRUSTED_PUBLISHER, "en"),
    Person("lea", Role.MEMBER),
    Person("bruno", Role.MEMBER),
    Person("chloe", Role.MEMBER),
    Person("diego", Role.MEMBER),
    Person("emma", Role.MEMBER, "en"),
    Person("farid", Role.MEMBER),
    Person("gwenn", Role.MEMBER),
    Person("harriet", Role.MEMBER, "en"),
)
PUBLISHERS: Final = ("archives-libres", "phonotheque", "free-shelf")
# Whom `make run` names: what a member sees, what a moderator sees, everything.
SHOWN: Final = ("lea", "mona", "ada")
_MEMBER_SINCE: Final = timedelta(days=500)
OPERATOR: Final = Viewer(user_id=None, role=Role.ADMINISTRATOR)


def ensure_people(at: datetime) -> dict[str, Account]:
    """Create whoever is missing, let back in whoever was shut out; everybody by name."""
    with transaction.atomic():
        _move_all(AccountState.ACTIVE, at)
    there = {account.name: account for account in Account.objects.filter(name__in=names())}
    for person in PEOPLE:
        if person.name not in there:
            new = NewAccount(
                person.name,
                f"{person.name}@{DOMAIN}",
                PASSWORD,
                person.role,
                person.language,
                is_confirmed=True,
            )
            there[person.name] = create_account(new, by=OPERATOR, at=at - _MEMBER_SINCE)
    return there


@transaction.atomic
def shut(at: datetime) -> int:
    """Suspend whoever is of the demo, their password being public; how many that were."""
    return _move_all(AccountState.SUSPENDED, at)


def _move_all(state: AccountState, at: datetime) -> int:
    is_active = state is AccountState.ACTIVE
    moved = Account.objects.filter(email__iendswith=f"@{DOMAIN}").exclude(state=state)
    for account in moved:
        Account.objects.filter(pk=account.pk).update(state=state, is_active=is_active)
        SignIn.objects.filter(account=account, ended_at=None).update(ended_at=at)
        verb = "reactivated" if is_active else "suspended"
        tell(Change(account.pk, f"account.{verb}", None, reason="demo mode"))
    return len(moved)


def names() -> list[str]:
    """Return everybody's name."""
    return [person.name for person in PEOPLE]
