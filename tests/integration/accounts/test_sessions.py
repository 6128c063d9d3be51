"""Browsers signed in: listed, ended one by one or all, and by time (ACC-14, SEC-8, PRIV-3)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from bottin.accounts.models import SignIn
from bottin.accounts.permissions import Role
from tests.factories.accounts import make_account

pytestmark = pytest.mark.django_db

SignedIn = Callable[..., Client]


def _is_in(client: Client) -> bool:
    return client.get("/me/settings").status_code == 200


def test_each_browser_is_a_row_with_device_and_network(signed_in: SignedIn) -> None:
    account = make_account()
    signed_in(account, "2001:db8:1:2:3::7")

    page = signed_in(account, "203.0.113.9").get("/me/sessions").content.decode()

    assert page.count("Firefox · Linux") >= 2
    assert "2001:db8:1::/48" in page
    assert "203.0.113.0/24" in page
    assert page.count("this one") == 1


def test_another_browser_is_signed_out_at_its_next_page(signed_in: SignedIn) -> None:
    account = make_account()
    lost = signed_in(account)
    row = SignIn.objects.get()
    here = signed_in(account)

    here.post(f"/me/sessions/{row.pk}/end")

    assert not _is_in(lost)
    assert _is_in(here)


def test_a_browser_signed_out_does_not_come_back_by_its_cookie(signed_in: SignedIn) -> None:
    account = make_account()
    lost = signed_in(account)
    cookie = lost.cookies["sessionid"].value
    SignIn.objects.update(ended_at=SignIn.objects.get().created_at)
    assert not _is_in(lost)

    lost.cookies["sessionid"] = cookie

    assert not _is_in(lost)


def test_nobody_ends_the_sign_in_of_another(signed_in: SignedIn) -> None:
    theirs = signed_in(make_account())
    row = SignIn.objects.get()

    signed_in(make_account()).post(f"/me/sessions/{row.pk}/end")

    assert _is_in(theirs)


@pytest.mark.parametrize(("form", "stays"), [({"keep_this": "1"}, True), ({}, False)])
def test_all_are_signed_out_this_one_too_if_asked(
    signed_in: SignedIn, form: dict[str, str], *, stays: bool
) -> None:
    account = make_account()
    others = [signed_in(account), signed_in(account)]
    here = signed_in(account)

    here.post("/me/sessions/end", form)

    assert not any(_is_in(other) for other in others)
    assert _is_in(here) is stays


def test_signing_out_ends_the_row(signed_in: SignedIn) -> None:
    client = signed_in(make_account())

    client.post("/account/sign-out")

    assert not _is_in(client)
    assert SignIn.objects.get().ended_at is not None


def test_signing_out_takes_a_button_not_a_link(signed_in: SignedIn) -> None:
    client = signed_in(make_account())

    client.get("/account/sign-out")

    assert _is_in(client)


def test_a_member_unseen_for_two_weeks_signs_in_again(
    signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    client = signed_in(make_account())

    clock.shift(timedelta(days=13))
    assert _is_in(client)
    clock.shift(timedelta(days=13))
    assert _is_in(client)
    clock.shift(timedelta(days=14, seconds=1))
    assert not _is_in(client)


def test_nobody_stays_longer_than_ninety_days(
    signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    client = signed_in(make_account())

    for _ in range(9):
        clock.shift(timedelta(days=10))
        assert _is_in(client)
    clock.shift(timedelta(days=1))

    assert not _is_in(client)


def test_the_team_signs_in_again_after_half_an_hour(
    signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    client = signed_in(make_account(role=Role.MODERATOR))

    clock.shift(timedelta(minutes=29))
    assert _is_in(client)
    clock.shift(timedelta(minutes=31))
    assert not _is_in(client)


def test_the_team_signs_in_again_after_twelve_hours(
    signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    client = signed_in(make_account(role=Role.ADMINISTRATOR))

    for _ in range(36):
        clock.shift(timedelta(minutes=20))
        assert _is_in(client)
    clock.shift(timedelta(minutes=1))

    assert not _is_in(client)


def test_a_page_seen_twice_in_a_minute_writes_once(
    signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    client = signed_in(make_account())
    before = SignIn.objects.get().last_seen_at

    clock.shift(timedelta(seconds=59))
    client.get("/me/settings")
    assert SignIn.objects.get().last_seen_at == before
    clock.shift(timedelta(seconds=1))
    client.get("/me/settings")
    assert SignIn.objects.get().last_seen_at > before
