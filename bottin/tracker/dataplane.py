"""The facade of the Rust data plane: typed values in, wire records out, nothing decided here."""

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

try:
    from bottin import _native
except ImportError as error:
    raise ImportError("bottin._native is not built or does not load: run `make build`.") from error

RELEASE_RECORD: Final = _native.RELEASE_RECORD
ACCOUNT_RECORD: Final = _native.ACCOUNT_RECORD
CLIENT_RECORD: Final = _native.CLIENT_RECORD
DENIED_RECORD: Final = 20
_RELEASE: Final = struct.Struct(">I20s32sBBBBII")
_ACCOUNT: Final = struct.Struct(">QHHQBBBB")
_CLIENT: Final = struct.Struct(">8sB120s")
_FACT: Final = struct.Struct("<QqQQBBBBQQQQ8s")


class KeyKind(IntEnum):
    """What an announce key opens."""

    ACCOUNT = 1
    TORRENT = 2


class AccountState(IntEnum):
    """An account as the data plane sees it."""

    ACTIVE = 0
    SUSPENDED = 1
    GONE = 2


class Welcome(IntEnum):
    """What becomes of a client."""

    FULL = 0
    WARNED = 1
    DENIED = 2


FORGOTTEN: Final = 0  # the state of a release that the data plane is to know no longer
MAY_ANNOUNCE: Final = 1
MAY_LEECH: Final = 2


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release in the policy; info-hashes of 20 and 32 bytes, None when it has none."""

    release_id: int
    info_hash_v1: bytes | None
    info_hash_v2: bytes | None
    state: int
    is_open: bool = False
    up_quarters: int = 4
    down_quarters: int = 4
    completed_open: int = 0
    completed_members: int = 0

    def packed(self) -> bytes:
        """Write the 68-byte record, big-endian; raises struct.error outside its ranges."""
        return _RELEASE.pack(
            self.release_id,
            self.info_hash_v1 or b"",
            self.info_hash_v2 or b"",
            self.state,
            self.is_open,
            self.up_quarters,
            self.down_quarters,
            self.completed_open,
            self.completed_members,
        )


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account in the policy; `grace_until` in unix seconds, language 0 French, 1 English."""

    user_id: int
    key_version: int
    previous_key_version: int = 0
    grace_until: int = 0
    state: AccountState = AccountState.ACTIVE
    rights: int = MAY_ANNOUNCE | MAY_LEECH
    language: int = 0
    max_locations: int = 3

    def packed(self) -> bytes:
        """Write the 24-byte record, big-endian; raises struct.error outside its ranges."""
        return _ACCOUNT.pack(
            self.user_id,
            self.key_version,
            self.previous_key_version,
            self.grace_until,
            self.state,
            self.rights,
            self.language,
            self.max_locations,
        )


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """A rule about clients in the policy: the head of their peer ids, "" for all others.

    `reason` is printable ASCII, at most 120 characters.
    """

    head: str
    welcome: int
    reason: str = ""

    def packed(self) -> bytes:
        """Write the 129-byte record; what is too long is cut. Raises UnicodeEncodeError."""
        return _CLIENT.pack(self.head.encode("ascii"), self.welcome, self.reason.encode("ascii"))


class Count(NamedTuple):
    """What a swarm holds now, and the downloads that open clients finished since ever."""

    release_id: int
    seeders: int
    leechers: int
    completed_open: int


class Fact(NamedTuple):
    """One line of the journal: what a keyed announce said, counters absolute and in bytes.

    `release_id` is below 0 where the tracker did not know the release yet: then -1
    minus the first 7 bytes of the info-hash. `session` is 64 bits, unsigned; `event`
    0 none, 1 completed, 2 started, 3 stopped; `flags` as below; factors in quarters;
    `time_ms` unix milliseconds; `client` the 8 bytes at the head of the peer id.
    """

    position: int
    release_id: int
    user_id: int
    session: int
    event: int
    flags: int
    up_quarters: int
    down_quarters: int
    uploaded: int
    downloaded: int
    left: int
    time_ms: int
    client: bytes = bytes(8)


# Flags of a fact.
FIRST: Final = 1  # of this peer since the tracker learned of it
FELL: Final = 2  # a counter is lower than before
LATE: Final = 4  # the last word of a client that the policy refuses
IPV6: Final = 8
PROTOCOL: Final = 48  # 0 UDP, 16 HTTP, 32 WebSocket
LONELY: Final = 64  # no other client in the swarm lacked anything
ALONE: Final = 128  # no other client was in the swarm


class Notice(NamedTuple):
    """What a member's client was refused or warned of; `user_id` 0 for one that proves none.

    `subject` is the release id, or below 0 as in a fact; `flags` are IPV6 and
    PROTOCOL; `times` how often since the last reading, the other values the latest.
    """

    user_id: int
    code: str
    subject: int
    times: int
    time_ms: int
    client: bytes
    flags: int


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """Packed records of one step of the policy, each a whole number of records.

    `clients` are all rules about clients, in the place of those before; None leaves them.
    """

    releases: bytes = b""
    accounts: bytes = b""
    denied: bytes = b""
    permitted: bytes = b""
    clients: bytes | None = None

    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        parts = (self.releases, self.accounts, self.denied, self.permitted)
        return self.clients is None and not any(parts)


class DataPlane:
    """The Rust tracker of this process."""

    def __init__(self, configuration: Mapping[str, object]) -> None:
        """Check the configuration; raises ValueError naming a key that is wrong."""
        self._tracker: _native.Tracker = _native.Tracker(json.dumps(dict(configuration)))

    def start(self) -> list[str]:
        """Bind and answer; the addresses bound. Raises OSError when one is taken."""
        return self._tracker.start()

    def open_journal(self) -> None:
        """Open the journal of a configuration with `journal_waits`; nothing if it is open.

        Raises OSError, also while another tracker writes it.
        """
        self._tracker.open_journal()

    def stop(self, timeout_s: float) -> bool:
        """End all threads, journal synced; whether they ended in time."""
        return self._tracker.stop(timeout_s)

    def reload_tls(self) -> bool:
        """Read certificate and key again, for connections to come; False without TLS.

        Raises ValueError with a sentence; the certificate in force then stays.
        """
        return self._tracker.reload_tls()

    def begin(self) -> None:
        """Begin a snapshot; what was loaded for one that was never committed is forgotten."""
        self._tracker.begin_snapshot()

    def load(self, part: PolicyChange) -> None:
        """Add records to the snapshot being built; nothing is in force before `commit`."""
        self._tracker.load(part.releases, part.accounts, part.denied, part.clients)

    def load_lists(self, allow: Path | None, deny: Path | None) -> tuple[int, int]:
        """Serve the info-hashes of a file, or all, less those of another; how many each holds.

        Answers go on meanwhile. Raises ValueError with file and line, OSError when
        one cannot be read; what was in force then stays.
        """
        return self._tracker.load_lists(_text(allow), _text(deny))

    def load_completed(self, path: Path) -> int:
        """Take over the downloads that an earlier run counted; how many torrents.

        Also into the lists in force. Raises ValueError, OSError.
        """
        return self._tracker.load_completed(str(path))

    def save_completed(self, path: Path | None) -> int:
        """Count downloads, and write them whole or not at all if there is a file; how many.

        Raises OSError; they are kept in memory then.
        """
        return self._tracker.save_completed(_text(path))

    def set_clients(
        self, *, allowed: Sequence[str], warned: Sequence[str], denied: Sequence[str]
    ) -> None:
        """Exchange the operator's lists of clients; the policy's rules stay beside them.

        Raises ValueError; nothing changes then.
        """
        self._tracker.set_clients(list(allowed), list(warned), list(denied))

    def save_swarms(self, path: Path) -> int:
        """Write the swarms, once stopped, for the next run; how many peers. Raises OSError."""
        return self._tracker.save_swarms(str(path))

    def restore_swarms(self, path: Path) -> int | None:
        """Take the last run's swarms back and remove the file; how many peers.

        To be called once a policy is in force. None when there are none to be
        believed: swarms then fill up again, with shorter intervals. Raises OSError.
        """
        return self._tracker.restore_swarms(str(path))

    def commit(self, sequence: int) -> None:
        """Put the snapshot in force."""
        self._tracker.commit_snapshot(sequence)

    def apply(self, sequence: int, change: PolicyChange) -> None:
        """Put changes in force before returning."""
        records = (change.releases, change.accounts, change.denied, change.permitted)
        self._tracker.apply(sequence, *records, change.clients)

    @property
    def sequence(self) -> int | None:
        """The outbox row last put in force; None while there is no policy (it refuses all)."""
        return self._tracker.policy_sequence()

    def take_counts(self, limit: int) -> list[Count]:
        """Take at most `limit` releases whose counts changed since they were last taken."""
        return [Count(*row) for row in self._tracker.take_counts(limit)]

    def statistics(self) -> dict[str, int]:
        """Read the counters of the data plane."""
        return self._tracker.statistics()

    def figures(self) -> dict[str, Any]:
        """Read the figures as `bottin.tracker.figures` takes them."""
        return cast("dict[str, Any]", json.loads(self._tracker.figures()))

    def journal_position(self) -> int:
        """The position after the last fact written."""
        return self._tracker.journal_position()

    def confirm_policy(self) -> None:
        """Say that the policy in force is the database's of this moment (TRK-6)."""
        self._tracker.confirm_policy()

    def drain_notices(self) -> list[Notice]:
        """Take what clients were refused or warned of since last taken; bounded."""
        return [Notice(*row) for row in self._tracker.drain_notices()]

    def dead_threads(self) -> list[str]:
        """Name each thread that failed, and why; the data plane started them again."""
        return self._tracker.dead_threads()


class Journal:
    """Reads the facts of a journal directory, while the data plane writes it or after."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it may not be there yet."""
        self._reader: _native.JournalReader = _native.JournalReader(str(folder))

    def first(self) -> int:
        """The oldest position that is kept."""
        return self._reader.first()

    def end(self) -> int:
        """The position after the last whole fact."""
        return self._reader.end()

    def read(self, position: int, limit: int) -> Sequence[Fact]:
        """Read at most `limit` facts from `position` on, in order; they are on disk for good.

        Raises LookupError when `position` was pruned, OSError when a fact is damaged.
        """
        return list(map(Fact._make, _FACT.iter_unpack(self._reader.read(position, limit))))

    def prune(self, before: int) -> int:
        """Delete whole segments that end at or before a position; how many."""
        return self._reader.prune(before)


def announce_key(
    secret: bytes, kind: KeyKind, user_id: int, version: int, info_hash: bytes | None = None
) -> str:
    """Derive an announce key (design 3.3); raises ValueError when it may not be issued."""
    return _native.announce_key(secret, int(kind), user_id, version, info_hash)


def read_announce_key(
    secret: bytes, key: str, info_hash: bytes | None = None
) -> tuple[KeyKind, int, int] | None:
    """Kind, account and version of a key that is ours and fits the info-hash, else None."""
    found = _native.read_announce_key(secret, key, info_hash)
    return None if found is None else (KeyKind(found[0]), found[1], found[2])


def packed(records: Iterable[ReleaseRecord | AccountRecord | ClientRecord]) -> bytes:
    """Join the records."""
    return b"".join(record.packed() for record in records)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
