"""Counts are kept for seconds, few of them; work is done by whoever is free."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bottin.search.index.keeping import Kept
from bottin.search.index.sharing import Job, results

LATER: list[Callable[[], object]] = []


@pytest.fixture
def kept() -> Kept[int]:
    LATER.clear()
    return Kept(10, later=LATER.append)


def never() -> int:
    raise AssertionError("counted anew")


def test_counts_of_the_last_commit_hold_however_old(kept: Kept[int]) -> None:
    kept.keep("all", "first", 100, 7)

    assert kept.found("all", "first", 9_999, never) == 7
    assert kept.found("other", "first", 100, never) is None
    assert kept.found("all", "second", 10_003, never) == 7
    assert kept.found("all", "second", 10_009, never) is None


def test_counts_of_an_earlier_commit_hold_for_seconds(kept: Kept[int]) -> None:
    kept.keep("all", "first", 100, 7)

    ages = (0, 4, 9, 10, -1)
    held = [kept.found("all", "second", 100 + age, lambda: 0) for age in ages]

    assert held == [7, 7, 7, None, None]


def test_what_is_asked_again_past_half_its_time_is_counted_once_in_the_background(
    kept: Kept[int],
) -> None:
    kept.keep("all", "first", 100, 7)

    def count() -> int:
        kept.keep("all", "second", 106, 8)
        return 8

    assert kept.found("all", "second", 104, count) == 7
    assert not LATER
    assert [kept.found("all", "second", 106, count) for _ in range(3)] == [7, 7, 7]
    (renew,) = LATER
    renew()
    assert kept.found("all", "second", 107, never) == 8


def test_a_recount_that_failed_is_tried_again(kept: Kept[int]) -> None:
    kept.keep("all", "first", 100, 7)

    for turn in (1, 2):
        kept.found("all", "second", 106, never)
        assert len(LATER) == turn
        with pytest.raises(AssertionError):
            LATER[-1]()


def test_memory_is_bounded_and_the_oldest_go_first(kept: Kept[int]) -> None:
    for number in range(300):
        kept.keep(number, "first", 100, number)

    held = [number for number in range(300) if kept.found(number, "first", 100, never) is not None]

    assert held == list(range(44, 300))
    kept.forget()
    assert kept.found(299, "first", 100, never) is None


@pytest.mark.parametrize("is_shared", [True, False])
def test_work_is_done_once_and_its_failure_told(*, is_shared: bool) -> None:
    done: list[int] = []

    def work() -> int:
        done.append(1)
        return len(done)

    (found,) = results([Job(work, is_shared=is_shared)])
    assert found == 1
    assert done == [1]
    with pytest.raises(AssertionError):
        results([Job(never, is_shared=is_shared)])


def test_many_who_ask_at_once_all_get_theirs() -> None:
    def ask(number: int) -> int:
        jobs = [Job(lambda part=part: number * 10 + part, is_shared=True) for part in range(3)]  # type: ignore[misc]
        return sum(results(jobs))

    with ThreadPoolExecutor(16) as clients:
        assert list(clients.map(ask, range(200))) == [number * 30 + 3 for number in range(200)]
