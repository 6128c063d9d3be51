"""Who may call what: strangers, tokens of each kind, scopes, a private site."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bottin.accounts import tokens
from bottin.accounts.models import AccountState, ApiToken
from bottin.accounts.viewer import viewer_for
from tests.factories import catalog
from tests.factories.api import Caller, caller_for

pytestmark = pytest.mark.django_db

PUBLIC = ["/releases", "/categories", "/licences", f"/lookup/infohash/{'a' * 40}"]
PERSONAL = ["/me", "/me/ledger", "/me/torrents"]


@pytest.mark.parametrize("path", PUBLIC)
def test_everyone_reads_the_directory(
    path: str, stranger: Caller, member: Caller, other: Caller, moderator: Caller
) -> None:
    statuses = {caller.get(path).status_code for caller in (stranger, member, other, moderator)}

    assert statuses == {200}


@pytest.mark.parametrize("path", PERSONAL)
def test_what_is_personal_needs_a_token(
    path: str, stranger: Caller, member: Caller, other: Caller, moderator: Caller
) -> None:
    answer = stranger.get(path)

    assert answer.status_code == 401
    assert answer.json()["code"] == "api.token_required"
    assert answer["WWW-Authenticate"].startswith('Bearer realm="api"')
    assert {caller.get(path).status_code for caller in (member, other, moderator)} == {200}


@pytest.mark.parametrize("path", [*PUBLIC, *PERSONAL, "/releases/1", "/releases/1/files"])
def test_a_private_site_shows_nothing_without_an_account(
    path: str, stranger: Caller, member: Caller, settings: Any
) -> None:
    settings.BOTTIN_ACCESS = "private"

    assert stranger.get(path).status_code == 401
    assert member.get(path).status_code in {200, 404}


def test_a_private_site_still_says_how_to_use_its_api(stranger: Caller, settings: Any) -> None:
    settings.BOTTIN_ACCESS = "private"

    assert stranger.get("/openapi.json").status_code == 200


@pytest.mark.parametrize(
    "header",
    ["Basic bGVhOmxlYQ==", "Bearer", "Bearer ", "bottin_abc", "Bearer é", "Bearer " + "a" * 300],
    ids=ascii,
)
def test_a_broken_authorization_is_401(stranger: Caller, header: str) -> None:
    answer = stranger.get("/releases", Authorization=header)

    assert answer.status_code == 401
    assert answer.json()["code"] == "api.malformed_authorization"


@pytest.mark.parametrize("token", ["bottin_" + "a" * 43, "x", "bottin_", "' or 1=1 --"])
def test_an_unknown_token_is_401_even_where_none_is_needed(stranger: Caller, token: str) -> None:
    stranger.token = token

    answer = stranger.get("/releases")

    assert answer.status_code == 401
    assert answer.json()["problem"] == "unknown"
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_a_revoked_token_is_401_at_once(member: Caller) -> None:
    assert member.account is not None
    token = ApiToken.objects.get(account=member.account)
    tokens.revoke(token.pk, by=viewer_for(member.account), at=timezone.now())

    assert member.get("/me").json()["problem"] == "revoked"


def test_an_expired_token_is_401(member: Caller) -> None:
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert member.get("/me").json()["problem"] == "expired"


def test_a_suspended_accounts_token_is_401(member: Caller) -> None:
    assert member.account is not None
    member.account.state, member.account.is_active = AccountState.SUSPENDED, False
    member.account.save()

    assert member.get("/me").json()["problem"] == "account"


@pytest.mark.parametrize(
    ("scopes", "path", "missing"),
    [
        ({"publish"}, "/releases", "read"),
        ({"download"}, "/me", "read"),
        ({"read", "publish"}, "/releases/1/torrent", "download"),
    ],
)
def test_a_token_does_what_its_scopes_say_only(scopes: set[str], path: str, missing: str) -> None:
    program = caller_for(catalog.account(), frozenset(scopes))

    answer = program.get(path)

    assert answer.status_code == 403
    assert answer.json()["code"] == "api.scope_missing"
    assert answer.json()["scope"] == missing
    assert f'scope="{missing}"' in answer["WWW-Authenticate"]


def test_publishing_takes_the_scope_for_it() -> None:
    program = caller_for(catalog.account(), frozenset({"read", "download"}))

    assert program.post("/releases").json()["scope"] == "publish"


def test_a_cookie_opens_nothing(stranger: Caller) -> None:
    stranger.client.force_login(catalog.account(), backend="bottin.config.sign_in.EvenBackend")

    assert stranger.get("/me").status_code == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_405_and_says_which_are_known(stranger: Caller, method: str) -> None:
    answer = stranger.send(method, "/categories", b"", "application/json")

    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD"
    assert answer["Content-Type"] == "application/problem+json"


def test_head_answers_like_get(stranger: Caller) -> None:
    answer = stranger.client.head("/api/v1/categories")

    assert answer.status_code == 200
    assert answer["ETag"] == stranger.get("/categories")["ETag"]


def test_plain_http_is_refused_not_redirected_where_the_site_has_tls(
    member: Caller, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = True

    plain = member.get("/me")
    protected = member.client.get(
        "/api/v1/me", secure=True, headers={"Authorization": f"Bearer {member.token}"}
    )

    assert plain.status_code == 403
    assert plain.json()["code"] == "api.plain_http"
    assert protected.status_code == 200


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/releases/", "/releases/1/", "/../v2/x"])
def test_an_unknown_path_is_a_problem_not_a_page_nor_a_redirect(
    stranger: Caller, path: str
) -> None:
    answer = stranger.get(path)

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "Il n’y a rien"), ("en-GB,fr;q=0.5", "There is nothing"), ("de, fr;q=0.1", "Il n’y")],
)
def test_a_refusal_is_in_the_readers_language(stranger: Caller, language: str, words: str) -> None:
    stranger.language = language

    answer = stranger.get("/nothing")

    assert words in answer.json()["detail"]
    assert answer["Content-Language"] == ("fr" if "Il" in words else "en")
    assert "Accept-Language" in answer["Vary"]


def test_a_token_speaks_its_owners_language_when_the_program_asks_for_none() -> None:
    program = caller_for(catalog.account(language="en"))
    program.language = ""

    assert "There is no such release" in program.get("/releases/999").json()["detail"]
