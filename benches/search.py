"""What searches cost: `python benches/search.py [RELEASES] [SECONDS]`, 200,000 and 3 by default.

Starts a PostgreSQL of its own, fills the catalogue with made-up releases (about twenty
files each), builds the index the way `bottin reindex` does, and asks the same queries
of the index, with all facets, and of PostgreSQL's full text (one facet), alone and
with eight clients at once. Goals of design section 5: at most 20 ms at the 99th
percentile with 1,000,000 releases, facets included; a million indexed in 90 s.
"""

import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

HOME: Final = tempfile.mkdtemp(prefix="bottin-bench-")
os.environ["BOTTIN_DATA_DIR"] = HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "bottin.config.settings"

import django  # noqa: E402 - after the environment is set

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benches.measured.made_up import Vocabulary, fill  # noqa: E402
from benches.measured.search_kinds import Kind, kinds  # noqa: E402
from bottin.config.database import Cluster  # noqa: E402

RELEASES: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
SECONDS: Final = float(sys.argv[2]) if len(sys.argv) > 2 else 3.0
CLIENTS: Final = 8
GOAL_MS: Final = 20


def main() -> None:
    """Run and print."""
    with Cluster(Path(HOME)):
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        vocabulary = Vocabulary()
        took = timed(lambda: fill(vocabulary, RELEASES))
        print(f"{RELEASES:,} releases, {files():,} files, copied in {took:.0f} s")
        build_index()
        build_text()
        ask(vocabulary)


def build_index() -> None:
    """Build it as `bottin reindex` does; say how fast, how large."""
    from bottin.search import places
    from bottin.search.following import rebuild

    took = timed(rebuild)
    folder = places.in_force()
    if folder is None:
        raise SystemExit("no index")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(
        f"index: {RELEASES / took:,.0f} releases/s from the database ({took:.0f} s),"
        f" {size / 1e6:,.0f} MB; 1,000,000 would take {1e6 / RELEASES * took:.0f} s (goal 90)"
    )


def build_text() -> None:
    """Give PostgreSQL the same text, weighted, in a GIN index."""
    from django.db import connection

    def build() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """CREATE UNLOGGED TABLE bench_text AS SELECT id, category, licence, language, size,
                age_min, seeders, setweight(to_tsvector('french', title), 'A')
                || to_tsvector('french', description) || to_tsvector('simple', files) AS words
                FROM staging"""
            )
            for index in ("USING gin (words)", "(age_min)", "(category)", "(seeders)"):
                cursor.execute(f"CREATE INDEX ON bench_text {index}")
            cursor.execute("VACUUM ANALYZE bench_text")

    took = timed(build)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('bench_text')")
        size = cursor.fetchone()[0]
    print(f"PostgreSQL full text: {RELEASES / took:,.0f} releases/s, {size / 1e6:,.0f} MB")


def ask(vocabulary: Vocabulary) -> None:
    """Ask each kind, and print its line."""
    from bottin.search.readers import reader

    reader().count()
    columns = ("query", "hits", "p50", "p95", "p99", "8: p50", "p99", "suffice", "PG p50", "PG p99")
    print("".join(f"{name:>9}" if place else f"{name:<28}" for place, name in enumerate(columns)))
    for kind in kinds(vocabulary):
        print(line(kind), flush=True)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"memory of this process, files of the index that are mapped included: {rss / 1e3:,.0f} MB"
    )


def line(kind: Kind) -> str:
    """Measure a kind."""
    hits, alone = measured(partial(hits_of, kind))
    together = at_once(partial(hits_of, kind))
    ours = [*percentiles(alone), statistics.median(together) * 1000, _at(together, 0.99) * 1000]
    verdict = "yes" if _at(alone, 0.99) * 1000 <= GOAL_MS else "no"
    theirs = ""
    if kind.sql is not None:
        _count, times = measured(partial(rows_of, kind))
        theirs = f"{statistics.median(times) * 1000:>9.1f}{_at(times, 0.99) * 1000:>9.1f}"
    return (
        f"{kind.name:<28}{hits:>9,}"
        + "".join(f"{value:>9.1f}" for value in ours)
        + f"{verdict:>9}{theirs}"
    )


def hits_of(kind: Kind, number: int) -> int:
    """Ask the index, facets included."""
    from bottin.accounts.viewer import ANONYMOUS
    from bottin.search import queries, readers
    from bottin.search.language import parse

    request = kind.request(number)
    plan = queries._plan(ANONYMOUS, parse(request.text), request)  # noqa: SLF001 - without the rows
    return readers.hits_of(plan).total


def rows_of(kind: Kind, number: int) -> int:
    """Ask PostgreSQL: fifty ids in order, and counts by category."""
    from django.db import connection

    if kind.sql is None:
        return 0
    sql, values = kind.sql(number)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id {sql} LIMIT 50", values)
        cursor.fetchall()
        where = sql.split("ORDER BY")[0]
        asked = values[: where.count("%s")]
        cursor.execute(f"SELECT category, count(*) {where} GROUP BY category", asked)
        return sum(count for _category, count in cursor.fetchall())


def measured(ask_one: Callable[[int], int]) -> tuple[int, list[float]]:
    """Ask for a while; the hits of one and the seconds of each."""
    hits, times = ask_one(0), []
    end = time.perf_counter() + SECONDS
    for number in range(1, 100_000):
        start = time.perf_counter()
        hits = max(hits, ask_one(number))
        times.append(time.perf_counter() - start)
        if time.perf_counter() > end:
            break
    return hits, times


def at_once(ask_one: Callable[[int], int]) -> list[float]:
    """Ask from eight threads."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        found = pool.map(lambda _client: measured(ask_one)[1], range(CLIENTS))
        return [one for times in found for one in times]


def percentiles(times: list[float]) -> list[float]:
    """Return the median, the 95th and the 99th percentile in milliseconds."""
    return [statistics.median(times) * 1000, _at(times, 0.95) * 1000, _at(times, 0.99) * 1000]


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def files() -> int:
    """Count the files of all releases."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(1 + length(files) - length(replace(files, E'\\n', ''))) FROM staging"
        )
        return int(cursor.fetchone()[0])


def _at(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    main()
