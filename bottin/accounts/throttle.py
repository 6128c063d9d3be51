"""How often something may happen: GCRA buckets, one row each, exact across processes (SEC-10).

A bucket is one number, the *theoretical arrival time* of GCRA (ITU-T I.371): each
allowed act moves it forward by window / count, and an act is refused when that would
push it further than a window ahead. One SQL statement reads, decides and writes, so two
processes never allow the same last act. A drained bucket says nothing of anybody and
`purge` deletes it: nothing is kept longer than its window.
"""

import math
from typing import Final, Protocol

from django.db import connection

from bottin.accounts.errors import TooManyTries
from bottin.accounts.models import Throttle
from bottin.accounts.network import keyed, near, wide

_TABLE: Final = Throttle._meta.db_table  # noqa: SLF001 - Django's documented Model._meta

_NOW: Final = "COALESCE(%(at_s)s::float8, extract(epoch FROM clock_timestamp())::float8)"
# EXCLUDED.arrival_s is now + step: the act fits when the bucket is at most a window ahead after it.
_TAKE: Final = f"""
INSERT INTO {_TABLE} AS bucket (key, arrival_s) VALUES (%(key)s, {_NOW} + %(step_s)s)
ON CONFLICT (key) DO UPDATE
SET arrival_s = GREATEST(bucket.arrival_s, EXCLUDED.arrival_s - %(step_s)s) + %(step_s)s
WHERE bucket.arrival_s <= EXCLUDED.arrival_s - 2 * %(step_s)s + %(window_s)s + %(slack_s)s
RETURNING arrival_s
"""  # noqa: S608 - constants of this file
_LOOK: Final = f"SELECT arrival_s - {_NOW} FROM {_TABLE} WHERE key = %(key)s"  # noqa: S608 - same
_PURGE: Final = f"DELETE FROM {_TABLE} WHERE arrival_s < {_NOW}"  # noqa: S608 - same
_SLACK_S: Final = 1e-3  # float8 keeps microseconds of a unix time; a limit is never that fine


class Limit(Protocol):
    """So many times in so many seconds; `bottin.config.values.Rate` is one."""

    @property
    def count(self) -> int:
        """How many times."""

    @property
    def window_s(self) -> int:
        """In how many seconds."""


def key_of(act: str, who: str) -> str:
    """Name the bucket of `act` for `who`, hashed: a row names nobody."""
    return f"{act}:{keyed('throttle', f'{act}:{who}')}"


def by_address(act: str, address: str) -> str:
    """Name the bucket of `act` for an IPv4 address or an IPv6 /64."""
    return key_of(act, near(address))


def by_network(act: str, address: str) -> str:
    """Name the bucket of `act` for an IPv4 /24 or an IPv6 /48."""
    return key_of(f"{act}-wide", wide(address))


def allow(key: str, limit: Limit, *, at_s: float | None = None) -> bool:
    """Count one act in the bucket `key` if `limit` lets it happen; say whether it does.

    A refused act costs nothing. Call it outside a transaction: a rollback
    would give the act back, and the row stays locked until the commit.
    `at_s` is unix seconds, by default the database's clock.
    """
    values = {
        "key": key,
        "at_s": at_s,
        "window_s": float(limit.window_s),
        "step_s": limit.window_s / limit.count,
        "slack_s": _SLACK_S,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        return cursor.fetchone() is not None


def require(key: str, limit: Limit, *, at_s: float | None = None) -> None:
    """Count one act, or raise TooManyTries with `retry_after_s`, whole seconds."""
    if not allow(key, limit, at_s=at_s):
        raise TooManyTries(retry_after_s=wait_s(key, limit, at_s=at_s))


def wait_s(key: str, limit: Limit, *, at_s: float | None = None) -> int:
    """Return in how many seconds one more act is allowed, 0 when it is now; counts nothing."""
    ahead_s = _ahead_s(key, at_s)
    return max(0, math.ceil(ahead_s + limit.window_s / limit.count - limit.window_s - _SLACK_S))


def taken(key: str, limit: Limit, *, at_s: float | None = None) -> int:
    """Return how many acts of `limit` the bucket still holds; counts nothing."""
    step_s = limit.window_s / limit.count
    return min(limit.count, math.ceil(max(0.0, _ahead_s(key, at_s) - _SLACK_S) / step_s))


def purge(*, at_s: float | None = None) -> int:
    """Delete drained buckets; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_PURGE, {"at_s": at_s})
        return int(cursor.rowcount)


def _ahead_s(key: str, at_s: float | None) -> float:
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"key": key, "at_s": at_s})
        row = cursor.fetchone()
    return float(row[0]) if row else 0.0
