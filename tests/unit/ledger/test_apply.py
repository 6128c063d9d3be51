"""What a batch of facts does to a member's account, rule by rule (BYTE)."""

from datetime import UTC, datetime, timedelta

import pytest

from bottin.ledger.actions import accept_gap, apply_batch
from bottin.ledger.checks import differences
from bottin.ledger.errors import JournalGap
from bottin.ledger.models import Balance, Flag, JournalPosition, LedgerEntry, PeerSession, Transfer
from bottin.ledger.queries import Totals, balance_of
from bottin.tracker.dataplane import Fact
from tests.factories.ledger import COMPLETED, NOON_MS, STARTED, STOPPED, STREAM, fact

pytestmark = pytest.mark.django_db


def apply(*facts: Fact) -> Totals:
    """Apply facts in one batch, and give the member's totals."""
    apply_batch(facts, stream=STREAM)
    return balance_of(7)


def raw(totals: Totals) -> tuple[int, int]:
    return totals.raw_up, totals.raw_down


def test_byte_01_the_first_fact_of_a_session_credits_nothing() -> None:
    assert raw(apply(fact(0, uploaded=500, downloaded=300))) == (0, 0)


def test_byte_01_a_start_with_counters_credits_nothing() -> None:
    assert raw(apply(fact(0, event=STARTED, uploaded=500))) == (0, 0)


def test_what_comes_after_the_first_fact_is_credited() -> None:
    totals = apply(
        fact(0, event=STARTED), fact(1, uploaded=10), fact(2, uploaded=25, downloaded=40)
    )

    assert raw(totals) == (25, 40)


def test_byte_02_a_client_that_begins_again_from_zero_has_a_new_baseline() -> None:
    totals = apply(
        fact(0, event=STARTED),
        fact(1, uploaded=100, downloaded=50),
        fact(2, event=STARTED, uploaded=0, downloaded=0),
        fact(3, uploaded=30, downloaded=5),
    )

    assert raw(totals) == (130, 55)
    assert PeerSession.objects.get().generation == 1


def test_byte_02_a_start_with_counters_not_lower_goes_on() -> None:
    totals = apply(
        fact(0, event=STARTED), fact(1, uploaded=100), fact(2, event=STARTED, uploaded=130)
    )

    assert raw(totals) == (130, 0)
    assert PeerSession.objects.get().generation == 0


def test_byte_03_a_counter_that_falls_credits_nothing_and_spares_the_other() -> None:
    totals = apply(
        fact(0, event=STARTED),
        fact(1, uploaded=100, downloaded=10),
        fact(2, uploaded=90, downloaded=25),
        fact(3, uploaded=110, downloaded=25),
    )

    assert raw(totals) == (110, 25)


@pytest.mark.parametrize("pause", [timedelta(minutes=31), timedelta(days=20)])
def test_byte_04_a_baseline_outlives_a_pause(pause: timedelta) -> None:
    apply(fact(0, event=STARTED), fact(1, uploaded=100))

    later = apply(fact(2, uploaded=150, second=int(pause.total_seconds())))

    assert raw(later) == (150, 0)


def test_byte_05_and_06_the_same_counters_by_another_way_count_once() -> None:
    totals = apply(fact(0, event=STARTED), *(fact(i, uploaded=80, second=60) for i in (1, 2, 3)))

    assert raw(totals) == (80, 0)


def test_two_clients_of_a_member_add_up() -> None:
    totals = apply(
        fact(0, session=1, event=STARTED),
        fact(1, session=2, event=STARTED),
        fact(2, session=1, uploaded=10),
        fact(3, session=2, uploaded=5),
    )

    assert raw(totals) == (15, 0)


def seed_time(*facts: Fact) -> int:
    return apply(*facts).seed_time_s


def test_byte_07_time_between_two_facts_of_a_seeder_is_seed_time() -> None:
    assert seed_time(fact(0, left=0), fact(1, left=0, second=1800)) == 1800


def test_byte_07_a_long_silence_counts_up_to_the_interval_and_grace() -> None:
    a_day = 86_400

    assert seed_time(fact(0, left=0), fact(1, left=0, second=a_day)) == 1800 + 180 + 300


def test_byte_07_a_leecher_gathers_no_seed_time() -> None:
    assert seed_time(fact(0, left=9), fact(1, left=0, second=600)) == 0
    assert seed_time(fact(2, left=9, second=1200)) == 0


def test_byte_07_nothing_counts_after_a_stop() -> None:
    facts = (fact(0, left=0), fact(1, left=0, event=STOPPED, second=60), fact(2, left=0, second=90))

    assert seed_time(*facts) == 60


def test_byte_07_a_clock_that_steps_back_takes_nothing() -> None:
    assert seed_time(fact(0, left=0, second=100), fact(1, left=0, second=40)) == 0


def test_byte_08_a_difference_is_cut_at_the_line_rate_and_flagged() -> None:
    totals = apply(fact(0, event=STARTED), fact(1, uploaded=10**15, second=9))

    assert totals.raw_up == 10 * 1_250_000_000
    flag = Flag.objects.get()
    assert (flag.kind, flag.user_id, flag.release_id) == ("above_line_rate", 7, 1)
    assert flag.detail["not_counted_up"] == str(10**15 - 10 * 1_250_000_000)


def test_byte_08_an_open_flag_is_raised_once() -> None:
    apply(fact(0, event=STARTED), fact(1, uploaded=10**15, second=9))

    apply(fact(2, uploaded=2 * 10**15, second=18))

    assert Flag.objects.count() == 1


def test_byte_08_counters_at_the_end_of_64_bits_are_taken() -> None:
    highest = {"uploaded": 2**64 - 1, "downloaded": 2**64 - 1, "left": 2**64 - 1}

    apply(fact(0, event=STARTED), fact(1, session=2**64 - 1, **highest), fact(2, **highest))

    assert not differences()


@pytest.mark.parametrize(
    ("up", "down", "credited"), [(4, 4, (101, 50)), (8, 0, (202, 0)), (3, 2, (75, 25))]
)
def test_byte_09_raw_and_credited_are_kept_apart(
    up: int, down: int, credited: tuple[int, int]
) -> None:
    factors = {"up_quarters": up, "down_quarters": down}

    totals = apply(fact(0, event=STARTED), fact(1, uploaded=101, downloaded=50, **factors))

    assert raw(totals) == (101, 50)
    assert (totals.credited_up, totals.credited_down) == credited


def test_byte_09_a_row_says_which_factors_were_in_force() -> None:
    apply(
        fact(0, event=STARTED),
        fact(1, uploaded=10),
        fact(2, uploaded=30, up_quarters=8),
    )

    rows = LedgerEntry.objects.order_by("up_quarters").values_list(
        "up_quarters", "raw_up", "credited_up", "stream", "position"
    )
    assert list(rows) == [(4, 10, 10, STREAM, 3), (8, 20, 40, STREAM, 3)]


def completed_at(*facts: Fact) -> datetime | None:
    apply(*facts)
    return Transfer.objects.get().completed_at


def after(second: int) -> datetime:
    return datetime.fromtimestamp(NOON_MS / 1000 + second, UTC)


def test_evt_01_a_download_is_finished_when_what_was_left_is_gone() -> None:
    facts = (fact(0, left=9), fact(1, left=0, second=60), fact(2, left=0, second=99))

    assert completed_at(*facts) == after(60)


def test_evt_01_a_word_does_not_finish_a_download() -> None:
    assert completed_at(fact(0, left=0), fact(1, left=0, event=COMPLETED)) is None


def test_evt_01_a_second_download_changes_nothing() -> None:
    facts = [fact(i, left=left, second=60 * i) for i, left in enumerate((9, 0, 9, 0))]

    assert completed_at(*facts) == after(60)


def test_evt_12_a_plain_announce_after_the_last_piece_keeps_the_completion() -> None:
    facts = [
        fact(0, left=9),
        fact(1, left=0, event=COMPLETED, second=60),
        fact(2, left=0, second=61),
    ]

    assert completed_at(*facts) == after(60)


def test_jrn_01_a_difference_is_never_below_nothing() -> None:
    assert raw(apply(fact(0, uploaded=50), fact(1, uploaded=20), fact(2, uploaded=60))) == (10, 0)


def test_jrn_04_a_batch_handed_in_again_changes_nothing() -> None:
    facts = [fact(0, event=STARTED), fact(1, uploaded=10)]
    before = apply(*facts)

    assert apply_batch(facts, stream=STREAM) == 0
    assert balance_of(7) == before
    assert LedgerEntry.objects.count() == 1


def test_jrn_04_a_batch_that_overlaps_applies_what_is_new() -> None:
    facts = [fact(0, event=STARTED), fact(1, uploaded=10), fact(2, uploaded=30)]
    apply(*facts[:2])

    assert apply_batch(facts, stream=STREAM) == 1
    assert balance_of(7).raw_up == 30


@pytest.mark.parametrize(
    "late", [[fact(5, uploaded=9)], [fact(2), fact(4, uploaded=9)]], ids=["after", "within"]
)
def test_jrn_06_missing_facts_are_refused_and_change_nothing(late: list[Fact]) -> None:
    apply(fact(0, event=STARTED), fact(1, uploaded=10))

    with pytest.raises(JournalGap) as refused:
        apply_batch(late, stream=STREAM)

    assert refused.value.code == "ledger.journal_gap"
    assert JournalPosition.objects.get().position == 2
    assert balance_of(7).raw_up == 10


def test_an_operator_may_go_on_after_a_loss_and_the_counters_heal_it() -> None:
    apply(fact(0, event=STARTED), fact(1, uploaded=10))
    accept_gap(STREAM, to=5)

    totals = apply(fact(5, uploaded=90, second=600))

    assert totals.raw_up == 90


def test_a_new_stream_begins_where_its_journal_does() -> None:
    apply(fact(100, event=STARTED), fact(101, uploaded=4))

    assert JournalPosition.objects.get().position == 102


def test_streams_are_counted_apart() -> None:
    apply(fact(0, event=STARTED), fact(1, uploaded=10))

    apply_batch([fact(0, user_id=8, event=STARTED)], stream="other:1")

    assert dict(JournalPosition.objects.values_list("stream", "position")) == {
        STREAM: 2,
        "other:1": 1,
    }


def test_nothing_to_apply_writes_nothing() -> None:
    assert apply_batch([], stream=STREAM) == 0
    assert not JournalPosition.objects.exists()


def test_rows_balances_and_transfers_agree() -> None:
    apply(
        fact(0, event=STARTED, left=0),
        fact(1, uploaded=10, left=0),
        fact(2, release_id=2, event=STARTED),
        fact(3, release_id=2, downloaded=77),
    )

    assert differences() == []


def test_a_total_that_was_tampered_with_is_found() -> None:
    apply(fact(0, event=STARTED), fact(1, uploaded=10))
    Balance.objects.update(raw_up=11)
    Transfer.objects.update(credited_up=9)

    found = {(d.release_id, d.column, d.rows_say, d.total_says) for d in differences()}

    assert found == {(None, "raw_up", 10, 11), (1, "credited_up", 10, 9)}
