"""Typed face of the tracker's data plane (the Rust crate in `tracker/`)."""

from typing import Final, final

__all__ = [
    "ACCOUNT_RECORD",
    "CLIENT_RECORD",
    "RELEASE_RECORD",
    "JournalReader",
    "Tracker",
    "announce_key",
    "read_announce_key",
]

RELEASE_RECORD: Final[int]
"""Bytes of a release record, big-endian: release id u32, v1 info-hash 20 (zeros for none), v2
info-hash 32 (zeros for none), state u8 (0 forget, 1 published, 2 pending, 3 withdrawn,
4 quarantined, 5 removed), open u8, upload and download factors in quarters u8 each (0 to 15),
completed by open clients u32, by members u32."""
ACCOUNT_RECORD: Final[int]
"""Bytes of an account record, big-endian: user id u64 (below 2**40), key version u16, previous
key version u16, grace until u64 (Unix seconds, 0 for none), state u8 (0 active, 1 suspended,
2 gone), rights u8 (bit 0 may announce, bit 1 may leech), language u8 (0 French, 1 English),
clients per torrent u8 (0 for the default)."""
CLIENT_RECORD: Final[int]
"""Bytes of a rule about clients: head of peer ids 8 (2 to 8 of ASCII; none for all others), welcome
u8 (0 served, 1 warned, 2 refused), reason 120 (ASCII); both texts filled up with zeros."""

@final
class Tracker:
    """A tracker. Its threads are its own; no call here is made for a packet."""

    def __new__(cls, config_json: str) -> Tracker:
        """Read settings (a JSON object) and open the journal; nothing is served yet.

        Raises ValueError with a sentence that names an unknown, wrong or
        impossible key, OSError when the journal cannot be opened.
        """

    def start(self) -> list[str]:
        """Serve each address over UDP and TCP; give them with ports. Raises OSError naming one."""

    def open_journal(self) -> None:
        """Open a journal that waits (`journal_waits`), as `start` does. Raises OSError."""

    def stop(self, timeout_s: float) -> bool:
        """Stop serving and flush the journal; True when all threads ended in time."""

    def reload_tls(self) -> bool:
        """Read certificate and key again; connections that are open go on.

        False when nothing listens over TLS. Raises ValueError with the file; the old one stays.
        """

    def begin_snapshot(self) -> None:
        """Forget what was loaded and not put in force."""

    def load(
        self, releases: bytes, accounts: bytes, denied: bytes, clients: bytes | None = None
    ) -> None:
        """Add packed records, and 20-byte denied hashes, to the snapshot being built.

        Raises ValueError when a record is impossible; nothing of the call is kept then.
        """

    def load_lists(self, allow: str | None, deny: str | None) -> tuple[int, int]:
        """Read files of info-hashes, one a line, and serve those of `allow`, or all, less `deny`.

        For a tracker without a site. Returns how many each holds. Raises ValueError
        with file and line, OSError when one cannot be read; nothing changes then.
        """

    def load_completed(self, path: str) -> int:
        """Read downloads counted before, if there is a file. Raises ValueError, OSError."""

    def save_completed(self, path: str | None) -> int:
        """Count downloads and write them, whole or not at all, if there is a file; how many.

        Raises OSError; the counts are kept in memory then.
        """

    def save_swarms(self, path: str) -> int:
        """Write a stopped tracker's swarms, for its owner alone; how many peers. Raises OSError."""

    def restore_swarms(self, path: str) -> int | None:
        """Take back what an earlier run wrote, and remove it; how many peers.

        To be called once a policy is in force. None when there is nothing, or nothing
        fresh and whole: then, where a journal is kept, clients come back sooner for an
        interval. Raises OSError when the file cannot be removed.
        """

    def commit_snapshot(self, sequence: int) -> None:
        """Put the snapshot in force at once; swarms that it does not serve are purged."""

    def apply(
        self,
        sequence: int,
        releases: bytes,
        accounts: bytes,
        denied: bytes,
        permitted: bytes,
        clients: bytes | None = None,
    ) -> None:
        """Change the policy in force, atomically; it holds when this returns.

        `denied` and `permitted` are 20-byte hashes; `clients`, unless None, are all rules
        in the place of those before. Raises ValueError when a record is impossible or no
        snapshot was committed; nothing is changed then.
        """

    def policy_sequence(self) -> int | None:
        """Sequence of the policy in force; None before a first snapshot."""

    def set_clients(self, allowed: list[str], warned: list[str], denied: list[str]) -> None:
        """Exchange the operator's lists of clients, heads of peer ids of 2 to 8 characters each.

        Where any is allowed, all that no list names are denied; of the policy's rules and
        these the stricter hold. Raises ValueError with a sentence; nothing changes then.
        """

    def take_counts(self, limit: int) -> list[tuple[int, int, int, int]]:
        """Release id, seeders, leechers, completed openly: those changed since last taken."""

    def statistics(self) -> dict[str, int]:
        """Every counter since start and every size now, by name."""

    def figures(self) -> str:
        """The same and more, as a JSON object: `counters` by name (IPv4, IPv6), `sizes` by name,
        `histograms` by name (`classes` bounded by 1, 2, 4 … and the rest; `sum`)."""

    def journal_position(self) -> int:
        """Position after the last record written; 0 without a journal."""

    def confirm_policy(self) -> None:
        """Note that the policy in force is that of this moment."""

    def drain_notices(self) -> list[tuple[int, str, int, int, int, bytes, int]]:
        """User, code, subject, count, Unix milliseconds, client, flags: what was refused."""

    def dead_threads(self) -> list[str]:
        """Name and reason of each thread that failed; all were restarted."""

@final
class JournalReader:
    """Reads a journal directory, from any process, while a tracker writes it."""

    def __new__(cls, directory: str) -> JournalReader: ...
    def first(self) -> int:
        """Position of the oldest record kept; 0 when there is none. Raises OSError."""

    def end(self) -> int:
        """Position after the newest whole record; 0 when there is none. Raises OSError."""

    def read(self, position: int, limit: int) -> bytes:
        """Up to `limit` facts from `position` on, all of them on disk for good.

        76 bytes each, little-endian: position u64, release id i64 (below 0: -1
        minus seven bytes of the hash), user id, session u64, event, flags, upload
        and download factors u8, uploaded, downloaded, left, Unix milliseconds u64,
        head of the peer id. Raises LookupError when `position` was pruned, OSError.
        """

    def prune(self, before: int) -> int:
        """Remove segments wholly before a position; return how many. Raises OSError."""

def announce_key(
    secret: bytes, kind: int, user_id: int, version: int, info_hash: bytes | None
) -> str:
    """Derive an announce key: 39 characters of lower-case base32.

    `secret` is 32 bytes; `kind` 1 (account) or 2 (torrent, bound to `info_hash`,
    the release's v1, else v2, hash). Raises ValueError when no key can be
    issued: take the next `version` then.
    """

def read_announce_key(
    secret: bytes, key: str, info_hash: bytes | None
) -> tuple[int, int, int] | None:
    """Kind, user id and version of a key whose MAC holds, else None."""
