"""A request that is sent again with its key is answered again, not done again (API-7)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from bottin.api.idempotency import forget_old_answers
from bottin.api.models import KeptAnswer
from bottin.catalog.models import Release
from tests.factories import catalog
from tests.factories.api import Caller, form


@pytest.mark.django_db
def test_the_same_request_gets_the_same_answer(member: Caller) -> None:
    raw = catalog.torrent()
    first = member.post("/releases", form(raw), Idempotency_Key="abc")

    again = member.post("/releases", form(raw), Idempotency_Key="abc")

    assert again.status_code == 201
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    assert again["Idempotency-Replayed"] == "true"
    assert Release.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused(member: Caller) -> None:
    raw = catalog.torrent()
    member.post("/releases", form(raw), Idempotency_Key="abc")

    for changed in (form(), form(raw, title="Un autre titre")):
        answer = member.post("/releases", changed, Idempotency_Key="abc")
        assert answer.status_code == 422
        assert answer.json()["code"] == "api.idempotency_key_reused"


@pytest.mark.django_db
def test_keys_of_two_people_have_nothing_to_do_with_each_other(
    member: Caller, other: Caller
) -> None:
    member.post("/releases", form(), Idempotency_Key="abc")

    assert other.post("/releases", form(), Idempotency_Key="abc").status_code == 201


@pytest.mark.django_db
def test_a_refused_request_may_be_corrected_under_its_key(member: Caller) -> None:
    raw = catalog.torrent()
    member.post("/releases", form(raw, title=""), Idempotency_Key="abc")

    assert member.post("/releases", form(raw), Idempotency_Key="abc").status_code == 201


@pytest.mark.django_db
def test_a_key_is_forgotten_after_a_day(member: Caller) -> None:
    member.post("/releases", form(), Idempotency_Key="abc")

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        again = member.post("/releases", form(), Idempotency_Key="abc")

    assert again.status_code == 201
    assert Release.objects.count() == 2


@pytest.mark.django_db
def test_old_answers_are_swept(member: Caller) -> None:
    member.post("/releases", form(), Idempotency_Key="abc")

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert forget_old_answers() == 1
    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", " ", "é", "a" * 129, "a b", "\t"], ids=ascii)
def test_a_key_that_is_none_is_400(member: Caller, key: str) -> None:
    answer = member.post("/releases", form(), Idempotency_Key=key)

    assert answer.status_code == 400
    assert answer.json()["code"] == "api.bad_idempotency_key"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_release(member: Caller) -> None:
    raw = catalog.torrent()
    answers: list[Any] = []
    together = threading.Barrier(4)

    def send() -> None:
        caller = Caller(member.account, member.token)
        together.wait()
        answers.append(caller.post("/releases", form(raw), Idempotency_Key="abc"))
        connection.close()

    threads = [threading.Thread(target=send) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert 201 in {answer.status_code for answer in answers}
    assert {a.json().get("code") for a in answers if a.status_code == 409} <= {"api.still_running"}
    assert Release.objects.count() == 1
