"""How many journal facts a second the ledger applies: `python benches/ledger_apply.py [FACTS]`.

Starts its own PostgreSQL with the settings of a site (fsync on), fills the tables
with sessions of members who were there before, then applies generated facts in
batches. CPU of this process and of the server's backend are added: one core
means that their sum is what counts. Goal: 20,000 facts a second.
"""

import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

HOME: Final = tempfile.mkdtemp(prefix="bottin-bench-")
os.environ["BOTTIN_DATA_DIR"] = HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "bottin.config.settings"

import django  # noqa: E402 - after the environment is set

from benches.measured import processor  # noqa: E402
from bottin.config.database import Cluster  # noqa: E402

FACTS: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
BATCH: Final = int(os.environ.get("BENCH_BATCH", "20000"))
MEMBERS: Final = 50_000
RELEASES: Final = 100_000
SESSIONS: Final = 1_000_000
START_MS: Final = 1_780_000_000_000


def main() -> None:
    """Run and print both sides."""
    with Cluster(Path(HOME)):
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        clients = fill()
        measure(clients)


def fill() -> list[tuple[int, int, int]]:
    """Make sessions that exist already, as in a site that runs."""
    from django.db import connection

    rng = random.Random(1)
    clients = [
        (rng.randrange(1, MEMBERS), rng.randrange(1, RELEASES), rng.getrandbits(63))
        for _ in range(SESSIONS)
    ]
    with connection.cursor() as cursor:
        columns = "user_id, release_id, session, generation, uploaded, downloaded"
        text = (
            f'COPY ledger_peersession ({columns}, "left", is_running, first_at, last_at) FROM STDIN'
        )
        with cursor.copy(text) as copy:
            for client in clients:
                copy.write_row((*client, 0, 0, 0, 0, True, "2026-05-01Z", "2026-05-28Z"))
        cursor.execute(
            "INSERT INTO ledger_transfer (user_id, release_id, raw_up, raw_down, credited_up,"
            " credited_down, seed_time_s, first_at, last_at)"
            " SELECT DISTINCT user_id, release_id, 0, 0, 0, 0, 0, now(), now()"
            " FROM ledger_peersession"
        )
        cursor.execute(
            "INSERT INTO ledger_balance SELECT DISTINCT user_id, 0, 0, 0, 0, 0 FROM ledger_transfer"
        )
        cursor.execute("ANALYZE")
    return clients


def measure(clients: list[tuple[int, int, int]]) -> None:
    """Apply facts of random clients, batch by batch."""
    from django.db import connection

    from bottin.ledger.actions import apply_batch
    from bottin.tracker.dataplane import Fact

    rng = random.Random(2)
    rng.shuffle(clients)
    facts = [
        Fact(i, release, user, session, 0, 0, 4, 4, 10**9 + i, 10**6 + i, 0, START_MS + i)
        for i, (user, release, session) in ((i, clients[i % len(clients)]) for i in range(FACTS))
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    server_s, own_s, began = processor.used_by(backend), processor.own_s(), time.perf_counter()
    for start in range(0, FACTS, BATCH):
        apply_batch(facts[start : start + BATCH], stream="bench")
    wall_s = time.perf_counter() - began
    server_s, own_s = processor.used_by(backend) - server_s, processor.own_s() - own_s
    print(f"facts {FACTS}, batches of {BATCH}, {SESSIONS} sessions known before")
    print(f"wall        {FACTS / wall_s:>9,.0f} facts/s")
    print(f"one core    {FACTS / (server_s + own_s):>9,.0f} facts/s  (goal 20,000)")
    print(
        f"CPU a fact  {1e6 * own_s / FACTS:.1f} µs Python, {1e6 * server_s / FACTS:.1f} µs server"
    )


if __name__ == "__main__":
    main()
