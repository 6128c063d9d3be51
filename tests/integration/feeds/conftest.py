"""Feed readers: with the key of a member, or without."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

if TYPE_CHECKING:
    from bottin.accounts.models import Account


@pytest.fixture(autouse=True)
def fresh_bodies() -> Iterator[None]:
    """Keep no body of a feed from one test to the next."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def noon(clock: time_machine.Traveller) -> time_machine.Traveller:
    """Stop the clock at noon."""
    return clock


@pytest.fixture
def reader(db: None) -> Client:
    """A program that reads feeds: it has no cookie."""
    return Client(HTTP_HOST="localhost", REMOTE_ADDR="203.0.113.20")


@pytest.fixture
def member(db: None) -> "Account":
    """A member of a year."""
    from tests.factories import catalog

    return catalog.account()


@pytest.fixture
def key(member: Any) -> str:
    """Their feed key."""
    from bottin.accounts.feed_keys import feed_key

    return feed_key(member)
