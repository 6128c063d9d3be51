"""Whether the ledger agrees with itself: rows, balances and transfers are sums of one thing."""

from dataclasses import dataclass
from typing import Final

from django.db import connection

_COLUMNS: Final = ("raw_up", "raw_down", "credited_up", "credited_down", "seed_time_s")
_LIMIT: Final = 1000
_SUMS: Final = ", ".join(f"sum({name})::bigint AS {name}" for name in _COLUMNS)
_PAIRS: Final = ", ".join(f"coalesce(a.{name}, 0), coalesce(b.{name}, 0)" for name in _COLUMNS)
_OTHER: Final = " OR ".join(f"coalesce(a.{n}, 0) <> coalesce(b.{n}, 0)" for n in _COLUMNS)

_BALANCES: Final = f"""
SELECT user_id, NULL::bigint, {_PAIRS}
FROM (SELECT user_id, {_SUMS} FROM ledger_ledgerentry GROUP BY user_id) a
FULL JOIN ledger_balance b USING (user_id)
WHERE {_OTHER}
ORDER BY user_id LIMIT {_LIMIT}
"""  # noqa: S608 - constants of this module
_TRANSFERS: Final = f"""
SELECT user_id, release_id, {_PAIRS}
FROM (
    SELECT user_id, release_id, {_SUMS} FROM ledger_ledgerentry
    WHERE kind IN ('transfer', 'held', 'given') GROUP BY user_id, release_id
) a
FULL JOIN ledger_transfer b USING (user_id, release_id)
WHERE {_OTHER}
ORDER BY user_id, release_id LIMIT {_LIMIT}
"""  # noqa: S608 - constants of this module


@dataclass(frozen=True, slots=True)
class Difference:
    """A sum that is not what the ledger rows add up to; `release_id` None for the balance."""

    user_id: int
    release_id: int | None
    column: str
    rows_say: int
    total_says: int


def differences() -> list[Difference]:
    """Compare the sum of ledger rows with balances, and with transfers; empty when all agree.

    Bytes and seconds. Two scans of the ledger; at most 1,000 lines of each kind are looked at.
    """
    return [
        Difference(user_id, release_id, name, pairs[2 * i], pairs[2 * i + 1])
        for statement in (_BALANCES, _TRANSFERS)
        for user_id, release_id, *pairs in _rows(statement)
        for i, name in enumerate(_COLUMNS)
        if pairs[2 * i] != pairs[2 * i + 1]
    ]


def _rows(statement: str) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[int, ...]] = cursor.fetchall()
        return rows
