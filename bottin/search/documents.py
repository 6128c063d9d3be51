"""From rows of the catalogue to entries of the index, many at a time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.conf import settings
from django.db.models import BigIntegerField, Exists, F, OuterRef
from django.db.models.functions import Cast, Extract, Floor

from bottin.catalog.models import Release, SeedState, WebSeed
from bottin.search.entries import Entry
from bottin.search.scripts import grams, names, parted, spaced, year_in

if TYPE_CHECKING:
    from django.db.models import QuerySet

# A release of 50,000 files may have long paths; what is beyond is not searched.
_FILES_CHARACTERS: Final = 2_000_000
# Each release has a value, which makes the column quicker to count; "und" as in ISO 639.
UNKNOWN: Final = "und"
_STEMMED: Final = frozenset({"fr", "en"})
_V1_DIGITS: Final = 40
_SEEDS_THAT_WORK: Final = WebSeed.objects.filter(
    release_id=OuterRef("pk"), state__in=[SeedState.OK, SeedState.SLOW]
)


class _Row(NamedTuple):
    """The columns that are searched; plain values, for a rebuild reads a million of them."""

    pk: int
    title: str
    title_key: str
    original_title: str
    authors: list[str]
    year: int | None
    identifiers: list[str]
    name: str
    description: str
    language: str
    category_id: int | None
    parent_id: int | None
    licence_id: str | None
    licence_family: str | None
    publisher_name: str
    size_bytes: int
    published_s: int | None
    file_kinds: list[str]
    version: str
    is_open: bool
    info_hash_v1: bytes | None
    info_hash_v2: bytes | None
    swarm_seeders: int | None
    swarm_leechers: int | None
    swarm_completed: int | None
    files: str | None
    has_web_seed: bool


def entries_of(release_ids: Sequence[int]) -> Iterator[Entry]:
    """Yield the entries of the published releases among these. Two queries."""
    rows = list(_rows().filter(pk__in=release_ids))
    return _entries(rows, _links().filter(release_id__in=release_ids))


def entries_after(release_id: int, limit: int) -> Iterator[Entry]:
    """Yield the entries of the next `limit` published releases by id. Three queries."""
    beyond = Release.objects.listed().filter(pk__gt=release_id).order_by("pk")
    ids = list(beyond.values_list("pk", flat=True)[:limit])
    if not ids:
        return iter(())
    # Both ends are told: with a limit alone, PostgreSQL reads the tables beside the releases
    # from their beginning, each time further.
    rows = list(_rows().filter(pk__gt=release_id, pk__lte=ids[-1]))
    return _entries(rows, _links().filter(release_id__gt=release_id, release_id__lte=ids[-1]))


def _rows() -> "QuerySet[Release, tuple[Any, ...]]":
    # Numbers are made where the rows are: a date costs far more to read than to write down.
    epoch = Extract("published_at", "epoch", tzinfo=UTC)
    return (
        Release.objects.listed()
        .annotate(
            published_s=Cast(Floor(epoch), BigIntegerField()),
            parent_id=F("category__parent_id"),
            licence_family=F("licence__family"),
            publisher_name=F("publisher__name"),
            swarm_seeders=F("swarm__seeders"),
            swarm_leechers=F("swarm__leechers"),
            swarm_completed=F("swarm__completed"),
            files=F("metainfo__files"),
            has_web_seed=Exists(_SEEDS_THAT_WORK),
        )
        .order_by("pk")
        .values_list(*_Row._fields)
    )


def _links() -> "QuerySet[Any, tuple[int, str]]":
    return Release.tags.through.objects.order_by("pk").values_list("release_id", "tag__slug")


def _entries(rows: Iterable[tuple[Any, ...]], links: Iterable[tuple[int, str]]) -> Iterator[Entry]:
    tags: dict[int, list[str]] = defaultdict(list)
    for release_id, slug in links:
        tags[release_id].append(slug)
    is_public = settings.BOTTIN_ACCESS == "public"
    for values in rows:
        row = _Row._make(values)
        yield _entry(row, tags.get(row.pk, []), is_open=row.is_open or is_public)


def _entry(row: _Row, tags: list[str], *, is_open: bool) -> Entry:
    files = _paths(row.files or "")
    title = "\n".join(dict.fromkeys(filter(None, (*_titles(row), row.name))))
    authors = "\n".join(row.authors)
    labels = "\n".join([" ".join(tags), row.publisher_name])
    base = row.language.lower().partition("-")[0]
    return Entry(
        release_id=row.pk,
        title=spaced(title),
        body=spaced(f"{labels}\n{row.description}"),
        files=spaced(files),
        authors=spaced(authors),
        names=names(f"{title}\n{' '.join(tags)}"),
        grams=_grams((title, authors, labels, row.description, files)),
        language=base if base in _STEMMED else "",
        category_id=row.category_id or 0,
        family_id=row.parent_id or row.category_id or 0,
        exact={
            "licence": _licence_words(row.licence_id or "", row.licence_family or ""),
            "language": _language_words(row.language),
            "language_code": [base or UNKNOWN],
            "tag": tags,
            "publisher": [row.publisher_name.lower()],
            "kind": row.file_kinds,
            "hash": _hashes(row),
            "identifier": row.identifiers,
        },
        size_bytes=row.size_bytes,
        published_s=row.published_s or 0,
        counts=(row.swarm_seeders or 0, row.swarm_leechers or 0, row.swarm_completed or 0),
        title_key=row.title_key,
        licence=row.licence_id or "",
        licence_family=row.licence_family or "",
        publisher=row.publisher_name,
        version=row.version,
        year=row.year if row.year and row.year > 0 else year_in(row.title),
        is_open=is_open,
        has_web_seed=row.has_web_seed,
    )


def _titles(row: _Row) -> tuple[str, ...]:
    return row.title, row.original_title, parted(row.title)


def _hashes(row: _Row) -> list[str]:
    """Return the info-hashes in hexadecimal, v2 also cut to the length of v1."""
    v1, v2 = row.info_hash_v1, row.info_hash_v2
    found = [bytes(v1).hex()] if v1 else []
    return [*found, bytes(v2).hex(), bytes(v2).hex()[:_V1_DIGITS]] if v2 else found


def _paths(files: str) -> str:
    """Return the paths: size and flags stand before each, by tabs."""
    known = files[:_FILES_CHARACTERS]
    fields = known.replace("\n", "\t").split("\t")
    if len(fields) == 3 * (known.count("\n") + 1):
        return "\n".join(fields[2::3])
    # A tab in a path, or an end cut off.
    return "\n".join([line.split("\t", 2)[-1] for line in known.split("\n")])


def _grams(texts: Iterable[str]) -> str:
    # Most texts have none, and those in ASCII are known at once.
    rest = [text for text in texts if not text.isascii()]
    return grams("\n".join(rest)) if rest else ""


@lru_cache(maxsize=1_000)
def _licence_words(code: str, family: str) -> Sequence[str]:
    """`CC-BY-SA-4.0` is found as itself, as `cc-by-sa`, `cc`, and by its family."""
    parts = code.lower().split("-")
    prefixes = ["-".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return [word for word in dict.fromkeys([*prefixes, family, family.replace("_", "-")]) if word]


@lru_cache(maxsize=1_000)
def _language_words(language: str) -> Sequence[str]:
    lowered = language.lower()
    return list(dict.fromkeys(word for word in (lowered, lowered.partition("-")[0]) if word))
