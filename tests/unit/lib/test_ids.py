"""Identifiers."""

import time
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from bottin.lib.ids import uuid7


@given(st.integers(0, 2**48 * 1_000_000 - 1))
def test_a_uuid7_says_its_version_and_its_millisecond(at_ns: int) -> None:
    made = uuid7(at_ns)

    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == at_ns // 1_000_000


def test_later_ids_sort_later() -> None:
    instants = [1_700_000_000_000_000_000 + step * 1_000 for step in range(2_000)]

    ids = [uuid7(instant) for instant in instants]

    assert ids == sorted(ids)


def test_ids_of_one_instant_differ() -> None:
    assert len({uuid7(1) for _ in range(1_000)}) == 1_000


def test_an_id_is_of_now_by_default() -> None:
    before = time.time_ns() // 1_000_000

    assert before <= uuid7().int >> 80 <= before + 60_000
