"""From rows of the catalogue to entries of the index, many at a time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.conf import settings
from django.db.models import F

from bottin.catalog.models import Release
from bottin.search.entries import Entry

# A release of 50,000 files may have long paths; what is beyond is not searched.
_FILES_CHARACTERS: Final = 2_000_000


class _Row(NamedTuple):
    """The columns that are searched; plain values, for a rebuild reads a million of them."""

    pk: int
    title: str
    name: str
    description: str
    language: str
    category_id: int | None
    parent_id: int | None
    licence_id: str | None
    licence_family: str | None
    publisher_name: str
    size_bytes: int
    published_at: datetime | None
    file_kinds: list[str]
    version: str
    is_open: bool
    swarm_seeders: int | None
    swarm_leechers: int | None
    swarm_completed: int | None
    files: str | None


def entries_of(release_ids: Sequence[int]) -> Iterator[Entry]:
    """Yield the entries of the published releases among these. Two queries."""
    rows = (
        Release.objects.listed()
        .filter(pk__in=release_ids)
        .annotate(
            parent_id=F("category__parent_id"),
            licence_family=F("licence__family"),
            publisher_name=F("publisher__name"),
            swarm_seeders=F("swarm__seeders"),
            swarm_leechers=F("swarm__leechers"),
            swarm_completed=F("swarm__completed"),
            files=F("metainfo__files"),
        )
        .order_by("pk")
        .values_list(*_Row._fields)
    )
    tags = _tags(release_ids)
    is_public = settings.BOTTIN_ACCESS == "public"
    for values in rows:
        row = _Row(*values)
        yield _entry(row, tags.get(row.pk, []), is_open=row.is_open or is_public)


def _tags(release_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    links = Release.tags.through.objects.filter(release_id__in=release_ids)
    for release_id, slug in links.order_by("pk").values_list("release_id", "tag__slug"):
        found[release_id].append(slug)
    return found


def _entry(row: _Row, tags: list[str], *, is_open: bool) -> Entry:
    return Entry(
        release_id=row.pk,
        title=f"{row.title}\n{row.name}",
        body="\n".join([" ".join(tags), row.publisher_name, row.description]),
        files=_paths(row.files or ""),
        is_english=row.language.startswith("en"),
        category_id=row.category_id or 0,
        family_id=row.parent_id or row.category_id or 0,
        exact={
            "licence": _licence_words(row.licence_id or "", row.licence_family or ""),
            "language": _language_words(row.language),
            "tag": tags,
            "publisher": [row.publisher_name.lower()],
            "kind": row.file_kinds,
            "version": [row.version],
            "open": ["yes" if is_open else "no"],
        },
        size_bytes=row.size_bytes,
        published_s=int(row.published_at.timestamp()) if row.published_at else 0,
        counts=(row.swarm_seeders or 0, row.swarm_leechers or 0, row.swarm_completed or 0),
    )


def _paths(files: str) -> str:
    lines = files[:_FILES_CHARACTERS].split("\n")
    return "\n".join([line.split("\t", 2)[-1] for line in lines])


def _licence_words(code: str, family: str) -> list[str]:
    """`CC-BY-SA-4.0` is found as itself, as `cc-by-sa`, `cc`, and by its family."""
    parts = code.lower().split("-")
    prefixes = ["-".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return [word for word in dict.fromkeys([*prefixes, family, family.replace("_", "-")]) if word]


def _language_words(language: str) -> list[str]:
    lowered = language.lower()
    return list(dict.fromkeys(word for word in (lowered, lowered.partition("-")[0]) if word))
