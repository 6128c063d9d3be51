"""Whether the index holds the published releases, and no other, as they are."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from bottin.catalog.checks import Difference
from bottin.catalog.models import Release
from bottin.search import places
from bottin.search.entries import date_value, value_of
from bottin.search.index import Reader

_COLUMNS: Final = ("category", "size", "by_date")


def indexed_releases() -> Iterator[Difference]:
    """Compare the ids of the index, and categories, sizes and dates, with published releases."""
    folder = places.in_force()
    if folder is None:
        yield Difference("index", "published releases", "no index")
        return
    try:
        indexed = Reader(folder).columns(_COLUMNS)
    except (OSError, ValueError):
        yield Difference("index", "published releases", "a damaged index")
        return
    columns = ("pk", "category_id", "size_bytes", "published_at")
    published = {row[0]: row[1:] for row in Release.objects.listed().values_list(*columns)}
    for release_id in sorted(published.keys() | indexed.keys()):
        found = indexed.get(release_id)
        if release_id not in published:
            yield Difference(f"release:{release_id}", "not published", "in the index")
        elif found is None:
            yield Difference(f"release:{release_id}", "published", "not in the index")
        else:
            yield from _differences(release_id, published[release_id], found)


def _differences(
    release_id: int, row: tuple[int | None, int, datetime | None], found: dict[str, int]
) -> Iterator[Difference]:
    category_id, size_bytes, published_at = row
    date = date_value(int(published_at.timestamp())) if published_at else 0
    wanted = {"category": category_id or 0, "size": size_bytes, "by_date": date}
    kept = found | {"by_date": value_of(found["by_date"])}
    for name, value in wanted.items():
        if kept[name] != value:
            yield Difference(f"release:{release_id} {name}", str(value), str(kept[name]))
