"""From rows of the catalogue to entries of the index, many at a time."""

from collections.abc import Iterator, Sequence
from typing import Final

from django.db.models import Prefetch

from bottin.catalog.listings import is_open_to_all
from bottin.catalog.models import Release, StoredMetainfo, Tag
from bottin.search.entries import Entry

# A release of 50,000 files may have long paths; what is beyond is not searched.
_FILES_CHARACTERS: Final = 2_000_000


def entries_of(release_ids: Sequence[int]) -> Iterator[Entry]:
    """Yield the entries of the published releases among these. Three queries."""
    rows = (
        Release.objects.listed()
        .filter(pk__in=release_ids)
        .select_related("publisher", "licence", "category", "swarm")
        .prefetch_related(Prefetch("tags", Tag.objects.only("slug")))
        .order_by("pk")
    )
    files = dict(
        StoredMetainfo.objects.filter(pk__in=release_ids).values_list("release_id", "files")
    )
    for row in rows:
        yield _entry(row, files.get(row.pk, ""))


def _entry(release: Release, files: str) -> Entry:
    tags = [tag.slug for tag in release.tags.all()]
    category, publisher = release.category, release.publisher.name
    return Entry(
        release_id=release.pk,
        title=f"{release.title}\n{release.name}",
        body="\n".join([" ".join(tags), publisher, release.description]),
        files=_paths(files),
        is_english=release.language.startswith("en"),
        category_id=category.pk if category else 0,
        family_id=category.family_id if category else 0,
        exact={
            "licence": _licence_words(release),
            "language": _language_words(release.language),
            "tag": tags,
            "publisher": [publisher.lower()],
            "kind": release.file_kinds,
            "version": [release.version],
            "open": ["yes" if is_open_to_all(release) else "no"],
        },
        size_bytes=release.size_bytes,
        published_s=int(release.published_at.timestamp()) if release.published_at else 0,
        counts=(release.seeders, release.leechers, release.completed),
    )


def _paths(files: str) -> str:
    lines = files[:_FILES_CHARACTERS].split("\n")
    return "\n".join(line.split("\t", 2)[-1] for line in lines)


def _licence_words(release: Release) -> list[str]:
    """`CC-BY-SA-4.0` is found as itself, as `cc-by-sa`, `cc`, and by its family."""
    licence = release.licence
    if licence is None:
        return []
    parts = licence.code.lower().split("-")
    prefixes = ["-".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return list(dict.fromkeys([*prefixes, licence.family, licence.family.replace("_", "-")]))


def _language_words(language: str) -> list[str]:
    lowered = language.lower()
    return list(dict.fromkeys(word for word in (lowered, lowered.partition("-")[0]) if word))
