"""Browsers and mailboxes for the tests of account pages."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django import Settings

from bottin.web import outgoing

if TYPE_CHECKING:
    from bottin.accounts.models import Account

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
Browser = Callable[..., Client]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Stop the clock at noon; `clock.shift(…)` moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def open_registration(settings: Settings) -> None:
    """Let strangers register, in English: the sentences of these tests are the sources'."""
    settings.BOTTIN_REGISTRATION = "open"
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def browser(db: None) -> Browser:
    """Open a browser: `browser()`, or `browser("203.0.113.9")` from that address."""

    def opened(address: str = "203.0.113.9", device: str = FIREFOX) -> Client:
        headers = {"user-agent": device, "accept-language": "en"}
        return Client(HTTP_HOST="localhost", REMOTE_ADDR=address, headers=headers)

    return opened


@pytest.fixture
def signed_in(browser: Browser) -> Callable[..., Client]:
    """Open a browser and sign in, through the form."""

    # Models cannot be imported before pytest has loaded Django.
    from tests.factories.accounts import PASSWORD

    def opened(account: "Account", address: str = "203.0.113.9", **more: str) -> Client:
        client = browser(address, **more)
        form = {"login": account.name, "password": PASSWORD}
        assert client.post("/account/sign-in", form).status_code == 302
        return client

    return opened


@pytest.fixture
def mails() -> Callable[[], list[EmailMessage]]:
    """Return what was sent so far, once the threads that send are done."""

    def sent() -> list[EmailMessage]:
        outgoing.finish()
        return list(mail.outbox)

    return sent


@pytest.fixture
def link_in(mails: Callable[[], list[EmailMessage]]) -> Callable[[], str]:
    """Return the path of the link in the last mail."""

    def path() -> str:
        found = re.search(r"http://[^/\s]+(/\S+)", str(mails()[-1].body))
        assert found is not None
        return found[1]

    return path
