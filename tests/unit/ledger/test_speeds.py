"""Who sends far more than others, or than they do themselves, is flagged with the figures."""

from datetime import timedelta
from typing import Any

import pytest

from bottin.ledger import inspections, speeds
from bottin.ledger.models import Flag, LedgerEntry
from tests.factories.cases import NOON

pytestmark = pytest.mark.django_db

GIB = 2**30
MIB = 2**20
BEGINS = NOON - timedelta(hours=6)
HOUR = timedelta(hours=1)


def sent(user_id: int, bytes_up: int, **given: Any) -> None:
    values: dict[str, Any] = {"release_id": 1, "at": BEGINS + HOUR} | given
    LedgerEntry.objects.create(user_id=user_id, raw_up=bytes_up, **values)


def others(*amounts: int) -> None:
    for number, amount in enumerate(amounts):
        sent(100 + number, amount)


def flags() -> list[tuple[str, int, int | None]]:
    speeds.flag_unusual(BEGINS, NOON)
    return list(Flag.objects.order_by("pk").values_list("kind", "user_id", "release_id"))


def test_byte_11_who_sends_far_above_the_others_is_flagged_with_the_figures() -> None:
    others(*[100 * MIB] * 8)
    sent(7, 10 * GIB)
    LedgerEntry.objects.create(user_id=9, release_id=1, raw_down=5 * GIB, at=BEGINS)

    assert flags() == [("above_others", 7, 1)]
    assert Flag.objects.get().detail == {
        "sent": str(10 * GIB),
        "rows": 8,
        "usual": str(100 * MIB),
        "score": 67,
        "received": str(5 * GIB),
        "times": 1,
    }


def test_byte_11_who_serves_a_small_part_of_what_is_asked_for_is_not_odd() -> None:
    others(*[100 * MIB] * 8)
    sent(7, 10 * GIB)
    LedgerEntry.objects.create(user_id=9, release_id=1, raw_down=21 * GIB, at=BEGINS)

    assert flags() == []


@pytest.mark.parametrize(
    "amounts",
    [
        [100 * MIB] * 7,
        [2**power for power in range(20, 34, 2)] * 2,
        [10 * GIB] * 8,
    ],
    ids=["too few others", "amounts lie far apart", "all send much"],
)
def test_byte_11_a_lively_swarm_flags_nobody(amounts: list[int]) -> None:
    others(*amounts)
    sent(7, 10 * GIB)

    assert flags() == []


def test_byte_11_crumbs_and_other_times_and_releases_do_not_count() -> None:
    others(*[MIB] * 8)
    sent(7, GIB - 1)
    sent(8, 10 * GIB, at=NOON)
    sent(9, 10 * GIB, release_id=2)
    sent(10, 10 * GIB, kind="correction")

    assert flags() == []


def habit(user_id: int, *amounts: int) -> None:
    for number, amount in enumerate(amounts):
        sent(user_id, amount, at=BEGINS - HOUR - 2 * number * timedelta(hours=6))


def test_byte_11_who_sends_far_above_their_habit_is_flagged_once() -> None:
    habit(7, *[50 * MIB] * 12)
    sent(7, 3 * GIB, release_id=2)
    sent(7, 2 * GIB, release_id=3)

    assert flags() == [("above_habit", 7, 2)]
    detail = Flag.objects.get().detail
    assert (detail["sent"], detail["rows"], detail["usual"]) == (str(5 * GIB), 12, str(50 * MIB))

    sent(7, 90 * GIB, release_id=3, at=NOON + HOUR)  # the past now holds the five
    speeds.flag_unusual(NOON, NOON + timedelta(hours=6))

    assert [(flag.release_id, flag.detail["times"]) for flag in Flag.objects.all()] == [(2, 2)]


@pytest.mark.parametrize(
    "amounts",
    [[50 * MIB] * 11, [2**power for power in range(20, 34)], [GIB] * 12],
    ids=["too short a habit", "no habit", "a strong line"],
)
def test_byte_11_a_habit_that_varies_or_is_not_known_flags_nobody(amounts: list[int]) -> None:
    habit(7, *amounts)
    sent(7, 5 * GIB)

    assert flags() == []


def test_byte_11_what_is_older_than_thirty_days_is_no_habit() -> None:
    for number in range(12):
        sent(7, MIB, at=BEGINS - timedelta(days=31 + number))
    sent(7, 5 * GIB)

    assert flags() == []


def test_byte_11_each_window_is_compared_once() -> None:
    others(*[100 * MIB] * 8)
    sent(7, 10 * GIB)

    assert inspections.compare(NOON + 2 * HOUR) == 1
    assert inspections.compare(NOON + 2 * HOUR) == 0
    assert Flag.objects.get().detail["times"] == 1


def test_byte_11_a_flag_moves_no_credit() -> None:
    others(*[100 * MIB] * 8)
    sent(7, 10 * GIB)
    before = LedgerEntry.objects.count()

    assert flags()
    assert LedgerEntry.objects.count() == before
