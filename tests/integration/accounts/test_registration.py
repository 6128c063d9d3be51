"""Registration: confirmed by mail, guarded by time, blind to who is known (ACC-1, 6, 8, 9)."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django import Settings

from bottin.accounts.models import Account, SignIn
from bottin.accounts.permissions import Role
from tests.factories.accounts import PASSWORD, make_account

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
Mails = Callable[[], list[EmailMessage]]
PATH = "/account/sign-up"


def hidden_fields(client: Client) -> dict[str, str]:
    """Read the form's ticket; a browser without JavaScript sends no solution."""
    page = client.get(PATH).content.decode()
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    assert ticket is not None
    return {"ticket": ticket[1], "solution": ""}


def form_of(name: str = "Camille", **changes: str) -> dict[str, str]:
    return {
        "username": name,
        "email": f"{name.lower()}@example.org",
        "password1": PASSWORD,
        "accepts": "on",
    } | changes


def ripe_form(client: Client, clock: time_machine.Traveller, **changes: str) -> dict[str, str]:
    form = form_of(**changes) | hidden_fields(client)
    clock.shift(timedelta(seconds=61))
    return form


def test_from_the_form_to_the_first_sign_in(
    browser: Browser,
    clock: time_machine.Traveller,
    mails: Mails,
    link_in: Callable[[], str],
) -> None:
    client = browser()

    answer = client.post(PATH, ripe_form(client, clock))
    assert (answer.status_code, answer["Location"]) == (302, "/account/confirm")
    assert mails()[0].to == ["camille@example.org"]
    assert client.get(link_in()).status_code == 200
    assert not EmailAddress.objects.get().verified
    assert client.post(link_in()).status_code == 302
    entered = client.post("/account/sign-in", {"login": "camille", "password": PASSWORD})

    assert EmailAddress.objects.get().verified
    assert entered.status_code == 302
    assert client.get("/me/settings").status_code == 200


def test_the_rules_accepted_are_kept_with_their_version_and_date(
    browser: Browser, clock: time_machine.Traveller, settings: Settings
) -> None:
    settings.BOTTIN_TERMS_VERSION = "2026-05"
    client = browser()

    client.post(PATH, ripe_form(client, clock))

    account = Account.objects.get(name="Camille")
    assert account.terms_version == "2026-05"
    assert account.terms_accepted_at == account.joined_at


def test_an_unconfirmed_account_does_not_enter_and_is_sent_another_link(
    browser: Browser, clock: time_machine.Traveller, mails: Mails
) -> None:
    client = browser()
    client.post(PATH, ripe_form(client, clock))

    answer = client.post("/account/sign-in", {"login": "Camille", "password": PASSWORD})

    assert answer["Location"].startswith("/account/confirm")
    assert client.get("/me/settings").status_code == 302
    assert len(mails()) == 2


def test_the_link_is_good_for_a_day(
    browser: Browser, clock: time_machine.Traveller, link_in: Callable[[], str]
) -> None:
    client = browser()
    client.post(PATH, ripe_form(client, clock))
    clock.shift(timedelta(hours=24, seconds=2))

    assert client.get(link_in()).status_code == 410
    assert client.post(link_in()).status_code == 404
    assert not EmailAddress.objects.get().verified


def test_the_link_counts_once(
    browser: Browser, clock: time_machine.Traveller, link_in: Callable[[], str]
) -> None:
    client = browser()
    client.post(PATH, ripe_form(client, clock))
    client.post(link_in())

    again = client.get(link_in())

    assert b'type="submit">Confirm' not in again.content


def test_a_known_address_gets_the_answer_of_an_unknown_one(
    browser: Browser, clock: time_machine.Traveller, mails: Mails
) -> None:
    make_account("Ancienne", email="known@example.org")
    one, other = browser("198.51.100.1"), browser("192.0.2.1")

    known = one.post(PATH, ripe_form(one, clock, name="Camille", email="KNOWN@example.org"))
    unknown = other.post(PATH, ripe_form(other, clock, name="Dominique"))

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    pages = [_bare(client.get(known["Location"]).content) for client in (one, other)]
    assert pages[0] == pages[1]
    assert not Account.objects.filter(name="Camille").exists()
    told = [message for message in mails() if message.to == ["known@example.org"]]
    assert "already" in told[0].subject


def _bare(page: bytes) -> str:
    """A page without what differs in every answer."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.decode())
    return re.sub(r'nonce="[^"]+"', "", text)


def test_a_form_sent_too_early_comes_back_with_its_values_and_its_ticket(browser: Browser) -> None:
    client = browser()
    form = form_of() | hidden_fields(client)

    answer = client.post(PATH, form)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert form["ticket"] in page
    assert 'value="Camille"' in page
    assert PASSWORD not in page
    assert not Account.objects.exists()


def test_the_same_ticket_is_taken_once_it_is_ripe(
    browser: Browser, clock: time_machine.Traveller
) -> None:
    client = browser()
    form = form_of() | hidden_fields(client)
    client.post(PATH, form)
    clock.shift(timedelta(seconds=60))

    assert client.post(PATH, form).status_code == 302


def test_a_form_sent_twice_makes_one_account(
    browser: Browser, clock: time_machine.Traveller, mails: Mails
) -> None:
    client = browser()
    form = ripe_form(client, clock)
    client.post(PATH, form)

    again = client.post(PATH, form | {"username": "Dominique", "email": "d@example.org"})

    assert again.status_code == 422
    assert Account.objects.count() == 1
    assert len(mails()) == 1


@pytest.mark.parametrize("field", ["ticket", "username", "email", "password1", "accepts"])
def test_every_field_is_needed(browser: Browser, clock: time_machine.Traveller, field: str) -> None:
    client = browser()
    form = ripe_form(client, clock)
    del form[field]

    assert client.post(PATH, form).status_code == 422
    assert not Account.objects.exists()


def test_a_robot_that_fills_the_trap_is_answered_as_a_person(
    browser: Browser, clock: time_machine.Traveller, mails: Mails
) -> None:
    client = browser()

    answer = client.post(PATH, ripe_form(client, clock) | {"website": "https://spam.example"})

    assert (answer.status_code, answer["Location"]) == (302, "/account/confirm")
    assert not Account.objects.exists()
    assert mails() == []


@pytest.mark.parametrize("name", ["Cami11e", "CAMILLE", "c-a-m-i-l-l-e", "Camillé"])
def test_a_name_that_looks_like_another_is_refused_with_a_sentence(
    browser: Browser, clock: time_machine.Traveller, name: str
) -> None:
    make_account("Camille")
    client = browser()

    answer = client.post(PATH, ripe_form(client, clock, name=name, email="x@example.org"))

    assert answer.status_code == 422
    assert b"looks the same" in answer.content


def test_without_javascript_one_account_a_day_from_an_address(
    browser: Browser, clock: time_machine.Traveller
) -> None:
    client = browser()
    client.post(PATH, ripe_form(client, clock))

    second = client.post(PATH, ripe_form(client, clock, name="Dominique"))

    assert second.status_code == 429
    assert int(second["Retry-After"]) > 80_000
    assert Account.objects.count() == 1


def test_forms_are_counted_too(browser: Browser, settings: Settings) -> None:
    client = browser()

    answers = [client.post(PATH, form_of()).status_code for _ in range(22)]

    assert answers == [422] * 20 + [429] * 2


@pytest.mark.parametrize("mode", ["closed", "invite", "application"])
def test_where_registration_is_not_open_nobody_registers(
    browser: Browser, clock: time_machine.Traveller, settings: Settings, mode: str
) -> None:
    client = browser()
    form = ripe_form(client, clock)
    settings.BOTTIN_REGISTRATION = mode

    answer = client.post(PATH, form)

    assert b"Nobody registers here" in answer.content
    assert client.get(PATH).status_code == 200
    assert not Account.objects.exists()


def test_a_form_gives_no_role_and_no_state(browser: Browser, clock: time_machine.Traveller) -> None:
    client = browser()

    client.post(PATH, ripe_form(client, clock) | {"role": "administrator", "is_staff": "1"})

    assert Account.objects.get().role == Role.MEMBER.value


def test_the_address_of_the_network_is_kept_nowhere(
    browser: Browser, clock: time_machine.Traveller, link_in: Callable[[], str]
) -> None:
    client = browser("203.0.113.77")
    client.post(PATH, ripe_form(client, clock))
    client.post(link_in())
    client.post("/account/sign-in", {"login": "Camille", "password": PASSWORD})

    assert SignIn.objects.get().network == "203.0.113.0/24"
    assert "203.0.113.77" not in _everything()


def _everything() -> str:
    """Return every value of every table, as text."""
    from django.apps import apps
    from django.db import connection

    found: list[str] = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f'SELECT row::text FROM "{model._meta.db_table}" AS row')  # noqa: S608
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)
