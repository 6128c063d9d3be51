"""What fits a disk; when a letter is due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottin.community.models import Pace
from bottin.community.rules import Candidate, fitting, is_due, pause_after

# A Wednesday.
NINE = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
SEVEN = NINE.replace(hour=7)
MONDAY = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
_candidates = st.lists(
    st.builds(
        Candidate,
        release_id=st.integers(1, 10**6),
        score=st.floats(1, 100),
        size_bytes=st.integers(1, 10**12),
    ),
    max_size=12,
    unique_by=lambda one: one.release_id,
)


@given(_candidates, st.integers(0, 10**12))
def test_a_plan_never_exceeds_its_room(candidates: list[Candidate], room: int) -> None:
    assert sum(one.size_bytes for one in fitting(candidates, room)) <= room


def _best(candidates: list[Candidate], room: int) -> float:
    """Find the best sum by trying every choice."""
    best = 0.0
    for chosen in range(2 ** len(candidates)):
        taken = [one for at, one in enumerate(candidates) if chosen >> at & 1]
        if sum(one.size_bytes for one in taken) <= room:
            best = max(best, sum(one.score for one in taken))
    return best


_large = st.lists(
    st.builds(
        Candidate,
        release_id=st.integers(1, 10**6),
        score=st.floats(1, 100),
        size_bytes=st.integers(10**6, 10**9),
    ),
    max_size=8,
    unique_by=lambda one: one.release_id,
)


@given(_large, st.integers(0, 3 * 10**9))
def test_a_plan_is_worth_at_least_half_of_the_best(candidates: list[Candidate], room: int) -> None:
    worth = sum(one.score for one in fitting(candidates, room))

    assert worth >= _best(candidates, room) / 2 - 1e-6


def test_crumbs_do_not_come_before_what_is_needed() -> None:
    crumb, film = Candidate(1, 10, 1), Candidate(2, 90, 2_000_000)

    assert fitting([crumb, film], 2_000_000) == [film]


def test_a_letter_at_once_is_due_and_none_never() -> None:
    assert is_due(Pace.AT_ONCE, last=NINE, waiting_since=NINE, at=NINE)
    assert not is_due(Pace.NEVER, last=None, waiting_since=SEVEN - HOUR, at=NINE)


@pytest.mark.parametrize(
    ("pace", "since", "last", "due"),
    [
        (Pace.DAILY, SEVEN - HOUR, None, True),
        (Pace.DAILY, SEVEN + HOUR, None, False),
        (Pace.DAILY, SEVEN - HOUR, SEVEN + HOUR, False),
        (Pace.DAILY, SEVEN - HOUR, SEVEN - HOUR, True),
        (Pace.WEEKLY, MONDAY - HOUR, None, True),
        (Pace.WEEKLY, MONDAY + HOUR, None, False),
        (Pace.WEEKLY, MONDAY - HOUR, MONDAY + HOUR, False),
    ],
)
def test_a_letter_goes_out_once_after_its_hour(
    pace: Pace, since: datetime, last: datetime | None, *, due: bool
) -> None:
    assert is_due(pace, last=last, waiting_since=since, at=NINE) is due


def test_before_seven_the_boundary_is_yesterdays() -> None:
    early = NINE.replace(hour=6)

    assert not is_due(Pace.DAILY, last=None, waiting_since=early - HOUR, at=early)
    assert is_due(Pace.DAILY, last=None, waiting_since=early - 24 * HOUR, at=early)


def test_pauses_between_tries_grow_and_end() -> None:
    minutes = [pause_after(tries).total_seconds() / 60 for tries in range(1, 8)]

    assert minutes == [1, 5, 25, 125, 625, 720, 720]
