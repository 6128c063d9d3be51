"""`bottin user` and `bottin token`: results for people and programs, refusals as sentences."""

import json

import pytest
from allauth.account.models import EmailAddress
from typer.testing import CliRunner, Result

from bottin.accounts import tokens
from bottin.accounts.models import Account
from bottin.accounts.permissions import Permission, Role
from bottin.config.commands import token, user
from bottin.lib import clock as time
from tests.factories.accounts import PASSWORD, make_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speak English, and have a password at hand."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("BOTTIN_PASSWORD", PASSWORD)


def _user(*words: str) -> Result:
    return CliRunner().invoke(user.app, list(words))


def _token(*words: str) -> Result:
    return CliRunner().invoke(token.app, list(words))


def test_an_account_is_made_confirmed() -> None:
    done = _user("create", "Camille", "--email", "c@example.org", "--role", "moderator", "--json")

    account = Account.objects.get()
    assert done.exit_code == 0
    assert json.loads(done.stdout)["role"] == "moderator"
    assert account.check_password(PASSWORD)
    assert EmailAddress.objects.get(user=account).verified


def test_the_password_is_asked_for_twice_when_the_environment_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("BOTTIN_PASSWORD")
    words = ["create", "Camille", "--email", "c@example.org"]

    done = CliRunner().invoke(user.app, words, input=f"{PASSWORD}\n{PASSWORD}\n")

    assert done.exit_code == 0
    assert PASSWORD not in done.output


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["create", "Camille", "--email", "other@example.org"], 1),
        (["create", "x", "--email", "x@example.org"], 1),
        (["create", "Dominique", "--email", "not an address"], 2),
        (["create", "Dominique", "--email", "d@example.org", "--role", "visitor"], 2),
        (["create", "Dominique", "--email", "d@example.org", "--role", "king"], 2),
        (["role", "Personne", "member"], 1),
        (["suspend", "Camille"], 2),
        (["password", "Personne"], 1),
    ],
)
def test_what_cannot_be_done_changes_nothing(words: list[str], code: int) -> None:
    make_account("Camille")

    assert _user(*words).exit_code == code
    assert Account.objects.count() == 1


def test_a_refusal_is_a_sentence() -> None:
    make_account("Camille")

    refused = _user("create", "camille", "--email", "x@example.org")

    assert refused.stderr.startswith("bottin: ")
    assert "accounts." not in refused.stderr


def test_accounts_are_listed_for_people_and_programs() -> None:
    make_account("Camille", role=Role.MODERATOR)
    make_account("Dominique")

    assert _user("list").stdout.splitlines()[1].split()[:3] == ["Camille", "moderator", "active"]
    listed = json.loads(_user("list", "--role", "member", "--json").stdout)
    assert [row["name"] for row in listed] == ["Dominique"]


def test_an_account_is_raised_suspended_and_taken_back() -> None:
    account = make_account("Camille")

    assert _user("role", "camille", "trusted_publisher").exit_code == 0
    assert _user("suspend", "camille", "--reason", "abus").exit_code == 0
    account.refresh_from_db()
    assert (account.role, account.state) == ("trusted_publisher", "suspended")
    assert _user("reactivate", "camille", "--reason", "appel").exit_code == 0
    account.refresh_from_db()
    assert account.is_active


def test_a_token_is_printed_once_and_stopped() -> None:
    make_account("Camille")

    raw = _token("create", "script", "--account", "Camille", "--scope", "publish").stdout.strip()

    assert tokens.authenticate(raw, at=time.now()).may(Permission.PUBLISH)
    listed = json.loads(_token("list", "--account", "Camille", "--json").stdout)
    assert raw not in json.dumps(listed)
    assert _token("revoke", str(listed[0]["id"])).exit_code == 0
    assert _token("revoke", str(listed[0]["id"])).exit_code == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["create", "x", "--account", "Personne", "--scope", "read"], 1),
        (["create", "x", "--account", "Camille"], 2),
        (["create", "x", "--account", "Camille", "--scope", "admin"], 2),
        (["create", "x", "--account", "Camille", "--scope", "read", "--days", "0"], 1),
        (["revoke", "999999"], 1),
    ],
)
def test_a_token_that_cannot_be_is_refused(words: list[str], code: int) -> None:
    make_account("Camille")

    assert _token(*words).exit_code == code
