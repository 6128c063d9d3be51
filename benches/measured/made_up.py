"""Made-up releases for `benches/search.py`: words as in a language, some twenty files each."""

import random
from collections.abc import Iterator
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

WORDS: Final = 40_000

DRAWN: Final = 3_000_000

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
        weights = [1 / (rank + 8) for rank in range(len(self.words))]
        self._drawn = chance.choices(self.words, weights, k=DRAWN)

    def text(self, chance: random.Random, count: int) -> list[str]:
        """Draw words: a stretch of those that were drawn beforehand, which is far quicker."""
        start = int(chance.random() * (DRAWN - count))
        return self._drawn[start : start + count]


def fill(vocabulary: Vocabulary, count: int) -> None:
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
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(_STAGING)
        with cursor.cursor.copy(f"COPY staging ({_COLUMNS}) FROM STDIN") as copy:
            for row in rows(vocabulary, count, categories, licences):
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


def is_filled(count: int) -> bool:
    """Whether so many releases are there from an earlier run."""
    from django.db import connection

    if "staging" not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        # What is filled last.
        cursor.execute("SELECT count(*) FROM tracker_swarmcount")
        found = cursor.fetchone()[0]
    if found != count:
        raise SystemExit(f"The folder holds {found:,} releases, not {count:,}.")
    return True


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
    vocabulary: Vocabulary, count: int, categories: list[int], licences: list[str]
) -> Iterator[tuple[Any, ...]]:
    """Invent releases."""
    chance = random.Random(7)
    for number in range(1, count + 1):
        words = vocabulary.text(chance, 50)
        length = chance.randint(3, 9)
        title = " ".join(words[:length]).capitalize()
        if number % 4 == 0:
            title += f" {chance.randint(1900, 2026)}"
        if number % 7 == 0:
            title += f" {chance.randint(1, 20)}.{chance.randint(0, 12)}"
        files = min(200, int(chance.expovariate(1 / 20)) + 1)
        ends = chance.choices(_EXTENSIONS, k=files)
        named = zip(
            vocabulary.text(chance, files), vocabulary.text(chance, files), ends, strict=True
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
            list({("audio", "video", "document", "image", "archive")[n % 5] for n in range(files)}),
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
