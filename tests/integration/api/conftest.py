"""A cast of programs: a stranger's, a member's, another one's, a moderator's."""

from typing import TYPE_CHECKING, Any

import pytest

# Imported late: models cannot be before Django is set up.
if TYPE_CHECKING:
    from tests.factories.api import Caller


@pytest.fixture
def stranger(db: None) -> "Caller":
    """Nobody in particular."""
    from tests.factories.api import Caller

    return Caller()


@pytest.fixture
def member(db: None) -> "Caller":
    """A member of a year."""
    return _caller("member")


@pytest.fixture
def other(db: None) -> "Caller":
    """Another member."""
    return _caller("member")


@pytest.fixture
def trusted(db: None) -> "Caller":
    """Someone whose releases are published at once."""
    return _caller("trusted_publisher")


@pytest.fixture
def moderator(db: None) -> "Caller":
    """One of the team, calling by program."""
    return _caller("moderator")


@pytest.fixture(autouse=True)
def generous_limits(settings: Any) -> None:
    """Let tests call as often as they like; those about limits set their own."""
    from bottin.config.values import Rate

    settings.BOTTIN_THROTTLE_API_ADDRESS = Rate(100_000, 300)
    settings.BOTTIN_THROTTLE_API_ACCOUNT = Rate(100_000, 300)


def _caller(role: str) -> "Caller":
    from bottin.accounts.permissions import Role
    from tests.factories import api, catalog

    return api.caller_for(catalog.account(Role(role)))
