"""What time takes away: old traces, unconfirmed registrations (PRIV-3, ACC-6)."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from bottin.accounts import sign_ins, tasks
from bottin.accounts.actions import NewAccount, create_account
from bottin.accounts.models import Account, SignIn, SignInAttempt
from bottin.accounts.sign_ins import Origin
from bottin.accounts.viewer import ANONYMOUS
from bottin.audit.models import AuditEvent
from tests.factories.accounts import NOON, PASSWORD, make_account

pytestmark = pytest.mark.django_db

HERE = Origin("203.0.113.9", "Firefox · Linux")


def _register(name: str) -> Account:
    new = NewAccount(name, f"{name.lower()}@example.org", PASSWORD)
    account = create_account(new, by=ANONYMOUS, at=NOON)
    EmailAddress.objects.create(user=account, email=account.email, primary=True)
    return account


def test_a_registration_that_nobody_confirms_is_forgotten_after_seven_days() -> None:
    _register("Camille")

    assert tasks.forget_unconfirmed(at=NOON + timedelta(days=7)) == 0
    assert tasks.forget_unconfirmed(at=NOON + timedelta(days=7, seconds=1)) == 1
    assert not EmailAddress.objects.exists()
    last = AuditEvent.objects.last()
    assert last is not None
    assert last.action == "account.never_confirmed"


def test_its_name_and_its_address_are_free_again() -> None:
    _register("Camille")
    tasks.forget_unconfirmed(at=NOON + timedelta(days=8))

    assert _register("Camille").pk


def test_confirmed_accounts_and_those_of_operators_stay() -> None:
    confirmed = _register("Camille")
    EmailAddress.objects.update(verified=True)
    by_operator = make_account("Dominique")

    tasks.forget_unconfirmed(at=NOON + timedelta(days=400))

    assert set(Account.objects.all()) == {confirmed, by_operator}


def test_an_account_that_waits_for_a_new_address_stays() -> None:
    account = make_account("Camille")
    EmailAddress.objects.create(user=account, email="new@example.org")

    assert tasks.forget_unconfirmed(at=NOON + timedelta(days=400)) == 0


def test_a_sign_in_is_forgotten_thirty_days_after_its_end() -> None:
    account = make_account()
    _, ended = sign_ins.open_sign_in(account.pk, HERE, at=NOON)
    sign_ins.open_sign_in(account.pk, HERE, at=NOON)
    sign_ins.close(ended, at=NOON)

    tasks.forget(at=NOON + timedelta(days=29))
    assert SignIn.objects.count() == 2
    tasks.forget(at=NOON + timedelta(days=31))
    assert SignIn.objects.count() == 1


def test_a_sign_in_that_nobody_ended_is_forgotten_too() -> None:
    sign_ins.open_sign_in(make_account().pk, HERE, at=NOON)

    tasks.forget(at=NOON + timedelta(days=121))

    assert not SignIn.objects.exists()


def test_the_log_of_attempts_goes_back_thirty_days() -> None:
    make_account("Camille")
    for login in ("Camille", "nobody"):
        sign_ins.note_attempt(login, HERE, is_success=False, at=NOON)

    tasks.forget(at=NOON + timedelta(days=29))
    assert SignInAttempt.objects.count() == 2
    tasks.forget(at=NOON + timedelta(days=31))
    assert not SignInAttempt.objects.exists()


def test_forgetting_twice_is_forgetting_once() -> None:
    _register("Camille")
    tasks.forget(at=NOON + timedelta(days=8))

    assert set(tasks.forget(at=NOON + timedelta(days=8)).values()) == {0}
