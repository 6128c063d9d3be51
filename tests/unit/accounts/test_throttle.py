"""GCRA buckets: so many in a window, one row, exact when processes race (SEC-10)."""

import threading
from dataclasses import dataclass

import pytest
from django.db import connection

from bottin.accounts import throttle
from bottin.accounts.errors import TooManyTries
from bottin.accounts.models import Throttle

NOW_S = 1_780_000_000.0


@dataclass(frozen=True)
class Limit:
    count: int
    window_s: int


FIVE_A_MINUTE = Limit(5, 60)


@pytest.mark.django_db
def test_a_burst_up_to_the_limit_is_allowed_and_no_more() -> None:
    answers = [throttle.allow("k", FIVE_A_MINUTE, at_s=NOW_S) for _ in range(8)]

    assert answers == [True] * 5 + [False] * 3


@pytest.mark.django_db
def test_one_act_is_given_back_each_twelfth_second() -> None:
    for _ in range(5):
        throttle.allow("k", FIVE_A_MINUTE, at_s=NOW_S)

    assert not throttle.allow("k", FIVE_A_MINUTE, at_s=NOW_S + 11.9)
    assert throttle.allow("k", FIVE_A_MINUTE, at_s=NOW_S + 12)
    assert not throttle.allow("k", FIVE_A_MINUTE, at_s=NOW_S + 12.1)


@pytest.mark.django_db
def test_a_refused_act_costs_nothing() -> None:
    for _ in range(100):
        throttle.allow("k", FIVE_A_MINUTE, at_s=NOW_S)

    assert throttle.wait_s("k", FIVE_A_MINUTE, at_s=NOW_S) == 12
    assert throttle.taken("k", FIVE_A_MINUTE, at_s=NOW_S) == 5


@pytest.mark.django_db
def test_a_refusal_says_when_to_come_back() -> None:
    limit = Limit(1, 3600)
    throttle.require("k", limit, at_s=NOW_S)

    with pytest.raises(TooManyTries) as refused:
        throttle.require("k", limit, at_s=NOW_S + 600)

    assert refused.value.context == {"retry_after_s": 3000}
    throttle.require("k", limit, at_s=NOW_S + 600 + 3000)


@pytest.mark.django_db
def test_never_more_than_twice_the_limit_in_any_window() -> None:
    allowed = sum(
        throttle.allow("k", FIVE_A_MINUTE, at_s=NOW_S + tenth / 10) for tenth in range(600)
    )

    assert allowed <= 10


@pytest.mark.django_db
def test_a_clock_that_goes_back_does_not_open_the_bucket() -> None:
    for _ in range(5):
        throttle.allow("k", FIVE_A_MINUTE, at_s=NOW_S)

    assert not throttle.allow("k", FIVE_A_MINUTE, at_s=NOW_S - 3600)


@pytest.mark.django_db
def test_the_database_keeps_time_when_nobody_says_it() -> None:
    assert [throttle.allow("k", Limit(2, 3600)) for _ in range(3)] == [True, True, False]


@pytest.mark.django_db
def test_drained_buckets_are_forgotten_and_others_kept() -> None:
    throttle.allow("old", FIVE_A_MINUTE, at_s=NOW_S)
    throttle.allow("new", FIVE_A_MINUTE, at_s=NOW_S + 30)

    assert throttle.purge(at_s=NOW_S + 20) == 1
    assert list(Throttle.objects.values_list("key", flat=True)) == ["new"]


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_share_ten_acts_exactly() -> None:
    answers: list[bool] = []
    start = threading.Barrier(20)

    def run() -> None:
        start.wait()
        answers.append(throttle.allow("race", Limit(10, 3600), at_s=NOW_S))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(answers) == 10


def test_a_row_names_no_address_and_no_person() -> None:
    keys = [throttle.by_address("login", "203.0.113.9"), throttle.key_of("login", "Marie")]

    assert not any("203" in key or "marie" in key.lower() for key in keys)
    assert all(len(key) <= 120 for key in keys)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.9", "203.0.113.10", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
    ],
)
def test_an_ipv6_subscriber_is_one_and_an_ipv4_address_is_one(
    one: str,
    other: str,
    same: bool,  # noqa: FBT001 - a row of the table
) -> None:
    assert (throttle.by_address("a", one) == throttle.by_address("a", other)) is same
