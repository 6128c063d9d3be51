"""Passwords and addresses: changed by their owner, told to the former address (SEC-13)."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bottin.accounts.models import Account, CredentialEvent
from tests.factories.accounts import PASSWORD, make_account

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
SignedIn = Callable[..., Client]
Mails = Callable[[], list[EmailMessage]]
Link = Callable[[], str]
FRESH = "un autre secret bien long"


def _is_in(client: Client) -> bool:
    return client.get("/me/settings").status_code == 200


def _change(client: Client, old: str = PASSWORD, new: str = FRESH) -> int:
    form = {"oldpassword": old, "password1": new}
    return client.post("/account/password", form).status_code


def test_a_changed_password_keeps_this_browser_and_ends_the_others(
    signed_in: SignedIn, mails: Mails
) -> None:
    account = make_account()
    other, here = signed_in(account), signed_in(account)

    assert _change(here) == 302

    assert _is_in(here)
    assert not _is_in(other)
    account.refresh_from_db()
    assert account.check_password(FRESH)
    assert "changed" in mails()[-1].subject
    assert "203.0.113.0/24" in str(mails()[-1].body)


@pytest.mark.parametrize(
    ("old", "new"), [("faux", FRESH), (PASSWORD, "court"), (PASSWORD, "password1234")]
)
def test_a_wrong_old_or_a_weak_new_password_changes_nothing(
    signed_in: SignedIn, old: str, new: str
) -> None:
    account = make_account()

    assert _change(signed_in(account), old, new) == 422

    account.refresh_from_db()
    assert account.check_password(PASSWORD)


def test_an_old_password_is_guessed_at_ten_times(signed_in: SignedIn) -> None:
    client = signed_in(make_account())

    answers = [_change(client, old="faux") for _ in range(12)]

    assert answers == [422] * 10 + [429] * 2


def test_a_forgotten_password_is_replaced_through_the_mailbox(
    browser: Browser, signed_in: SignedIn, link_in: Link
) -> None:
    account = make_account("Camille", email="camille@example.org")
    elsewhere = signed_in(account)
    client = browser()

    client.post("/account/reset", {"email": "CAMILLE@example.org"})
    form_page = client.get(link_in())
    answer = client.post(form_page["Location"], {"password1": FRESH})

    assert answer["Location"] == "/account/reset/done"
    assert not _is_in(elsewhere)
    assert not _is_in(client)
    account.refresh_from_db()
    assert account.check_password(FRESH)


def test_the_link_of_a_reset_counts_once_and_for_a_day(
    browser: Browser, clock: time_machine.Traveller, link_in: Link
) -> None:
    make_account("Camille", email="camille@example.org")
    client = browser()
    client.post("/account/reset", {"email": "camille@example.org"})
    first = link_in()
    client.post(client.get(first)["Location"], {"password1": FRESH})

    assert b"out of date" in browser().get(first).content

    client.post("/account/reset", {"email": "camille@example.org"})
    second = link_in()
    clock.shift(timedelta(hours=24, seconds=2))
    assert b"out of date" in browser().get(second).content


def test_a_reset_answers_alike_for_known_and_unknown(browser: Browser, mails: Mails) -> None:
    make_account("Camille", email="camille@example.org")
    one, other = browser("198.51.100.1"), browser("192.0.2.1")

    known = one.post("/account/reset", {"email": "camille@example.org"})
    unknown = other.post("/account/reset", {"email": "nobody@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.to for message in mails()] == [["camille@example.org"]]


def test_a_reset_costs_as_many_queries_for_known_and_unknown(browser: Browser) -> None:
    make_account("Camille", email="camille@example.org")
    counts = []

    for email in ("camille@example.org", "nobody@example.org"):
        client = browser()
        with CaptureQueriesContext(connection) as queries:
            client.post("/account/reset", {"email": email})
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_resets_are_counted_by_address(browser: Browser) -> None:
    client = browser()

    answers = [
        client.post("/account/reset", {"email": f"n{n}@example.org"}).status_code for n in range(7)
    ]

    assert answers == [302] * 5 + [429] * 2


def test_a_mailbox_is_not_flooded_from_many_addresses(browser: Browser, mails: Mails) -> None:
    make_account("Camille", email="camille@example.org")

    for n in range(12):
        answer = browser(f"198.51.{n}.1").post("/account/reset", {"email": "camille@example.org"})
        assert answer.status_code == 302

    assert len(mails()) == 6


def test_the_host_of_the_link_is_not_the_attackers_choice(browser: Browser, mails: Mails) -> None:
    make_account("Camille", email="camille@example.org")
    client = browser()

    answer = client.post(
        "/account/reset", {"email": "camille@example.org"}, headers={"host": "evil.example"}
    )

    assert answer.status_code == 400
    assert mails() == []


def test_a_new_address_counts_once_confirmed_and_the_old_one_is_told(
    signed_in: SignedIn, mails: Mails, link_in: Link
) -> None:
    account = make_account("Camille", email="camille@example.org")
    client = signed_in(account)

    client.post("/account/email", {"email": "new@example.org", "action_add": "1"})
    account.refresh_from_db()
    assert account.email == "camille@example.org"
    client.post(link_in())

    account.refresh_from_db()
    assert account.email == "new@example.org"
    assert mails()[0].to == ["new@example.org"]
    assert mails()[-1].to == ["camille@example.org"]
    assert "new@example.org" in str(mails()[-1].body)
    assert CredentialEvent.objects.filter(account=account, kind="email").count() == 1


def test_an_address_of_somebody_else_is_not_given_away(signed_in: SignedIn, mails: Mails) -> None:
    make_account("Ancienne", email="known@example.org")
    client = signed_in(make_account("Camille"))

    known = client.post("/account/email", {"email": "known@example.org", "action_add": "1"})
    page = client.get("/account/email").content.decode()

    assert known.status_code == 302
    assert "known@example.org" in page
    assert Account.objects.get(name="Ancienne").email == "known@example.org"
    for message in mails():
        link = re.search(r"http://[^/\s]+(/account/confirm/\S+)", str(message.body))
        if link:
            client.post(link[1])
    assert Account.objects.get(name="Camille").email != "known@example.org"


def test_a_change_of_address_asks_for_the_password_after_a_while(
    signed_in: SignedIn, clock: time_machine.Traveller, mails: Mails
) -> None:
    client = signed_in(make_account())
    clock.shift(timedelta(minutes=16))

    asked = client.post("/account/email", {"email": "new@example.org", "action_add": "1"})
    assert asked["Location"].startswith("/account/again")
    assert mails() == []
    client.post(asked["Location"], {"password": "faux", "next": "/account/email"})
    assert mails() == []
    client.post(asked["Location"], {"password": PASSWORD, "next": "/account/email"})

    assert [message.to for message in mails()] == [["new@example.org"]]


def test_addresses_are_changed_twice_a_day(signed_in: SignedIn) -> None:
    client = signed_in(make_account())

    answers = [
        client.post("/account/email", {"email": f"n{n}@example.org", "action_add": "1"}).status_code
        for n in range(3)
    ]

    assert answers == [302, 302, 429]


def test_a_mail_speaks_its_readers_language(browser: Browser, mails: Mails) -> None:
    make_account("Camille", email="camille@example.org", language="fr")

    browser().post("/account/reset", {"email": "camille@example.org"})

    assert "Bonjour Camille" in str(mails()[0].body)
