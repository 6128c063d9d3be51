"""How long a tracker takes to load its policy: `python benches/policy_load.py [RELEASES ACCOUNTS]`.

Starts its own PostgreSQL, fills it, then does what a tracker does at its start:
reads one snapshot, packs it and puts it in force. Goal of design section 5:
1,000,000 releases and 5,000,000 accounts in at most 5 s and 400 MB.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

HOME: Final = tempfile.mkdtemp(prefix="bottin-bench-")
os.environ["BOTTIN_DATA_DIR"] = HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "bottin.config.settings"

import django  # noqa: E402 - after the environment is set

from benches.measured.processor import both_s, own_s  # noqa: E402
from bottin.config.database import Cluster  # noqa: E402

RELEASES: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ACCOUNTS: Final = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000_000
ROUNDS: Final = 3


def main() -> None:
    """Run and print."""
    with Cluster(Path(HOME)):
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        fill()
        measure()


def fill() -> None:
    """Make releases (one in three a hybrid) and accounts."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tracker_listing (release_id, info_hash_v1, info_hash_v2, state, is_open,"
            " up_quarters, down_quarters) SELECT i, substr(sha256(i::text::bytea), 1, 20),"
            " CASE WHEN i %% 3 = 0 THEN sha256((-i)::text::bytea) END, 1, i %% 10 = 0, 4, 4"
            " FROM generate_series(1, %s) i",
            [RELEASES],
        )
        cursor.execute(
            "INSERT INTO tracker_swarmcount (release_id, seeders, leechers, completed, updated_at)"
            " SELECT i, 1, 1, i %% 1000, now() FROM generate_series(1, %s) i",
            [RELEASES],
        )
        cursor.execute(
            "INSERT INTO accounts_account (id, password, name, name_skeleton, email, role, state,"
            " is_active, language, theme, joined_at, key_version, previous_key_version,"
            " terms_version, feed_key_version)"
            " SELECT i, 'none', 'm' || i, 'm' || i, i || '@example.org', 'member', 'active', true,"
            " 'fr', 'auto', now(), 1, 0, '', 1 FROM generate_series(1, %s) i",
            [ACCOUNTS],
        )
        cursor.execute("VACUUM ANALYZE")


def measure() -> None:
    """Load, several times: the first one also warms the server's cache."""
    from bottin.tracker import snapshot
    from bottin.tracker.dataplane import DataPlane, PolicyChange
    from bottin.tracker.follower import Follower
    from bottin.tracker.second_gate import SecondGate

    class Nowhere:
        """A data plane that throws everything away: what remains is the packing."""

        def begin(self) -> None:
            """Ignore it."""

        def load(self, part: PolicyChange) -> None:
            """Ignore it."""

        def commit(self, sequence: int) -> None:
            """Ignore it."""

        def apply(self, sequence: int, change: PolicyChange) -> None:
            """Ignore it."""

    print(f"{RELEASES:,} releases, {ACCOUNTS:,} accounts, blocks of {snapshot.CHUNK:,}")
    for number in range(ROUNDS):
        packing_s = timed(Follower(Nowhere(), SecondGate(Path(HOME) / "denied")))
        before = resident()
        plane = DataPlane({"listen": ["127.0.0.1:0"]})
        own, both = own_s(), both_s()
        whole_s = timed(Follower(plane, SecondGate(Path(HOME) / "denied")))
        own, both = own_s() - own, both_s() - both
        print(
            f"round {number}: packing alone {packing_s:.2f} s, whole {whole_s:.2f} s (goal 5),"
            f" CPU {own:.2f} s here and {both - own:.2f} s in PostgreSQL,"
            f" memory {(resident() - before) / 1e6:.0f} MB (goal 400),"
            f" peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB"
        )
        plane.stop(5)
        del plane


def timed(follower: object) -> float:
    """Load once; seconds."""
    began = time.perf_counter()
    follower.follow()  # type: ignore[attr-defined]
    return time.perf_counter() - began


def resident() -> int:
    """Give this process's resident bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
