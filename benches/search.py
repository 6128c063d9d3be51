"""What searches cost: `python benches/search.py [RELEASES] [SECONDS]`, 200,000 and 3 by default.

Starts a PostgreSQL of its own, fills the catalogue with made-up releases (about twenty
files each), builds the index the way `bottin reindex` does, and asks the same queries
of the index, with all facets, and of PostgreSQL's full text (one facet), alone and
with eight clients at once. Goals of design section 5: at most 20 ms at the 99th
percentile with 1,000,000 releases, facets included; a million indexed in 90 s.
"""

import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

HOME: Final = tempfile.mkdtemp(prefix="bottin-bench-")
os.environ["BOTTIN_DATA_DIR"] = HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "bottin.config.settings"

import django  # noqa: E402 - after the environment is set
from django.db.backends.utils import CursorWrapper  # noqa: E402

from bottin.config.database import Cluster  # noqa: E402

RELEASES: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
SECONDS: Final = float(sys.argv[2]) if len(sys.argv) > 2 else 3.0
CLIENTS: Final = 8
GOAL_MS: Final = 20
WORDS: Final = 40_000
TAGS: Final = 2_000
_SYLLABLES: Final = "ba be bi bo chan cher cla cou da de don fa fleur ga ger ha jar la lec lin"
_ENDINGS: Final = "s tion ment e er ing ed ique age eux"
_REAL: Final = [
    "histoire",
    "musique",
    "linux",
    "debian",
    "carte",
    "france",
    "livre",
    "archives",
    "concert",
    "données",
    "film",
    "photo",
    "guide",
    "history",
    "music",
    "free",
    "library",
    "open",
    "science",
    "paris",
    "ubuntu",
    "opéra",
    "poésie",
    "conférence",
    "radio",
    "map",
]
_EXTENSIONS: Final = ("flac", "ogg", "pdf", "iso", "txt", "jpg", "webm", "csv", "epub", "mp4")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of query: how to ask the n-th of it from the index, and from PostgreSQL."""

    name: str
    request: Callable[[int], Any]
    sql: Callable[[int], tuple[str, list[Any]]] | None = None


class Vocabulary:
    """Words as often as in a language: few everywhere, most hardly anywhere."""

    def __init__(self) -> None:
        """Invent them, the same at each run."""
        chance = random.Random(20)
        syllables, endings = _SYLLABLES.split(), _ENDINGS.split()
        invented = {
            "".join(chance.choices(syllables, k=chance.randint(2, 4))) + chance.choice(endings)
            for _ in range(WORDS * 2)
        }
        self.words = [*_REAL, *sorted(invented)][:WORDS]
        chance.shuffle(self.words)
        # The words of the queries below stand at known places.
        for place, word in enumerate(_REAL):
            at = self.words.index(word)
            rank = 3 + place * 60
            self.words[at], self.words[rank] = self.words[rank], self.words[at]
        self.weights = [1 / (rank + 8) for rank in range(len(self.words))]
        self.running = list(_sums(self.weights))

    def text(self, chance: random.Random, count: int) -> list[str]:
        """Draw words."""
        return chance.choices(self.words, cum_weights=self.running, k=count)


def main() -> None:
    """Run and print."""
    with Cluster(Path(HOME)):
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        vocabulary = Vocabulary()
        took = timed(lambda: fill(vocabulary))
        print(f"{RELEASES:,} releases, {files():,} files, copied in {took:.0f} s")
        build_index()
        build_text()
        ask(vocabulary)


def fill(vocabulary: Vocabulary) -> None:
    """Publish one release the usual way, copy it, and give each copy words of its own."""
    from django.db import connection

    from bottin.catalog.models import Category, Licence, Tag

    template = one_release()
    categories = list(
        Category.objects.filter(parent__isnull=False, alias_of=None).values_list("pk", flat=True)
    )
    licences = list(Licence.objects.values_list("pk", flat=True))
    Tag.objects.bulk_create([Tag(slug=f"sujet-{n}") for n in range(TAGS)], ignore_conflicts=True)
    tags = list(Tag.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_STAGING)
        with cursor.cursor.copy(f"COPY staging ({_COLUMNS}) FROM STDIN") as copy:
            for row in rows(vocabulary, categories, licences):
                copy.write_row(row)
        spread(cursor, template)
        cursor.execute(
            "INSERT INTO catalog_release_tags (release_id, tag_id)"
            " SELECT id + %s, (%s::bigint[])[1 + tag %% %s] FROM staging, unnest(tags) tag"
            " ON CONFLICT DO NOTHING",
            [template, tags, len(tags)],
        )
        cursor.execute(
            "INSERT INTO tracker_swarmcount"
            " (release_id, seeders, leechers, completed, completed_open, updated_at)"
            " SELECT id + %s, seeders, seeders / 3, seeders * 7, 0, now() FROM staging",
            [template],
        )
        cursor.execute("VACUUM ANALYZE")


_COLUMNS: Final = (
    "id, title, description, files, category, licence, language, size, age_min, seeders, tags,"
    " kinds"
)
_STAGING: Final = """CREATE UNLOGGED TABLE staging (id bigint, title text, description text,
    files text, category int, licence text, language text, size bigint, age_min int,
    seeders int, tags int[], kinds text[])"""
# What differs from one copy to the next; all else is the first release's.
_COPY: Final = {
    "id": "s.id + r.id",
    "title": "s.title",
    "title_key": "lower(s.title)",
    "name": "'r' || s.id",
    "description": "s.description",
    "category_id": "s.category",
    "licence_id": "s.licence",
    "language": "s.language",
    "size_bytes": "s.size",
    "published_at": "r.published_at - s.age_min * interval '1 minute'",
    "file_kinds": "s.kinds",
    "is_open": "s.id %% 5 = 0",
    "version": "(ARRAY['v1','v1','v1','hybrid','v2'])[1 + s.id %% 5]",
    "info_hash_v1": "substr(sha256(s.id::text::bytea), 1, 20)",
    "info_hash_v2": "NULL",
    "content_digest": "sha256((-s.id)::text::bytea)",
    "pieces_digest": "substr(sha256((-s.id)::text::bytea), 1, 20)",
    "tree_digest": "NULL",
}


def one_release() -> int:
    """Publish one release the usual way; its id."""
    from django.utils import timezone

    from bottin.accounts.permissions import Role
    from bottin.accounts.viewer import viewer_for
    from tests.factories import catalog

    trusted = catalog.account(Role.TRUSTED_PUBLISHER)
    return catalog.published(viewer_for(trusted), at=timezone.now()).pk


def rows(
    vocabulary: Vocabulary, categories: list[int], licences: list[str]
) -> Iterator[tuple[Any, ...]]:
    """Invent releases."""
    chance = random.Random(7)
    for number in range(1, RELEASES + 1):
        words = vocabulary.text(chance, 50)
        length = chance.randint(3, 9)
        title = " ".join(words[:length]).capitalize()
        if number % 4 == 0:
            title += f" {chance.randint(1900, 2026)}"
        if number % 7 == 0:
            title += f" {chance.randint(1, 20)}.{chance.randint(0, 12)}"
        count = min(200, int(chance.expovariate(1 / 20)) + 1)
        ends = chance.choices(_EXTENSIONS, k=count)
        named = zip(
            vocabulary.text(chance, count), vocabulary.text(chance, count), ends, strict=True
        )
        listed = "\n".join(
            f"{1000 + n}\t\t{n:02}-{one}_{two}.{end}" for n, (one, two, end) in enumerate(named)
        )
        yield (
            number,
            title,
            " ".join(words[length:]),
            listed,
            categories[int(len(categories) * chance.random() ** 2)],
            licences[int(len(licences) * chance.random() ** 2)],
            ("fr", "fr", "en", "en", "", "de")[number % 6],
            int(10 ** chance.uniform(5, 11)),
            number,
            max(0, int(chance.paretovariate(0.8)) - 1) % 5_000,
            [chance.randrange(TAGS) for _ in range(chance.randint(0, 4))],
            list({("audio", "video", "document", "image", "archive")[n % 5] for n in range(count)}),
        )


def spread(cursor: CursorWrapper, template: int) -> None:
    """Make a release and its stored torrent of each staged row."""
    for table, key, changes in (
        ("catalog_release", "id", _COPY),
        (
            "catalog_storedmetainfo",
            "release_id",
            {"release_id": "s.id + r.release_id", "files": "s.files"},
        ),
    ):
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
        columns = [name for (name,) in cursor.fetchall()]
        values = ", ".join(changes.get(name, f'r."{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        cursor.execute(
            f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {values}"  # noqa: S608 - names of our own tables
            f" FROM {table} r, staging s WHERE r.{key} = %s",
            [template],
        )


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


def kinds(vocabulary: Vocabulary) -> Iterator[Kind]:
    """Tell what is asked."""
    from bottin.catalog.models import Category
    from bottin.search.requests import SearchRequest

    rare = vocabulary.words[20_000:39_000]
    common = vocabulary.words[150:250]
    everywhere = vocabulary.words[5:25]
    middle = vocabulary.words[1_000:3_000]
    shelf = Category.objects.filter(parent__isnull=False, alias_of=None).first()
    request = partial(SearchRequest, with_facets=True)
    match = "FROM bench_text WHERE words @@ plainto_tsquery('french', %s)"
    rank = " ORDER BY ts_rank(words, plainto_tsquery('french', %s)) DESC"

    def text(words: list[str], number: int) -> str:
        return words[number % len(words)]

    def two(number: int) -> str:
        return f"{text(middle, number)} {text(common, number)}"

    def ranked(word: str) -> tuple[str, list[Any]]:
        return match + rank, [word, word]

    yield Kind(
        "rare word", lambda n: request(f'{text(rare, n)} -"x"'), lambda n: ranked(text(rare, n))
    )
    yield Kind(
        "middling word", lambda n: request(text(middle, n)), lambda n: ranked(text(middle, n))
    )
    yield Kind("common word", lambda n: request(text(common, n)), lambda n: ranked(text(common, n)))
    yield Kind(
        "word of half of all",
        lambda n: request(text(everywhere, n)),
        lambda n: ranked(text(everywhere, n)),
    )
    yield Kind("two words", lambda n: request(two(n)), lambda n: ranked(two(n)))
    yield Kind(
        "phrase",
        lambda n: request(f'"{text(common, n)} {text(common, n + 1)}"'),
        lambda n: (
            "FROM bench_text WHERE words @@ phraseto_tsquery('french', %s) ORDER BY age_min",
            [f"{text(common, n)} {text(common, n + 1)}"],
        ),
    )
    yield Kind(
        "beginning of a word",
        lambda n: request(text(middle, n)[:4]),
        lambda n: (
            "FROM bench_text WHERE words @@ to_tsquery('simple', %s) ORDER BY age_min",
            [f"{text(middle, n)[:4]}:*"],
        ),
    )
    yield Kind("one letter wrong", lambda n: request(f"{_misspelt(text(rare, n))} "))
    yield Kind("file name", lambda n: request(f"file:{text(middle, n)}"))
    yield Kind(
        "common, in a shelf, seeders",
        lambda n: request(text(common, n), category=shelf, sort="seeders"),
        lambda n: (
            f"{match} AND category = {shelf.pk if shelf else 0} ORDER BY seeders DESC",
            [text(common, n)],
        ),
    )
    yield Kind(
        "common, two facets chosen",
        lambda n: request(
            text(common, n), filters={"status": ("alive", "fragile"), "language": ("fr",)}
        ),
        lambda n: (
            f"{match} AND seeders > 0 AND language = 'fr'{rank}",
            [text(common, n), text(common, n)],
        ),
    )
    yield Kind(
        "everything by date",
        lambda _n: request("", sort="newest"),
        lambda _n: ("FROM bench_text ORDER BY age_min", []),
    )
    yield Kind(
        "size and seeders by size",
        lambda n: request(f"size:>{1 + n % 9}G seeders:>0", sort="size"),
        lambda n: (
            "FROM bench_text WHERE size > %s AND seeders > 0 ORDER BY size DESC",
            [(1 + n % 9) * 10**9],
        ),
    )
    yield Kind("common word by name", lambda n: request(text(common, n), sort="title"))


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


def _misspelt(word: str) -> str:
    return f"{word[:2]}{word[3]}{word[2]}{word[4:]}" if len(word) > 4 else word


def _at(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _sums(weights: list[float]) -> Iterator[float]:
    total = 0.0
    for weight in weights:
        total += weight
        yield total


if __name__ == "__main__":
    main()
