"""What pages cost on a full directory: `python benches/pages.py [RELEASES]`, 100,000 by default.

Starts a PostgreSQL of its own, fills it with copies of one release, then asks
for pages through the whole of Django, in this process. Prints milliseconds of
wall time and of processor time (both sides), and answers a second per core.
Goals of design section 5: home, list and release page at most 60 ms at the 95th
percentile with 1,000,000 releases; at least 500 `.torrent` downloads a second and core.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

HOME: Final = tempfile.mkdtemp(prefix="bottin-bench-")
os.environ["BOTTIN_DATA_DIR"] = HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "bottin.config.settings"

import django  # noqa: E402 - after the environment is set

from benches.measured.processor import both_s  # noqa: E402
from bottin.config.database import Cluster  # noqa: E402

if TYPE_CHECKING:
    from django.test import Client

RELEASES: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
ROUNDS: Final = 300
GOAL_MS: Final = 60

# What differs from one copy to the next; all else is the first release's.
_COPY: Final = {
    "id": "i",
    "title": "'Enregistrement ' || i",
    "title_key": "'enregistrement ' || i",
    "size_bytes": "1000 + i::bigint * 7919 %% 100000007",
    "published_at": "published_at - i * interval '1 minute'",
    "info_hash_v1": "substr(sha256(i::text::bytea), 1, 20)",
    "info_hash_v2": "NULL",
    "content_digest": "sha256((-i)::text::bytea)",
    "pieces_digest": "substr(sha256((-i)::text::bytea), 1, 20)",
    "tree_digest": "NULL",
}


def main() -> None:
    """Run and print."""
    with Cluster(Path(HOME)):
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        first, member = one_release()
        fill(first)
        work_out()
        print(f"{RELEASES:,} releases, {ROUNDS} requests of each kind")
        header = f"{'page':<22}{'p50':>8}{'p95':>8}{'p99':>8}{'processor':>11}{'per core':>11}"
        print(f"{header}   goal")
        for name, path, goal in pages(first, member):
            print(f"{name:<22}{line(path)}   {goal}")


def one_release() -> tuple[int, int]:
    """Publish one release the usual way; its id and its publisher's."""
    from django.utils import timezone

    from bottin.accounts.permissions import Role
    from bottin.accounts.viewer import viewer_for
    from tests.factories import catalog

    trusted = catalog.account(Role.TRUSTED_PUBLISHER)
    made = catalog.published(viewer_for(trusted), at=timezone.now())
    return made.pk, trusted.pk


def fill(first: int) -> None:
    """Copy the release and what hangs on it, and let swarms be of many sizes."""
    from django.db import connection

    with connection.cursor() as cursor:
        last = first + RELEASES - 1
        for table, key, changes in (
            ("catalog_release", "id", _COPY),
            ("catalog_storedmetainfo", "release_id", {"release_id": "i"}),
        ):
            cursor.execute(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = %s AND is_generated = 'NEVER'",
                [table],
            )
            columns = [name for (name,) in cursor.fetchall()]
            values = ", ".join(changes.get(name, f'"{name}"') for name in columns)
            names = ", ".join(f'"{name}"' for name in columns)
            cursor.execute(
                f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {values}"  # noqa: S608 - names of our own tables
                f" FROM {table}, generate_series(%s, %s) i WHERE {table}.{key} = %s",
                [first + 1, last, first],
            )
        cursor.execute(
            "INSERT INTO tracker_swarmcount (release_id, seeders, leechers, completed, updated_at)"
            " SELECT i, i %% 97, i %% 31, i %% 1009, now() FROM generate_series(%s, %s) i"
            " ON CONFLICT DO NOTHING",
            [first, last],
        )
        cursor.execute("VACUUM ANALYZE")


def work_out() -> None:
    """Let charts and needs be worked out, as the worker of a running site has done."""
    from bottin.community import tasks

    began = time.perf_counter()
    tasks.refresh_ranks()
    tasks.refresh_long_ranks()
    print(f"charts and needs worked out in {time.perf_counter() - began:.1f} s")


def pages(first: int, member: int) -> Iterator[tuple[str, Callable[[int], Any], str]]:
    """Tell each kind of page, how to ask for the n-th of it, and what it should cost."""
    from django.conf import settings
    from django.test import Client

    from bottin.accounts.models import Account
    from bottin.catalog.models import Release

    settings.ALLOWED_HOSTS = ["*"]
    stranger, signed_in = Client(), Client()
    signed_in.force_login(Account.objects.get(pk=member))
    release = Release.objects.select_related("category").get(pk=first)
    shelf = f"/c/{release.category.slug}" if release.category else "/"

    def some(number: int) -> int:
        return first + number * 7919 % RELEASES

    under = f"p95 under {GOAL_MS} ms"
    yield "home", lambda _: stranger.get("/"), under
    yield "home, signed in", lambda _: signed_in.get("/"), under
    yield "list, newest", lambda _: stranger.get(shelf), under
    for sort in ("size", "seeders", "title"):
        yield f"list, by {sort}", partial(listed, stranger, f"{shelf}?sort={sort}"), under
    yield "release page", lambda n: stranger.get(f"/torrents/{some(n)}", follow=True), under
    yield "its .torrent", lambda n: signed_in.get(f"/torrents/{some(n)}/download"), "500 a second"


def listed(client: "Client", path: str, _: int) -> object:
    """Ask for a list."""
    return client.get(path)


def line(ask: Callable[[int], Any]) -> str:
    """Ask many times; the figures as a line."""
    for number in range(10):
        answer = ask(number)
        if answer.status_code != 200:
            raise SystemExit(f"status {answer.status_code}")
    walls, began = [], both_s()
    for number in range(ROUNDS):
        start = time.perf_counter()
        b"".join(ask(number + 10))
        walls.append((time.perf_counter() - start) * 1000)
    processor = (both_s() - began) / ROUNDS * 1000
    cuts = statistics.quantiles(walls, n=100)
    p50, p95, p99 = statistics.median(walls), cuts[94], cuts[98]
    return f"{p50:>8.1f}{p95:>8.1f}{p99:>8.1f}{processor:>8.1f} ms{1000 / processor:>9.0f}/s"


if __name__ == "__main__":
    main()
