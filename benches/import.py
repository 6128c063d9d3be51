"""How many releases a second an import takes in: `python benches/import.py [RELEASES]`.

Makes records with torrents of their own (20 files, 120 pieces, a description, tags), starts
its own PostgreSQL with the settings of a site, and imports them as `bottin import` does:
worker processes parse and describe, this one writes by COPY. Half of them say everything
and go to the team's queue, half lack a licence. Goal: 2,000 releases a second.
"""

import base64
import hashlib
import json
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
from bottin.metainfo import bencode  # noqa: E402

RELEASES: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
FILES: Final = 20
PIECES: Final = 120
PIECE: Final = 262_144
SELF: Final = resource.RUSAGE_SELF
CHILDREN: Final = resource.RUSAGE_CHILDREN


def torrent(number: int) -> bytes:
    """Make a `.torrent` of made-up content."""
    size = PIECE * PIECES // FILES
    pieces = hashlib.shake_128(number.to_bytes(8)).digest(20 * PIECES)
    files = [
        {b"length": size, b"path": [b"disque %d" % (n % 2), b"%02d - piste de l'album.flac" % n]}
        for n in range(FILES)
    ]
    info = {b"files": files, b"name": b"album-%d" % number, b"piece length": PIECE}
    return bencode.encode({b"info": {**info, b"pieces": pieces}})


def record(number: int) -> bytes:
    """Make one line."""
    return json.dumps(
        {
            "kind": "release",
            "source_id": str(number),
            "title": f"Concert libre numéro {number}",
            "category": "musique",
            "licence": "CC-BY-SA-4.0" if number % 2 else "",
            "provenance_url": "https://example.org/concerts",
            "description": f"Enregistré **en public** le {number % 28 + 1} mai.\n\n- un\n- deux\n",
            "tags": ["concert", f"ville-{number % 300}"],
            "torrent": base64.b64encode(torrent(number)).decode(),
        }
    ).encode()


def main() -> None:
    """Run and print."""
    path = Path(HOME) / "records.ndjson"
    with path.open("wb") as file:
        for number in range(RELEASES):
            file.write(record(number) + b"\n")
    with Cluster(Path(HOME)):
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure(path)


def measure(path: Path) -> None:
    """Import the file twice: the second time everything is there."""
    from bottin.accounts.models import Account
    from bottin.exchange import imports
    from bottin.exchange.imports import Plan
    from bottin.exchange.sources import lines_of
    from bottin.lib import clock

    publisher = Account.objects.create_account("Banc", "banc@example.org", None)
    plan = Plan(source="banc", at=clock.now(), fallback=publisher)
    print(f"{RELEASES} releases, {path.stat().st_size / RELEASES / 1000:.1f} kB a record")
    for name in ("taken in", "again"):
        mine_s, theirs_s, began = cpu_of(SELF), cpu_of(CHILDREN), time.perf_counter()
        totals = imports.run(lines_of(path, lambda _done: None), plan)
        wall_s = time.perf_counter() - began
        each = [
            1e6 * (cpu_of(who) - was) / RELEASES
            for who, was in ((SELF, mine_s), (CHILDREN, theirs_s))
        ]
        print(
            f"{name:9} {RELEASES / wall_s:>7,.0f} releases/s  (goal 2,000)"
            f"  CPU each: {each[0]:,.0f} µs here, {each[1]:,.0f} µs in workers,"
            f" {1e6 * (both_s() - own_s()) / RELEASES:,.0f} µs in PostgreSQL"
        )
        print(f"          {totals}")
    print(f"load of the machine {os.getloadavg()[0]:.1f}")


def cpu_of(who: int) -> float:
    """Give the seconds of CPU that this process, or its workers that ended, used."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
