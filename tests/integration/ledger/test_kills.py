"""Kill anything, any number of times: what clients were answered for is credited, once.

BOTTIN_TEST_KILLS says how often (1,000), BOTTIN_TEST_KILLS_SEED from which number on;
tests/conftest.py passes them on without their first word.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from tests.integration.ledger import naive
from tests.integration.ledger.crash import VICTIMS, Lane, lane
from tests.integration.tracker.ground import Ground, wait_until

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(20_000)]

ROUNDS: Final = int(os.environ.get("TEST_KILLS", "1000"))
SEED: Final = int(os.environ.get("TEST_KILLS_SEED", "20260601"))
LANES: Final = 3
CONTROL_ROUNDS: Final = 60

CHECK: Final = """
from bottin.ledger import health
from bottin.ledger.checks import differences
print(health.journal().waiting, differences())
"""


def test_jrn_07_sums_are_exact_after_random_kills() -> None:
    """Several sites side by side, each with its own database: kills cost waiting, not work."""
    shares = [ROUNDS // LANES + (number < ROUNDS % LANES) for number in range(LANES)]

    with ThreadPoolExecutor(LANES) as pool:
        seeds = range(SEED, SEED + 1000 * LANES, 1000)
        lanes = [pool.submit(run_lane, *one) for one in zip(shares, seeds, strict=True)]

    # Every lane's failure is shown: the first may hide another.
    failures = [error for one in lanes if isinstance(error := one.exception(), Exception)]
    if failures:
        raise ExceptionGroup("lanes", failures)
    told = [one.result() for one in lanes]

    # Shown with -rP: what the claim rests on.
    sys.stdout.write("".join(told))


def run_lane(rounds: int, seed: int) -> str:
    with lane("worker", seed) as one:
        one.run(rounds)

        wait_until(lambda: one.ground.python_with_django(CHECK).strip() == "0 []", "all is applied")
        assert credited(one.ground, "ledger_balance", "raw_up, raw_down") == one.expected()
        assert rounds < 20 or set(one.kills) > set(VICTIMS)
        sessions = one.ground.rows("SELECT count(*) FROM ledger_peersession")[0][0]
        return f"{dict(one.kills)} kills, {one.answered} answers, {sessions} sessions\n"


def test_jrn_07_the_control_that_adds_and_sends_again_miscounts() -> None:
    """The same harness on `x = x + delta`: were that exact too, the other test proved nothing."""
    with lane("naive", SEED, at_work=1) as one:
        for statement in naive.TABLES.strip().splitlines():
            one.ground.rows_of_nothing(statement)
        one.run(CONTROL_ROUNDS)
        wait_until(lambda: has_drained(one), "all is added")

        found = credited(one.ground, "naive_balance", "up, down")

        over = sum(found[user][0] > up for user, (up, _) in one.expected().items())
        sys.stdout.write(f"{dict(one.kills)} kills, {over} of {len(found)} members over-credited\n")
        assert over > 0


def credited(ground: Ground, table: str, columns: str) -> dict[int, tuple[int, int]]:
    rows = ground.rows(f"SELECT user_id, {columns} FROM {table}")  # noqa: S608 - names of ours
    return {user: (up, down) for user, up, down in rows}


def has_drained(one: Lane) -> bool:
    end = one.ground.python_with_django(
        "from bottin.ledger import health; print(health.journal().end)"
    )
    return one.ground.rows("SELECT position FROM naive_position") == [(int(end),)]
