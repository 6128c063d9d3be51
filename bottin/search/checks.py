"""Whether the index holds the published releases, and no other."""

from collections.abc import Iterator

from bottin.catalog.checks import Difference
from bottin.catalog.models import Release
from bottin.search import places
from bottin.search.index import Reader


def indexed_releases() -> Iterator[Difference]:
    """Compare the ids of the index with those of published releases."""
    folder = places.in_force()
    if folder is None:
        yield Difference("index", "published releases", "no index")
        return
    indexed = Reader(folder).ids()
    published = set(Release.objects.listed().values_list("pk", flat=True))
    for release_id in sorted(published - indexed):
        yield Difference(f"release:{release_id}", "published", "not in the index")
    for release_id in sorted(indexed - published):
        yield Difference(f"release:{release_id}", "not published", "in the index")
