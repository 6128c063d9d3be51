"""Time, and the same time again."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bottin.lib import clock

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_a_stopped_clock_stays() -> None:
    with clock.stopped(NOON):
        assert clock.now() == clock.now() == NOON


def test_a_stopped_clock_moves_when_told() -> None:
    with clock.stopped(NOON) as stopped:
        stopped.advance(timedelta(hours=2))

        assert clock.now() == datetime(2026, 6, 1, 14, 0, tzinfo=UTC)


def test_the_clock_runs_again_after_the_block() -> None:
    with clock.stopped(NOON - timedelta(days=36_500)):
        pass

    assert clock.now() > NOON - timedelta(days=36_500)


def test_a_stopped_clock_answers_in_utc() -> None:
    paris = timezone(timedelta(hours=2))

    stopped = clock.StoppedClock(datetime(2026, 6, 1, 14, 0, tzinfo=paris))

    assert (stopped.now(), stopped.now().tzinfo) == (NOON, UTC)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        clock.StoppedClock(datetime(2026, 6, 1))  # noqa: DTZ001 - the naive one is the claim
