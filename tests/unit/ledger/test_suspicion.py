"""What a person is asked to look at, with the evidence (BYTE-11 to 13), and credit that is held."""

from datetime import UTC, datetime, timedelta

import pytest

from bottin.ledger import holds, inspections, queries
from bottin.ledger.actions import apply_batch
from bottin.ledger.checks import differences
from bottin.ledger.errors import HoldDecided, HoldUnknown
from bottin.ledger.models import Flag, Hold, LedgerEntry
from bottin.ledger.queries import balance_of
from bottin.tracker import outbox
from bottin.tracker.dataplane import ALONE, LONELY, Fact
from bottin.tracker.outbox import ListingFacts
from tests.factories.ledger import NOON_MS, STARTED, STREAM, fact
from tests.factories.tracker import v1_hash

pytestmark = pytest.mark.django_db

MIB = 2**20
NOON = datetime.fromtimestamp(NOON_MS / 1000, UTC)
AFTER = NOON + timedelta(hours=8)


def apply(*facts: Fact) -> None:
    apply_batch(facts, stream=STREAM)


def flags() -> list[tuple[str, int]]:
    return [(flag.kind, flag.detail["times"]) for flag in Flag.objects.order_by("kind")]


def list_release(size: int = 0, *, is_open: bool = False) -> None:
    outbox.list_release(ListingFacts(1, v1_hash(1), None, is_open=is_open, size_bytes=size))


@pytest.mark.parametrize(
    ("marks", "kinds"),
    [
        ((LONELY, LONELY), [("upload_without_leecher", 1)]),
        ((LONELY | ALONE, LONELY | ALONE), [("upload_to_nobody", 1)]),
        ((LONELY, 0), []),
        ((0, LONELY), []),
    ],
)
def test_byte_11_upload_while_nobody_lacked_anything_is_flagged(
    marks: tuple[int, int], kinds: list[tuple[str, int]]
) -> None:
    apply(
        fact(0, event=STARTED, flags=marks[0], left=0),
        fact(1, uploaded=20 * MIB, flags=marks[1], left=0, second=1800),
    )

    assert flags() == kinds
    assert balance_of(7).raw_up == 20 * MIB


def test_byte_11_the_evidence_says_how_much_how_often_and_with_what() -> None:
    apply(*(fact(i, uploaded=i * 20 * MIB, flags=LONELY, left=0) for i in range(2)))
    apply(fact(2, uploaded=60 * MIB, flags=LONELY, left=0))

    (flag,) = queries.open_flags()

    assert (flag.kind, flag.user_id, flag.release_id) == ("upload_without_leecher", 7, 1)
    assert flag.detail == {"uploaded": str(40 * MIB), "client": "-qB4650-", "times": 2}


def test_byte_11_crumbs_are_not_worth_a_look() -> None:
    apply(fact(0, flags=LONELY), fact(1, uploaded=MIB, flags=LONELY))

    assert flags() == []


def test_byte_11_the_same_difference_again_and_again_is_flagged() -> None:
    for i in range(7):
        apply(fact(i, uploaded=i * 3 * MIB, second=1800 * i))

    inspections.inspect(AFTER)

    assert flags() == [("same_again", 1)]


def test_byte_11_downloading_more_than_there_is_is_flagged() -> None:
    list_release(100)
    apply(fact(0), fact(1, downloaded=150))
    inspections.inspect(AFTER)
    assert flags() == []

    apply(fact(2, downloaded=151))
    inspections.inspect(AFTER)

    assert flags() == [("too_much_down", 1)]


def test_byte_11_an_open_flag_is_raised_again_by_new_figures_only() -> None:
    list_release(100)
    apply(fact(0), fact(1, downloaded=151))

    assert [inspections.inspect(AFTER) for _ in range(3)] == [1, 0, 0]
    apply(fact(2, downloaded=152))
    assert inspections.inspect(AFTER) == 1
    assert flags() == [("too_much_down", 2)]


def judge(kind: str) -> None:
    (flag,) = queries.open_flags()
    assert flag.kind == kind
    holds.resolve_flag(flag.pk, by=99, at=AFTER, is_fault=False, remark="a damaged disk")


def test_byte_11_what_a_person_judged_is_raised_again_by_as_much_more_only() -> None:
    list_release(100)
    apply(fact(0), fact(1, downloaded=160))
    inspections.inspect(AFTER)
    judge("too_much_down")

    apply(fact(2, downloaded=310))
    assert (inspections.inspect(AFTER), flags()) == (0, [("too_much_down", 1)])
    apply(fact(3, downloaded=311))

    assert inspections.inspect(AFTER) == 1


def test_byte_11_the_same_differences_are_judged_once() -> None:
    for i in range(7):
        apply(fact(i, uploaded=i * 3 * MIB, second=1800 * i))
    assert [inspections.inspect(AFTER) for _ in range(2)] == [1, 0]
    judge("same_again")

    assert inspections.inspect(AFTER) == 0


def test_byte_13_a_ghost_is_judged_once() -> None:
    a_day = 86_400
    apply(fact(0), fact(1, second=a_day + 60))
    now = NOON + timedelta(seconds=a_day + 120)
    assert [inspections.inspect(now) for _ in range(2)] == [1, 0]
    judge("ghost_leecher")
    apply(fact(2, second=a_day + 1800))

    assert inspections.inspect(now + timedelta(hours=1)) == 0


def test_byte_13_a_client_that_moves_nothing_for_a_day_is_reported() -> None:
    a_day = 86_400
    apply(fact(0), fact(1, second=a_day + 60), fact(2, session=2, second=a_day))
    apply(fact(3, session=3), fact(4, session=3, downloaded=5, second=a_day + 60))

    inspections.inspect(NOON + timedelta(seconds=a_day + 120))

    assert flags() == [("ghost_leecher", 1)]


def test_a_flag_that_a_person_looked_at_is_closed_with_their_remark() -> None:
    apply(*(fact(i, uploaded=i * 20 * MIB, flags=LONELY, left=0) for i in range(2)))
    (flag,) = queries.open_flags()

    holds.resolve_flag(flag.pk, by=99, at=AFTER, is_fault=False, remark="a second tracker")

    assert queries.open_flags() == []
    closed = Flag.objects.get()
    assert (closed.resolved_by, closed.is_fault, closed.remark) == (99, False, "a second tracker")


def unbalanced() -> None:
    """Members 7 and 8 sent 300 and 100 MiB, 9 received 100."""
    apply(
        *(fact(i, user_id=7 + i, event=STARTED) for i in range(3)),
        fact(3, user_id=7, uploaded=300 * MIB, up_quarters=8),
        fact(4, user_id=8, uploaded=100 * MIB),
        fact(5, user_id=9, downloaded=100 * MIB, down_quarters=0),
    )


def test_byte_12_what_was_sent_beyond_what_was_received_is_held() -> None:
    unbalanced()

    assert inspections.weigh(AFTER) == 2

    excess = 400 * MIB - int(105 * MIB) - holds.SLACK_BYTES
    held = dict(Hold.objects.values_list("user_id", "raw_up"))
    assert held == {7: excess * 3 // 4, 8: excess // 4}
    assert balance_of(8).credited_up == 100 * MIB - excess // 4
    assert balance_of(7).credited_up == 2 * (300 * MIB - excess * 3 // 4)
    assert balance_of(7).raw_up == 300 * MIB
    assert differences() == []


def test_byte_12_a_window_is_weighed_once() -> None:
    unbalanced()
    inspections.weigh(AFTER)

    assert inspections.weigh(AFTER) == 0
    assert holds.hold_excess(NOON, NOON + inspections.WINDOW) == 0
    assert Hold.objects.count() == 2


def test_byte_12_a_window_that_may_still_balance_is_not_weighed() -> None:
    unbalanced()

    assert inspections.weigh(NOON + timedelta(hours=6, minutes=30)) == 0


def test_byte_12_what_balances_is_credited_whatever_the_factors() -> None:
    apply(
        fact(0, event=STARTED),
        fact(1, user_id=8, event=STARTED),
        fact(2, uploaded=1000 * MIB),
        fact(3, user_id=8, downloaded=960 * MIB, down_quarters=0, second=6 * 3600 + 60),
    )

    assert inspections.weigh(AFTER) == 0


def test_byte_12_a_release_open_to_all_is_not_weighed() -> None:
    list_release(is_open=True)
    unbalanced()

    assert inspections.weigh(AFTER) == 0


def test_byte_12_a_person_gives_back_or_keeps() -> None:
    unbalanced()
    before = balance_of(7).credited_up
    inspections.weigh(AFTER)
    first, second = (hold.pk for hold in sorted(queries.open_holds(), key=lambda h: h.user_id))

    holds.decide_hold(first, by=99, at=AFTER, gives_back=True, remark="another tracker")
    holds.decide_hold(second, by=99, at=AFTER, gives_back=False, remark="no such peers")

    assert balance_of(7).credited_up == before
    assert balance_of(8).credited_up < 100 * MIB
    assert queries.open_holds() == []
    assert differences() == []
    kinds = (
        LedgerEntry.objects.exclude(kind="transfer").order_by("pk").values_list("kind", "user_id")
    )
    assert list(kinds) == [("held", 7), ("held", 8), ("given", 7)]


def test_a_hold_is_decided_once() -> None:
    unbalanced()
    inspections.weigh(AFTER)
    hold = queries.open_holds()[0]
    holds.decide_hold(hold.pk, by=99, at=AFTER, gives_back=True, remark="fine")

    with pytest.raises(HoldDecided):
        holds.decide_hold(hold.pk, by=98, at=AFTER, gives_back=True, remark="fine")
    with pytest.raises(HoldUnknown):
        holds.decide_hold(0, by=98, at=AFTER, gives_back=True, remark="fine")
