"""Figures that the database knows: how late the ledger and the tracker's policy are, what waits.

The worker measures them beside its other loops, so that a ledger that is stuck is seen.
"""

import functools
import math
from typing import TYPE_CHECKING, Final

from bottin.ledger import health as ledger
from bottin.tracker import health as tracker

if TYPE_CHECKING:
    from prometheus_client import Gauge

GAUGES: Final = {
    "bottin_ledger_lag_seconds": "How long the oldest fact waits to be credited.",
    "bottin_ledger_waiting_facts": "Facts in the journal that are not credited yet.",
    "bottin_ledger_waiting_bytes": "The same in bytes of journal.",
    "bottin_ledger_lost_facts": "Facts removed before they were credited: the ledger stands still.",
    "bottin_ledger_open_flags": "Flags that no person has looked at.",
    "bottin_ledger_open_holds": "Held credit that waits for a decision.",
    "bottin_journal_bytes": "The journal on disk.",
    "bottin_outbox_age_seconds": "How far the policy of a tracker that lives is behind.",
}


def measure() -> None:
    """Set every gauge; one that nothing is known of is no number, and no alert compares it.

    Raises OSError when the journal cannot be read: its gauges are no numbers then.
    """
    found: dict[str, float] = {}
    try:
        found |= _waiting()
        found |= _journal()
    finally:
        for name, gauge in _gauges().items():
            gauge.set(found.get(name, math.nan))


@functools.cache  # a name is registered once in a process
def _gauges() -> "dict[str, Gauge]":
    from prometheus_client import Gauge

    return {name: Gauge(name, says, multiprocess_mode="livemax") for name, says in GAUGES.items()}


def _waiting() -> dict[str, float]:
    found: dict[str, float] = {
        "bottin_ledger_open_flags": ledger.open_flags(),
        "bottin_ledger_open_holds": ledger.open_holds(),
    }
    lag = tracker.outbox_lag()
    if lag is not None:
        found["bottin_outbox_age_seconds"] = lag.total_seconds()
    return found


def _journal() -> dict[str, float]:
    found, lag = ledger.journal(), ledger.journal_lag()
    if found is None or lag is None:
        return {}
    return {
        "bottin_ledger_lag_seconds": lag.total_seconds(),
        "bottin_ledger_waiting_facts": found.waiting,
        "bottin_ledger_waiting_bytes": found.waiting_bytes,
        "bottin_ledger_lost_facts": found.lost,
        "bottin_journal_bytes": found.size_bytes,
    }
