"""Accounts of former sites: passwords that still open, counters as one row, nobody twice."""

import bcrypt
import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import identify_hasher

from bottin.accounts.models import Account, AccountState
from bottin.accounts.viewer import viewer_for
from bottin.catalog.models import Release
from bottin.config import hashers
from bottin.exchange.people import password_of
from bottin.ledger.checks import differences
from bottin.ledger.models import EntryKind, LedgerEntry
from bottin.ledger.queries import balance_of
from tests.factories import catalog as make
from tests.factories import exchange as old

pytestmark = pytest.mark.django_db

SECRET = "quatre lampes bleues sous le pont"


def bcrypt_of(password: str, prefix: str = "2y") -> str:
    """Hash as PHP's password_hash, with a small cost."""
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    return f"${prefix}${made[4:]}"


@pytest.mark.parametrize("prefix", ["2a", "2b", "2y"])
def test_a_bcrypt_password_opens_once_and_is_then_argon2(prefix: str) -> None:
    old.take_in([old.person(name="Ancienne", password=bcrypt_of(SECRET, prefix))])
    account = Account.objects.get(name="Ancienne")
    assert identify_hasher(account.password).algorithm == "bcrypt"

    assert not account.check_password("autre chose, bien longue")
    assert account.check_password(SECRET)

    account.refresh_from_db()
    assert identify_hasher(account.password).algorithm == "argon2"
    assert account.check_password(SECRET)


def test_a_sign_in_upgrades_it(rf: object) -> None:
    old.take_in([old.person(name="Ancienne", password=bcrypt_of(SECRET))])

    found = authenticate(None, username="Ancienne", password=SECRET)

    assert found is not None
    assert Account.objects.get(name="Ancienne").password.startswith("argon2$")


@pytest.mark.parametrize("name", ["Ancienne", "Nouvelle", "Personne"])
def test_sec_13_a_wrong_password_costs_the_same_work_for_every_name(name: str) -> None:
    old.take_in([old.person(name="Ancienne", password=bcrypt_of(SECRET))])
    make.account(name="Nouvelle")

    with hashers.noted() as done:
        found = authenticate(None, username=name, password="autre chose, bien longue")

    assert (found, done) == (None, {"argon2": 1, "bcrypt": 1})


@pytest.mark.parametrize("name", ["Nouvelle", "Personne"])
def test_sec_13_where_nobody_was_imported_it_costs_one_hash(name: str) -> None:
    make.account(name="Nouvelle")

    with hashers.noted() as done:
        authenticate(None, username=name, password="autre chose, bien longue")

    assert done == {"argon2": 1}


def test_a_long_password_counts_as_it_did() -> None:
    long = "é" * 60
    old.take_in([old.person(name="Ancienne", password=bcrypt_of(long))])
    account = Account.objects.get(name="Ancienne")

    assert account.check_password(long)


@pytest.mark.parametrize(
    "former",
    [
        *("", "5f4dcc3b5aa765d61d8327deb882cf99", "$2y$31$" + "a" * 53, "$1$abc$def", "!"),
        *("$argon2id$v=19$m=99999999,t=3,p=1$c2VsdHNlbA$aGFjaGVoYWNoZWhhY2hl", "bcrypt$$2y$x"),
    ],
)
def test_another_or_a_dear_hash_opens_nothing_and_is_reset(former: str) -> None:
    old.take_in([old.person(name="Ancienne", password=former)])

    account = Account.objects.get(name="Ancienne")
    assert not account.has_usable_password()
    assert not account.check_password(SECRET)


def test_an_argon2_password_opens() -> None:
    from argon2 import PasswordHasher

    former = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(SECRET)

    assert password_of(former).startswith("argon2$argon2id$")
    old.take_in([old.person(name="Ancienne", password=former)])
    assert Account.objects.get(name="Ancienne").check_password(SECRET)


def test_counters_become_one_opening_row() -> None:
    record = old.person(name="Ancienne", uploaded_bytes=700, downloaded_bytes=200, seed_time_s=60)
    old.take_in([record])
    old.take_in([record])

    account = Account.objects.get(name="Ancienne")
    entry = LedgerEntry.objects.get(user_id=account.pk)
    assert entry.kind == EntryKind.OPENING
    assert balance_of(account.pk).raw_up == 700
    assert differences() == []


def test_releases_go_to_the_account_that_published_them_there() -> None:
    fallback = make.account()
    person = old.person()

    old.take_in(
        [person, old.release(publisher_id=person["source_id"]), old.release(publisher_id="9")],
        fallback=fallback,
    )

    assert set(Release.objects.values_list("publisher__name", flat=True)) == {
        person["name"],
        fallback.name,
    }


def test_who_is_banned_there_is_suspended_here_and_nobody_is_of_the_team() -> None:
    old.take_in([old.person(name="Banni", is_banned=True), old.person(name="Chef", role="admin")])

    assert Account.objects.get(name="Banni").state == AccountState.SUSPENDED
    assert not viewer_for(Account.objects.get(name="Chef")).is_moderator


def test_the_same_person_here_already_is_left_as_they_are() -> None:
    here = make.account()
    before = here.password

    totals = old.take_in([old.person(name=here.name, email=here.email, password=bcrypt_of("x"))])

    here.refresh_from_db()
    assert totals.refused == 0
    assert here.password == before
    assert Account.objects.filter(email=here.email).count() == 1


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"name": "{name}"}, "accounts.name_taken"),
        ({"email": "{email}"}, "accounts.email_taken"),
        ({"email": "rien"}, "bad_email"),
        ({"name": "admin"}, "accounts.bad_name.reserved"),
    ],
)
def test_a_name_or_an_address_that_cannot_be_is_refused(given: dict[str, str], reason: str) -> None:
    here = make.account()
    filled = {key: v.format(name=here.name, email=here.email) for key, v in given.items()}

    totals = old.take_in([old.person(**filled), old.person()])

    assert totals.reasons == {reason: 1}
    assert totals.accounts == 1
