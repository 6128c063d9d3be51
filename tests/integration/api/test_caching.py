"""Validators and limits: what every answer carries."""

from typing import Any

import pytest

from bottin.config.values import Rate
from tests.factories import catalog
from tests.factories.api import Caller

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/releases", "/releases/{}", "/categories", "/licences"])
def test_what_did_not_change_is_not_sent_again(stranger: Caller, path: str) -> None:
    path = path.format(catalog.published().pk)
    first = stranger.get(path)

    again = stranger.get(path, If_None_Match=first["ETag"])

    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == first["ETag"]


def test_what_changed_is_sent(stranger: Caller) -> None:
    catalog.published()
    first = stranger.get("/releases")
    catalog.published()

    assert stranger.get("/releases", If_None_Match=first["ETag"]).status_code == 200


@pytest.mark.parametrize(("held", "status"), [("*", 304), ('"x"', 200), ("nonsense", 200)])
def test_other_forms_of_the_condition(stranger: Caller, held: str, status: int) -> None:
    assert stranger.get("/categories", If_None_Match=held).status_code == status


def test_an_answer_for_a_token_stays_out_of_shared_caches(member: Caller, stranger: Caller) -> None:
    assert "private" in member.get("/releases")["Cache-Control"]
    assert "private" not in stranger.get("/releases")["Cache-Control"]


def test_a_stranger_is_told_what_is_left(stranger: Caller, settings: Any) -> None:
    settings.BOTTIN_THROTTLE_API_ADDRESS = Rate(2, 300)

    left = [stranger.get("/categories")["X-RateLimit-Remaining"] for _call in range(2)]
    refused = stranger.get("/categories")

    assert left == ["1", "0"]
    assert refused.status_code == 429
    assert refused.json()["code"] == "accounts.too_many_tries"
    assert 0 < int(refused["Retry-After"]) <= 150
    assert refused["X-RateLimit-Limit"] == "2"
    assert refused["RateLimit-Policy"] == '"api";q=2;w=300'


def test_members_are_counted_apart_from_their_address(
    stranger: Caller, member: Caller, settings: Any
) -> None:
    settings.BOTTIN_THROTTLE_API_ADDRESS = Rate(1, 300)
    stranger.get("/categories")

    assert stranger.get("/categories").status_code == 429
    assert member.get("/categories").status_code == 200


def test_guessing_tokens_is_counted_by_address(stranger: Caller, settings: Any) -> None:
    settings.BOTTIN_THROTTLE_API_ADDRESS = Rate(2, 300)
    stranger.token = "bottin_" + "a" * 43

    statuses = [stranger.get("/me").status_code for _guess in range(3)]

    assert statuses == [401, 401, 429]
