"""Accounts for tests: valid by default."""

import itertools
from datetime import UTC, datetime
from typing import Final

from bottin.accounts.actions import NewAccount, create_account
from bottin.accounts.models import Account
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import Viewer, viewer_for

NOON: Final = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
PASSWORD: Final = "quatre lampes bleues sous le pont"
OPERATOR: Final = Viewer(user_id=None, role=Role.ADMINISTRATOR)

_numbers: Final = itertools.count(1)
# Figures would fold into letters that look like them: names of one letter more each are safe.
_LETTERS: Final = "abcdefghjkmnpqrtuxyz"


def fresh_name(stem: str = "membre") -> str:
    """Return a name that no other call returned, and that looks like none of them."""
    number, letters = next(_numbers), ""
    while number:
        number, rest = divmod(number, len(_LETTERS))
        letters += _LETTERS[rest]
    return f"{stem}-{letters}"


def make_account(name: str | None = None, *, role: Role = Role.MEMBER, **given: str) -> Account:
    """Make an active account with a confirmed address and `PASSWORD`."""
    name = name or fresh_name()
    email = given.get("email", f"{name}@example.org").lower()
    new = NewAccount(
        name,
        email,
        given.get("password", PASSWORD),
        role,
        given.get("language", "en"),  # sentences in tests are those of the sources
        is_confirmed=True,
    )
    return create_account(new, by=OPERATOR, at=NOON)


def make_viewer(role: Role = Role.MEMBER) -> Viewer:
    """Make an account of a role; return its viewer."""
    return viewer_for(make_account(role=role))
