"""Announce key, tokens, settings, language, theme, permissions, mailbox (ACC-15, 16, 18, 19)."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.filebased import EmailBackend
from django.test import Client
from pytest_django import Settings

from bottin.accounts import tokens
from bottin.accounts.models import Account, ApiToken
from bottin.accounts.permissions import Permission, Role
from bottin.tracker import keys
from tests.factories.accounts import NOON, PASSWORD, make_account

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
SignedIn = Callable[..., Client]


def test_the_key_is_not_in_the_page_until_it_is_asked_for(signed_in: SignedIn) -> None:
    account = make_account()
    client = signed_in(account)

    assert keys.account_key(account) not in client.get("/me/key").content.decode()
    assert keys.account_key(account) in client.post("/me/key/show").content.decode()


def test_the_key_is_kept_out_of_caches(signed_in: SignedIn) -> None:
    answer = signed_in(make_account()).post("/me/key/show")

    assert "no-store" in answer["Cache-Control"]


def test_the_key_is_shown_to_a_fresh_password_only(
    signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    account = make_account()
    client = signed_in(account)
    clock.shift(timedelta(minutes=16))

    asked = client.post("/me/key/show")
    shown = client.post(asked["Location"], {"password": PASSWORD, "next": "/me/key/show"})

    assert asked["Location"] == "/account/again?next=%2Fme%2Fkey%2Fshow"
    assert keys.account_key(account) in shown.content.decode()


@pytest.mark.parametrize(("reason", "previous"), [("routine", 1), ("compromised", 0)])
def test_the_key_is_renewed_with_or_without_grace(
    signed_in: SignedIn, reason: str, previous: int
) -> None:
    account = make_account()

    answer = signed_in(account).post("/me/key/renew", {"reason": reason})

    account.refresh_from_db()
    assert answer.status_code == 302
    assert (account.key_version, account.previous_key_version) == (2, previous)


@pytest.mark.parametrize("reason", ["", "other"])
def test_a_renewal_needs_a_reason_of_the_list(signed_in: SignedIn, reason: str) -> None:
    account = make_account()

    assert signed_in(account).post("/me/key/renew", {"reason": reason}).status_code == 422
    account.refresh_from_db()
    assert account.key_version == 1


@pytest.mark.parametrize(
    "path", ["/me/key/renew", "/me/key/show", "/me/sessions/end", "/me/tokens/new", "/language"]
)
def test_what_changes_something_is_never_a_link(signed_in: SignedIn, path: str) -> None:
    assert signed_in(make_account()).get(path).status_code == 405


def _new_token(client: Client, **given: object) -> str:
    form = {"name": "script", "scopes": ["read", "publish"], "lifetime_d": 30} | given
    page = client.post("/me/tokens/new", form).content.decode()
    found = re.search(r"bottin_[\w-]{43}", page)
    return found[0] if found else ""


def test_a_token_is_shown_once_and_works(signed_in: SignedIn) -> None:
    account = make_account()
    client = signed_in(account)

    raw = _new_token(client)

    assert tokens.authenticate(raw, at=NOON).may(Permission.PUBLISH)
    page = client.get("/me/tokens").content.decode()
    assert raw not in page
    assert f"…{raw[-4:]}" in page


@pytest.mark.parametrize(
    "given", [{"name": ""}, {"scopes": []}, {"scopes": ["admin"]}, {"lifetime_d": 3650}]
)
def test_a_token_without_name_scope_or_end_is_not_made(
    signed_in: SignedIn, given: dict[str, object]
) -> None:
    assert _new_token(signed_in(make_account()), **given) == ""
    assert not ApiToken.objects.exists()


def test_a_token_of_somebody_else_is_not_found(signed_in: SignedIn) -> None:
    raw = _new_token(signed_in(make_account()))

    answer = signed_in(make_account()).post(f"/me/tokens/{ApiToken.objects.get().pk}/revoke")

    assert answer.status_code == 404
    tokens.authenticate(raw, at=NOON)


def test_a_revoked_token_leaves_the_list(signed_in: SignedIn) -> None:
    client = signed_in(make_account())
    _new_token(client)

    client.post(f"/me/tokens/{ApiToken.objects.get().pk}/revoke")

    assert b"No token" in client.get("/me/tokens").content


def test_a_token_name_is_shown_as_text(signed_in: SignedIn) -> None:
    client = signed_in(make_account())

    _new_token(client, name="<script>alert(1)</script>")

    assert b"<script>alert" not in client.get("/me/tokens").content


def test_settings_change_the_account_and_this_browser(signed_in: SignedIn) -> None:
    account = make_account()
    client = signed_in(account)

    client.post("/me/settings", {"language": "en", "theme": "dark"})

    account.refresh_from_db()
    assert (account.language, account.theme) == ("en", "dark")
    assert client.cookies["theme"].value == "dark"
    page = client.get("/me/settings").content.decode()
    assert '<html lang="en"' in page
    assert 'data-theme="dark"' in page


def test_a_visitor_switches_language_and_theme(browser: Browser) -> None:
    client = browser()

    client.post("/language", {"language": "fr", "next": "/account/sign-in"})
    back = client.post("/theme", {"theme": "dark", "next": "/account/sign-in"})

    page = client.get(back["Location"]).content.decode()
    assert '<html lang="fr"' in page
    assert 'data-theme="dark"' in page


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x", ""])
def test_a_switch_leads_back_to_this_site(browser: Browser, target: str) -> None:
    answer = browser().post("/language", {"language": "en", "next": target})

    assert answer["Location"] == "/"


@pytest.mark.parametrize(
    ("path", "form"),
    [("/language", {"language": "xx"}), ("/theme", {"theme": "neon"}), ("/language", {})],
)
def test_what_the_site_lacks_is_refused(browser: Browser, path: str, form: dict[str, str]) -> None:
    assert browser().post(path, form).status_code == 400


def test_the_accounts_language_wins_over_the_browsers(signed_in: SignedIn) -> None:
    client = signed_in(make_account(language="fr"))

    assert '<html lang="fr"' in client.get("/me/settings").content.decode()


def test_the_team_reads_the_permission_table(signed_in: SignedIn) -> None:
    page = signed_in(make_account(role=Role.MODERATOR)).get("/permissions").content.decode()

    assert all(permission.value in page for permission in Permission)


def test_a_member_is_told_which_permission_is_missing(signed_in: SignedIn) -> None:
    assert signed_in(make_account()).get("/permissions").status_code == 403


def test_mails_of_a_demonstration_are_read_here(
    browser: Browser, settings: Settings, tmp_path: Path
) -> None:
    settings.BOTTIN_DEMO, settings.EMAIL_FILE_PATH = True, str(tmp_path)
    backend = EmailBackend(file_path=str(tmp_path))
    body = "Vous l’avez demandé\u202f: http://localhost/account/confirm/x <script>alert(1)</script>"
    for subject in ("Premier", "Deuxième — é"):
        message = mail.EmailMessage(subject, body, "site@localhost", ["c@example.org"])
        backend.send_messages([message])

    page = browser().get("/mailbox").content.decode()

    assert "Vous l’avez demandé\u202f:" in page
    assert page.index("Deuxième — é") < page.index("Premier")
    assert 'href="http://localhost/account/confirm/x"' in page
    assert "<script>alert" not in page


def test_a_real_site_has_no_mailbox(browser: Browser, signed_in: SignedIn) -> None:
    assert browser().get("/mailbox").status_code == 404
    administrator: Account = make_account(role=Role.ADMINISTRATOR)
    assert signed_in(administrator).get("/mailbox").status_code == 404
