"""What changes an account: who may, what is refused, what is told (ACC-18, ACC-19, ROLE-1)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from bottin.accounts import actions
from bottin.accounts.actions import NewAccount
from bottin.accounts.errors import (
    AccountNotFound,
    BadName,
    BadPassword,
    BadPreference,
    EmailTaken,
    LastAdministrator,
    NameTaken,
    NoKeysLeft,
    NotAllowed,
    OutranksYou,
    ReasonMissing,
)
from bottin.accounts.models import Account, AccountState, SignIn
from bottin.accounts.permissions import Role
from bottin.accounts.sign_ins import Origin, open_sign_in
from bottin.accounts.viewer import ANONYMOUS, viewer_for
from bottin.audit.models import AuditEvent
from tests.factories.accounts import NOON, OPERATOR, PASSWORD, make_account, make_viewer

pytestmark = pytest.mark.django_db


def _last_line() -> AuditEvent:
    line = AuditEvent.objects.order_by("pk").last()
    assert line is not None
    return line


def test_a_stranger_registers_as_a_member() -> None:
    new = NewAccount("Élodie", "Elodie@Example.ORG", PASSWORD)

    account = actions.create_account(new, by=ANONYMOUS, at=NOON)

    assert (account.name, account.email, account.role) == ("Élodie", "elodie@example.org", "member")
    assert account.check_password(PASSWORD)
    assert _last_line().action == "account.created"
    assert _last_line().subject == f"account:{account.pk}"


def test_no_name_and_no_address_enters_the_audit_log() -> None:
    account = make_account("Mathilde", email="mathilde@example.org")
    actions.note_email_changed(account.pk, by=viewer_for(account), at=NOON)

    text = " ".join(str(row) for row in AuditEvent.objects.values())

    assert "athilde" not in text


@pytest.mark.parametrize("name", ["Marie-Lou", "marie-lou", "MARIE_LOU", "Marie-L0u", "Mаrie-Lou"])
def test_a_name_that_looks_taken_is_taken(name: str) -> None:
    make_account("Marie-Lou")

    with pytest.raises((NameTaken, BadName)):
        actions.create_account(NewAccount(name, "x@example.org"), by=ANONYMOUS, at=NOON)

    assert Account.objects.count() == 1


def test_an_address_has_one_account_whatever_its_case() -> None:
    make_account(email="marie@example.org")

    with pytest.raises(EmailTaken):
        actions.create_account(NewAccount("autre", "MARIE@example.org"), by=ANONYMOUS, at=NOON)


def test_a_stranger_gives_themself_no_role() -> None:
    new = NewAccount("mallory", "m@example.org", PASSWORD, Role.ADMINISTRATOR)

    with pytest.raises(NotAllowed):
        actions.create_account(new, by=ANONYMOUS, at=NOON)

    assert not Account.objects.exists()


@pytest.mark.parametrize(
    "password",
    [
        "court",
        "onze signes",
        "passwordpassword",
        "Password2026!!!!",
        "123456789012",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "azertyuiopqsdf",
        "qwertyuiop[]",
        "elodie-elodie",
        "a" * 300,
    ],
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(BadPassword) as refused:
        actions.create_account(
            NewAccount("elodie", "e@example.org", password), by=ANONYMOUS, at=NOON
        )

    assert refused.value.context["problems"]


@pytest.mark.parametrize(
    "password", [PASSWORD, "correct horse battery staple", "Xk9$vQ2!mZp7", "é" * 3 + "tang gelé 7"]
)
def test_strong_passwords_are_taken(password: str) -> None:
    actions.create_account(NewAccount("elodie", "e@example.org", password), by=ANONYMOUS, at=NOON)


def test_a_renewed_key_leaves_the_old_one_seven_days() -> None:
    account = make_account()

    renewed = actions.renew_announce_key(account.pk, by=viewer_for(account), at=NOON)

    assert (renewed.key_version, renewed.previous_key_version) == (2, 1)
    assert renewed.key_grace_until == NOON + timedelta(days=7)
    assert _last_line().action == "account.key_renewed"


def test_a_compromised_key_stops_at_once_and_so_does_the_one_before() -> None:
    account = make_account()
    actions.renew_announce_key(account.pk, by=viewer_for(account), at=NOON)

    cut = actions.renew_announce_key(
        account.pk, by=viewer_for(account), at=NOON, is_compromised=True
    )

    assert (cut.key_version, cut.previous_key_version, cut.key_grace_until) == (3, 0, None)


def test_a_second_renewal_ends_the_first_grace() -> None:
    account = make_account()
    actions.renew_announce_key(account.pk, by=viewer_for(account), at=NOON)

    twice = actions.renew_announce_key(account.pk, by=viewer_for(account), at=NOON)

    assert (twice.key_version, twice.previous_key_version) == (3, 2)


def test_nobody_renews_the_key_of_another() -> None:
    account = make_account()

    for viewer in (ANONYMOUS, make_viewer(), make_viewer(Role.SUPER_MODERATOR)):
        with pytest.raises(NotAllowed):
            actions.renew_announce_key(account.pk, by=viewer, at=NOON)

    account.refresh_from_db()
    assert account.key_version == 1


def test_a_key_is_renewed_no_more_than_two_bytes_count() -> None:
    account = make_account()
    Account.objects.filter(pk=account.pk).update(key_version=65_535)

    with pytest.raises(NoKeysLeft):
        actions.renew_announce_key(account.pk, by=viewer_for(account), at=NOON)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_give_roles(role: Role) -> None:
    account = make_account()
    viewer = ANONYMOUS if role is Role.VISITOR else make_viewer(role)

    with pytest.raises(NotAllowed):
        actions.change_role(account.pk, Role.MODERATOR, by=viewer, at=NOON, reason="essai")


def test_a_change_of_role_says_from_to_and_why() -> None:
    account = make_account()

    actions.change_role(account.pk, Role.MODERATOR, by=OPERATOR, at=NOON, reason="renfort")

    line = _last_line()
    assert (line.action, line.reason) == ("account.role_changed", "renfort")
    assert line.detail == {"from": "member", "to": "moderator"}


def test_a_change_of_role_needs_a_reason() -> None:
    account = make_account()

    with pytest.raises(ReasonMissing):
        actions.change_role(account.pk, Role.MODERATOR, by=OPERATOR, at=NOON, reason="  ")


def test_the_last_administrator_stays_one() -> None:
    account = make_account(role=Role.ADMINISTRATOR)

    with pytest.raises(LastAdministrator):
        actions.change_role(account.pk, Role.MEMBER, by=OPERATOR, at=NOON, reason="départ")
    with pytest.raises(LastAdministrator):
        actions.suspend(account.pk, by=OPERATOR, at=NOON, reason="départ")


def test_a_suspended_account_is_shut_out_everywhere() -> None:
    account = make_account()
    open_sign_in(account.pk, Origin("203.0.113.9", "Firefox"), at=NOON)

    suspended = actions.suspend(account.pk, by=OPERATOR, at=NOON, reason="abus")

    assert (suspended.state, suspended.is_active) == (AccountState.SUSPENDED, False)
    assert not SignIn.objects.filter(ended_at=None).exists()
    assert _last_line().reason == "abus"


def test_a_reactivated_account_is_whole_again() -> None:
    account = make_account()
    actions.suspend(account.pk, by=OPERATOR, at=NOON, reason="abus")

    back = actions.reactivate(account.pk, by=OPERATOR, at=NOON, reason="appel")

    assert (back.state, back.is_active) == (AccountState.ACTIVE, True)


@pytest.mark.parametrize("role", [Role.SUPER_MODERATOR, Role.ADMINISTRATOR])
def test_nobody_suspends_an_equal_or_a_superior(role: Role) -> None:
    make_account(role=Role.ADMINISTRATOR)
    target = make_account(role=role)

    with pytest.raises(OutranksYou):
        actions.suspend(target.pk, by=make_viewer(Role.SUPER_MODERATOR), at=NOON, reason="x")


def test_moderators_do_not_suspend() -> None:
    with pytest.raises(NotAllowed):
        actions.suspend(make_account().pk, by=make_viewer(Role.MODERATOR), at=NOON, reason="x")


def test_a_new_password_signs_every_browser_out() -> None:
    account = make_account()
    open_sign_in(account.pk, Origin("203.0.113.9", "Firefox"), at=NOON)

    actions.set_password(account.pk, "un autre secret bien long", by=viewer_for(account), at=NOON)

    assert not SignIn.objects.filter(ended_at=None).exists()


def test_nobody_sets_the_password_of_another() -> None:
    with pytest.raises(NotAllowed):
        actions.set_password(make_account().pk, PASSWORD, by=make_viewer(), at=NOON)


def test_preferences_are_those_the_site_has() -> None:
    account = make_account()
    viewer = viewer_for(account)

    changed = actions.change_preferences(account.pk, by=viewer, language="en", theme="dark")

    assert (changed.language, changed.theme) == ("en", "dark")
    with pytest.raises(BadPreference):
        actions.change_preferences(account.pk, by=viewer, language="xx")
    with pytest.raises(BadPreference):
        actions.change_preferences(account.pk, by=viewer, theme="neon")


def test_an_unknown_account_is_a_refusal() -> None:
    with pytest.raises(AccountNotFound):
        actions.renew_announce_key(999_999, by=OPERATOR, at=NOON)


@pytest.mark.django_db(transaction=True)
def test_ten_who_register_one_name_at_once_make_one_account() -> None:
    outcomes: list[str] = []
    start = threading.Barrier(10)

    def register(number: int) -> None:
        start.wait()
        new = NewAccount("Camille" if number % 2 else "CamiIle", f"c{number}@example.org")
        try:
            actions.create_account(new, by=ANONYMOUS, at=NOON)
            outcomes.append("made")
        except NameTaken:
            outcomes.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=register, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["made"] + ["taken"] * 9
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_demote_each_other_leave_one() -> None:
    first, second = make_account(role=Role.ADMINISTRATOR), make_account(role=Role.ADMINISTRATOR)
    refused: list[Exception] = []
    start = threading.Barrier(2)

    def demote(by: Account, target: Account) -> None:
        start.wait()
        try:
            actions.change_role(
                target.pk, Role.MEMBER, by=viewer_for(by), at=NOON, reason="querelle"
            )
        except LastAdministrator as error:
            refused.append(error)
        finally:
            connection.close()

    pairs = [(first, second), (second, first)]
    threads = [threading.Thread(target=demote, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert Account.objects.filter(role="administrator").count() == 1
