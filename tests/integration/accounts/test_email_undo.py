"""ACC-6: a change of address is undone from the former one, for seven days."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.test import Client

from bottin.accounts.addresses import undo_token
from bottin.accounts.models import Account, CredentialEvent, SignIn
from bottin.audit.models import AuditEvent
from tests.factories.accounts import PASSWORD, make_account

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
SignedIn = Callable[..., Client]
Mails = Callable[[], list[EmailMessage]]
Link = Callable[[], str]


@pytest.fixture
def changed(signed_in: SignedIn, mails: Mails, link_in: Link) -> tuple[Account, str]:
    """Change an address, and give the account with the link that its former address got."""
    account = make_account("Camille", email="camille@example.org")
    client = signed_in(account)
    client.post("/account/email", {"email": "thief@example.org", "action_add": "1"})
    client.post(link_in())
    told = mails()[-1]
    assert told.to == ["camille@example.org"]
    found = re.search(r"https?://[^/\s]+(/account/email/undo/\S+)", str(told.body))
    assert found
    account.refresh_from_db()
    assert account.email == "thief@example.org"
    return account, found[1]


def test_the_former_address_takes_the_account_back(
    browser: Browser, changed: tuple[Account, str]
) -> None:
    account, link = changed

    asked, done = browser().get(link), browser().post(link)

    account.refresh_from_db()
    assert (asked.status_code, done.status_code) == (200, 200)
    assert account.email == "camille@example.org"
    kept = EmailAddress.objects.filter(user=account).values_list("email", "verified", "primary")
    assert list(kept) == [("camille@example.org", True, True)]
    assert CredentialEvent.objects.filter(account=account, action="undone").count() == 1
    assert AuditEvent.objects.filter(action="account.email_restored").exists()


def test_looking_at_the_link_changes_nothing(
    browser: Browser, changed: tuple[Account, str]
) -> None:
    account, link = changed

    page = browser().get(link).content.decode()

    account.refresh_from_db()
    assert "camille@example.org" in page
    assert account.email == "thief@example.org"


def test_whoever_changed_it_is_out(browser: Browser, changed: tuple[Account, str]) -> None:
    account, link = changed

    browser().post(link)

    assert not SignIn.objects.filter(account=account, ended_at=None).exists()
    again = browser().post("/account/sign-in", {"login": "Camille", "password": PASSWORD})
    assert again.status_code == 422


def test_the_owner_chooses_a_new_password_by_mail(
    browser: Browser, changed: tuple[Account, str], mails: Mails
) -> None:
    _account, link = changed
    browser().post(link)

    browser().post("/account/reset", {"email": "camille@example.org"})

    assert mails()[-1].to == ["camille@example.org"]
    assert "/account/reset/" in str(mails()[-1].body)


@pytest.mark.parametrize("days", [8, 400])
def test_the_link_lasts_a_week(
    browser: Browser,
    changed: tuple[Account, str],
    clock: time_machine.Traveller,
    days: int,
) -> None:
    account, link = changed
    clock.shift(timedelta(days=days))

    answers = [browser().get(link).status_code, browser().post(link).status_code]

    account.refresh_from_db()
    assert answers == [410, 410]
    assert account.email == "thief@example.org"


def test_the_link_serves_once(browser: Browser, changed: tuple[Account, str]) -> None:
    _account, link = changed
    browser().post(link)

    assert browser().post(link).status_code == 410


def test_a_second_change_does_not_shut_the_first_owner_out(
    browser: Browser, changed: tuple[Account, str]
) -> None:
    account, link = changed
    Account.objects.filter(pk=account.pk).update(email="other@example.org")

    browser().post(link)

    account.refresh_from_db()
    assert account.email == "camille@example.org"


def test_an_address_that_someone_took_meanwhile_stays_theirs(
    browser: Browser, changed: tuple[Account, str]
) -> None:
    account, link = changed
    make_account("Autre", email="camille@example.org")

    assert browser().post(link).status_code == 409

    account.refresh_from_db()
    assert account.email == "thief@example.org"
    assert account.has_usable_password()


@pytest.mark.parametrize("token", ["x", "x:y:z", "W10:1wabcd:AAAA"])
def test_a_link_that_is_not_ours_opens_nothing(browser: Browser, token: str) -> None:
    path = f"/account/email/undo/{token}"

    assert browser().post(path).status_code == 410
    assert "This link is out of date" in browser().get(path).content.decode()


def test_a_link_of_one_account_is_not_one_of_another(browser: Browser) -> None:
    mine, other = make_account("Camille", email="camille@example.org"), make_account("Autre")
    token = undo_token(mine.pk, "former@example.org")

    browser().post(f"/account/email/undo/{token}")

    other.refresh_from_db()
    mine.refresh_from_db()
    assert mine.email == "former@example.org"
    assert other.email != "former@example.org"
