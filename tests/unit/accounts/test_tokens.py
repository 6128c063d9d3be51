"""API tokens: shown once, held to scopes and to the owner's role, stopped at once (PRIV-9)."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from bottin.accounts import actions, tokens
from bottin.accounts.errors import BadLifetime, BadScopes, BadToken, NotAllowed, TokenNotFound
from bottin.accounts.models import Account, ApiToken
from bottin.accounts.permissions import Permission, Role
from bottin.accounts.tokens import Issued, TokenRequest
from bottin.accounts.viewer import ANONYMOUS, viewer_for
from bottin.audit.models import AuditEvent
from tests.factories.accounts import NOON, OPERATOR, make_account, make_viewer

pytestmark = pytest.mark.django_db


def _issue(account: Account, *scopes: str, days: int = 365) -> Issued:
    request = TokenRequest("script", frozenset(scopes or {"read"}), days)
    return tokens.issue(account, request, by=viewer_for(account), at=NOON)


def _problem(raw: str, days: int = 0) -> object:
    with pytest.raises(BadToken) as refused:
        tokens.authenticate(raw, at=NOON + timedelta(days=days))
    return refused.value.context["problem"]


def test_a_token_opens_for_its_owner_within_its_scopes() -> None:
    account = make_account()

    viewer = tokens.authenticate(_issue(account, "read", "publish").raw, at=NOON)

    assert viewer.user_id == account.pk
    assert viewer.may(Permission.PUBLISH)
    assert not viewer.may(Permission.DOWNLOAD)


def test_its_text_has_a_recognisable_start_and_256_bits_of_chance() -> None:
    account = make_account()

    raws = {_issue(account).raw for _ in range(20)}

    assert len(raws) == 20
    assert all(raw.startswith("bottin_") and len(raw) == 7 + 43 for raw in raws)


def test_the_text_is_kept_nowhere() -> None:
    issued = _issue(make_account())

    kept = " ".join(str(row) for row in [*ApiToken.objects.values(), *AuditEvent.objects.values()])

    assert issued.raw not in kept
    assert issued.raw.removeprefix("bottin_")[:20] not in kept


def test_a_token_of_an_administrator_neither_moderates_nor_administers() -> None:
    account = make_account(role=Role.ADMINISTRATOR)

    viewer = tokens.authenticate(_issue(account, "read", "download", "publish").raw, at=NOON)

    forbidden = {Permission.MODERATE, Permission.ADMINISTER, Permission.OWN_ACCOUNT}
    assert not any(viewer.may(permission) for permission in forbidden)
    assert not viewer.is_moderator


def test_a_token_loses_what_its_owner_loses() -> None:
    make_account(role=Role.ADMINISTRATOR)
    account = make_account(role=Role.TRUSTED_PUBLISHER)
    raw = _issue(account, "publish").raw

    actions.change_role(account.pk, Role.MEMBER, by=OPERATOR, at=NOON, reason="recul")

    assert not tokens.authenticate(raw, at=NOON).may(Permission.PUBLISH_AT_ONCE)


@pytest.mark.parametrize(
    "raw", ["", "x", "bottin_", "bottin_" + "A" * 43, "bottin_\x00", "bottin_\ud800", "b" * 10_000]
)
def test_anything_else_is_unknown(raw: str) -> None:
    _issue(make_account())

    assert _problem(raw) == "unknown"


def test_a_token_expires() -> None:
    raw = _issue(make_account(), days=30).raw

    tokens.authenticate(raw, at=NOON + timedelta(days=29))
    assert _problem(raw, days=30) == "expired"


def test_a_token_of_a_suspended_account_opens_nothing() -> None:
    account = make_account()
    raw = _issue(account).raw

    actions.suspend(account.pk, by=OPERATOR, at=NOON, reason="abus")

    assert _problem(raw) == "account"


def test_a_revoked_token_opens_nothing_and_is_revoked_once() -> None:
    account = make_account()
    issued = _issue(account)

    tokens.revoke(issued.token.pk, by=viewer_for(account), at=NOON)

    assert _problem(issued.raw) == "revoked"
    with pytest.raises(TokenNotFound):
        tokens.revoke(issued.token.pk, by=viewer_for(account), at=NOON)


def test_nobody_revokes_the_token_of_another_or_learns_that_it_exists() -> None:
    issued = _issue(make_account())

    with pytest.raises(TokenNotFound):
        tokens.revoke(issued.token.pk, by=make_viewer(Role.SUPER_MODERATOR), at=NOON)
    with pytest.raises(NotAllowed):
        tokens.revoke(issued.token.pk, by=ANONYMOUS, at=NOON)

    tokens.authenticate(issued.raw, at=NOON)


def test_an_administrator_revokes_any_token() -> None:
    issued = _issue(make_account())

    tokens.revoke(issued.token.pk, by=OPERATOR, at=NOON)

    assert _problem(issued.raw) == "revoked"


def test_a_token_makes_no_token() -> None:
    account = make_account()
    program = tokens.authenticate(_issue(account, "publish").raw, at=NOON)

    with pytest.raises(NotAllowed):
        tokens.issue(account, TokenRequest("x", frozenset({"read"})), by=program, at=NOON)


@pytest.mark.parametrize(
    "scopes", [frozenset[str](), frozenset({"admin"}), frozenset({"read", "moderate"})]
)
def test_scopes_that_do_not_exist_are_refused(scopes: frozenset[str]) -> None:
    account = make_account()

    with pytest.raises(BadScopes):
        tokens.issue(account, TokenRequest("x", scopes), by=viewer_for(account), at=NOON)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_lifetime_has_limits(days: int) -> None:
    with pytest.raises(BadLifetime):
        _issue(make_account(), days=days)


def test_the_day_of_use_is_noted_once_a_day(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    issued = _issue(make_account())
    tokens.authenticate(issued.raw, at=NOON)

    with django_assert_num_queries(1):
        tokens.authenticate(issued.raw, at=NOON + timedelta(hours=3))

    issued.token.refresh_from_db()
    assert issued.token.last_used_on == NOON.date()


def test_a_token_unused_for_a_year_stops() -> None:
    issued = _issue(make_account())
    ApiToken.objects.update(expires_at=NOON + timedelta(days=3000))

    assert _problem(issued.raw, days=366) == "unused"
