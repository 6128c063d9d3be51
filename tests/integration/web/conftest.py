"""Browsers of each role, and releases in each state, for the tests of pages."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from bottin.accounts.permissions import Role

if TYPE_CHECKING:
    from bottin.accounts.models import Account

Browser = Callable[..., Client]


@pytest.fixture(autouse=True)
def fresh_counts() -> Iterator[None]:
    """Tabs and figures are kept for seconds: not from one test to the next."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def noon(clock: time_machine.Traveller) -> time_machine.Traveller:
    """Stop the clock at noon."""
    return clock


@pytest.fixture
def browser(db: None, settings: Settings) -> Browser:
    """Open a browser: `browser()` for a visitor, `browser(account)` or `browser(role)`."""

    def opened(who: "Account | Role | None" = None, language: str = "en") -> Client:
        from tests.factories import catalog as make

        client = Client(
            HTTP_HOST="localhost",
            REMOTE_ADDR="203.0.113.9",
            headers={"accept-language": language, "user-agent": "Firefox/128.0"},
        )
        if who is not None:
            account = make.account(who) if isinstance(who, Role) else who
            client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
            # The first request of a session writes down which browser it is.
            client.get("/legal/contact")
        return client

    return opened
