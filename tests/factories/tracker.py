"""Listings, and a data plane that only remembers, for tests of what feeds it."""

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from bottin.tracker.dataplane import (
    ACCOUNT_RECORD,
    CLIENT_RECORD,
    DENIED_RECORD,
    RELEASE_RECORD,
    PolicyChange,
)
from bottin.tracker.outbox import ListingFacts

_numbers = itertools.count(1)
_RELEASE: Final = struct.Struct(">I20s32sBBBBII")
_ACCOUNT: Final = struct.Struct(">QHHQBBBB")
_CLIENT: Final = struct.Struct(">8sB120s")


def v1_hash(number: int) -> bytes:
    """Make a 20-byte info-hash of a number."""
    return number.to_bytes(20, "big")


def listing(release_id: int | None = None, **given: Any) -> ListingFacts:
    """Make a published listing with a v1 info-hash of its own."""
    number = release_id or next(_numbers)
    given = {"info_hash_v1": v1_hash(number), "info_hash_v2": None} | given
    return ListingFacts(release_id=number, **given)


@dataclass
class RememberedPolicy:
    """Keeps to the face of the data plane that the follower uses."""

    releases: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    accounts: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    denied: set[bytes] = field(default_factory=set)
    clients: dict[str, tuple[int, str]] = field(default_factory=dict)
    sequence: int | None = None
    commits: int = 0
    _next: list[PolicyChange] = field(default_factory=list)

    def begin(self) -> None:
        self._next.clear()

    def load(self, part: PolicyChange) -> None:
        self._next.append(part)

    def commit(self, sequence: int) -> None:
        self.releases.clear()
        self.accounts.clear()
        self.denied.clear()
        self.clients.clear()
        for part in self._next:
            self._take(part)
        self._next.clear()
        self.sequence = sequence
        self.commits += 1

    def apply(self, sequence: int, change: PolicyChange) -> None:
        assert self.sequence is not None, "applied before a snapshot"
        self._take(change)
        self.sequence = sequence

    def _take(self, part: PolicyChange) -> None:
        for record in _RELEASE.iter_unpack(part.releases):
            self.releases[record[0]] = record
            if record[3] == 0:
                del self.releases[record[0]]
        for record in _ACCOUNT.iter_unpack(part.accounts):
            self.accounts[record[0]] = record
        self.denied |= set(_cut(part.denied, DENIED_RECORD))
        self.denied -= set(_cut(part.permitted, DENIED_RECORD))
        if part.clients is not None:
            rules = ((_text(head), (n, _text(why))) for head, n, why in _rules(part.clients))
            self.clients = dict(rules)

    def state_of(self, release_id: int) -> int | None:
        """The state of a release as the peers would meet it."""
        record = self.releases.get(release_id)
        return None if record is None else int(record[3])


def _rules(packed: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    return _CLIENT.iter_unpack(packed)


def _text(padded: bytes) -> str:
    return padded.rstrip(b"\0").decode("ascii")


def _cut(packed: bytes, size: int) -> list[bytes]:
    assert len(packed) % size == 0
    return [packed[i : i + size] for i in range(0, len(packed), size)]


assert _RELEASE.size == RELEASE_RECORD
assert _ACCOUNT.size == ACCOUNT_RECORD
assert _CLIENT.size == CLIENT_RECORD
