"""Signing in: by name or address, throttled, blind to who is known (ACC-13, SEC-10, SEC-13)."""

import re
from collections.abc import Callable

import pytest
from django.core.signals import request_started
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bottin.accounts import actions
from bottin.accounts.models import SignIn, SignInAttempt
from bottin.accounts.permissions import Role
from tests.factories.accounts import NOON, OPERATOR, PASSWORD, make_account

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
PATH = "/account/sign-in"
WRONG = "ce n’est pas le bon mot"


@pytest.mark.parametrize("login", ["Camille", "camille", "CAMILLE@example.org", "  Camille "])
def test_a_name_or_an_address_in_any_case_enters(browser: Browser, login: str) -> None:
    make_account("Camille", email="camille@example.org")
    client = browser()

    answer = client.post(PATH, {"login": login, "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/me/settings").status_code == 200


@pytest.mark.parametrize(
    ("known", "unknown"),
    [("Camille", "Dominique"), ("camille@example.org", "nobody@example.org")],
)
def test_a_wrong_password_and_an_unknown_account_get_one_answer(
    browser: Browser, known: str, unknown: str
) -> None:
    make_account("Camille", email="camille@example.org")

    answers = [
        browser(address).post(PATH, {"login": login, "password": WRONG})
        for address, login in (("198.51.100.1", known), ("192.0.2.1", unknown))
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert _bare(answers[0].content, known) == _bare(answers[1].content, unknown)


def test_they_cost_as_many_queries(browser: Browser) -> None:
    make_account("Camille")
    counts = []

    for login in ("Camille", "Dominique"):
        client = browser()
        with CaptureQueriesContext(connection) as queries:
            client.post(PATH, {"login": login, "password": WRONG})
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_an_unconfirmed_or_suspended_account_is_known_to_its_owner_only(browser: Browser) -> None:
    account = make_account("Camille")
    actions.suspend(account.pk, by=OPERATOR, at=NOON, reason="abus")

    stranger = browser().post(PATH, {"login": "Camille", "password": WRONG})
    owner = browser().post(PATH, {"login": "Camille", "password": PASSWORD})

    assert b"suspended" not in stranger.content
    assert owner["Location"] == "/account/inactive"


def test_a_suspension_ends_what_runs(browser: Browser, signed_in: Callable[..., Client]) -> None:
    account = make_account()
    client = signed_in(account)

    actions.suspend(account.pk, by=OPERATOR, at=NOON, reason="abus")

    assert client.get("/me/settings").status_code == 302


def test_an_account_is_guessed_at_ten_times_in_five_minutes(browser: Browser) -> None:
    make_account("Camille")
    form = {"login": "Camille", "password": WRONG}

    answers = [browser(f"198.51.{n}.1").post(PATH, form) for n in range(12)]

    assert [answer.status_code for answer in answers] == [422] * 10 + [429] * 2
    assert int(answers[-1]["Retry-After"]) > 0


def test_so_is_one_that_does_not_exist(browser: Browser) -> None:
    form = {"login": "Personne", "password": WRONG}

    answers = [browser(f"198.51.{n}.1").post(PATH, form).status_code for n in range(12)]

    assert answers == [422] * 10 + [429] * 2


def test_guessing_elsewhere_does_not_lock_the_owner_out(
    browser: Browser, signed_in: Callable[..., Client]
) -> None:
    account = make_account("Camille")
    signed_in(account, "203.0.113.9")
    for n in range(12):
        browser(f"198.51.{n}.1").post(PATH, {"login": "Camille", "password": WRONG})

    home = browser("203.0.113.200").post(PATH, {"login": "Camille", "password": PASSWORD})

    assert home.status_code == 302


def test_one_address_guesses_ten_times_whatever_the_accounts(browser: Browser) -> None:
    client = browser()

    answers = [
        client.post(PATH, {"login": f"nom-{'a' * n}", "password": WRONG}).status_code
        for n in range(1, 13)
    ]

    assert answers == [422] * 10 + [429] * 2


def test_a_throttled_form_does_not_say_whether_the_password_was_right(browser: Browser) -> None:
    make_account("Camille")
    for n in range(10):
        browser(f"198.51.{n}.1").post(PATH, {"login": "Camille", "password": WRONG})

    answer = browser("192.0.2.1").post(PATH, {"login": "Camille", "password": PASSWORD})

    assert answer.status_code == 429
    assert not SignIn.objects.exists()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(browser: Browser, target: str) -> None:
    make_account("Camille")

    answer = browser().post(PATH, {"login": "Camille", "password": PASSWORD, "next": target})

    assert answer["Location"] == "/"


def test_a_visitor_comes_back_to_the_page_that_asked(browser: Browser) -> None:
    make_account("Camille")
    client = browser()
    asked = client.get("/me/tokens?x=1")
    assert asked["Location"] == "/account/sign-in?next=%2Fme%2Ftokens%3Fx%3D1"

    answer = client.post(
        asked["Location"], {"login": "Camille", "password": PASSWORD, "next": "/me/tokens?x=1"}
    )

    assert answer["Location"] == "/me/tokens?x=1"


def test_the_session_is_new_after_signing_in(browser: Browser) -> None:
    make_account("Camille")
    client = browser()
    client.post("/account/reset", {"email": "x@example.org"})
    before = client.session.session_key

    client.post(PATH, {"login": "Camille", "password": PASSWORD})

    assert client.session.session_key != before


def test_the_owner_reads_the_attempts(browser: Browser, signed_in: Callable[..., Client]) -> None:
    account = make_account("Camille")
    browser("198.51.100.7", "curl/8").post(PATH, {"login": "Camille", "password": WRONG})

    page = signed_in(account).get("/me/sessions").content.decode()

    assert "password wrong" in page
    assert "198.51.100.0/24" in page
    assert "198.51.100.7" not in page
    assert SignInAttempt.objects.filter(account=account).count() == 2


@pytest.mark.parametrize("login", ["\x00", "a" * 300, "", "' OR 1=1 --", "Camille\x00"])
def test_odd_names_are_answered_with_the_form(browser: Browser, login: str) -> None:
    make_account("Camille")

    assert browser().post(PATH, {"login": login, "password": WRONG}).status_code == 422


def test_a_visitor_without_session_pays_no_query_for_it(browser: Browser) -> None:
    assert request_started  # the client sends it as a server would
    client = browser()

    with CaptureQueriesContext(connection) as queries:
        client.get("/account/inactive")

    assert not [query for query in queries if "session" in query["sql"]]


def test_roles_do_not_change_the_way_in(browser: Browser) -> None:
    make_account("Camille", role=Role.ADMINISTRATOR)

    answer = browser().post(PATH, {"login": "Camille", "password": PASSWORD})

    assert answer.status_code == 302


def _bare(page: bytes, login: str) -> str:
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.decode())
    return re.sub(r'nonce="[^"]+"', "", text).replace(login, "LOGIN")
