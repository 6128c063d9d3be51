"""The demo's people, one of each role and some members; their address can never be a real one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bottin.accounts.actions import NewAccount, create_account
from bottin.accounts.models import Account
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import Viewer, viewer_for

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
# Whom `make run` names: what a member sees, what a moderator sees, everything.
SHOWN: Final = ("lea", "mona", "ada")
_MEMBER_SINCE: Final = timedelta(days=500)
OPERATOR: Final = Viewer(user_id=None, role=Role.ADMINISTRATOR)


def ensure_people(at: datetime) -> dict[str, Account]:
    """Create whoever is missing; return everybody by name."""
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


def names() -> list[str]:
    """Return everybody's name."""
    return [person.name for person in PEOPLE]


def publisher_of(number: int, people: dict[str, Account]) -> Viewer:
    """Choose a trusted publisher for the n-th work."""
    trusted = ("archives-libres", "phonotheque", "free-shelf")
    return viewer_for(people[trusted[number % len(trusted)]])
