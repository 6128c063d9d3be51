"""Whether what is derived from releases agrees with them: counts, listings, denied hashes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import Count

from bottin.catalog.listings import facts_of
from bottin.catalog.models import Category, Release
from bottin.catalog.states import TOMBSTONES, ReleaseState
from bottin.tracker.models import DeniedHash, Listing
from bottin.tracker.outbox import ListingFacts

_BATCH: Final = 5_000
_UNLISTED: Final = frozenset({ReleaseState.DRAFT, ReleaseState.REJECTED, ReleaseState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Difference:
    """Something derived that is not what its source says."""

    subject: str
    source: str
    derived: str


def shelf_counts() -> Iterator[Difference]:
    """Compare the count kept on each shelf with its published releases."""
    counted = Release.objects.listed().order_by().values_list("category_id")
    found = dict(counted.annotate(listed=Count("pk")))
    for category in Category.objects.order_by("pk"):
        listed = found.get(category.pk, 0)
        if listed != category.listed_count:
            yield Difference(f"category:{category.pk}", str(listed), str(category.listed_count))


def listings() -> Iterator[Difference]:
    """Compare what the tracker may serve with what each release is."""
    last = 0
    while rows := list(_handed_in(last)):
        last = rows[-1].pk
        kept = {row.release_id: row for row in Listing.objects.filter(pk__in=[r.pk for r in rows])}
        for release in rows:
            yield from _listing_difference(release, kept.get(release.pk))
    known = Release.objects.values("pk")
    for orphan in Listing.objects.exclude(release_id__in=known).order_by("pk"):
        yield Difference(f"release:{orphan.release_id}", "no release", "listed")


def denied_hashes() -> Iterator[Difference]:
    """Find removed releases whose hashes the tracker does not deny (LAW-1, the second gate)."""
    denied = set(DeniedHash.objects.filter(lifted_at=None).values_list("info_hash", flat=True))
    for release in Release.objects.filter(state__in=TOMBSTONES).order_by("pk").iterator():
        hashes = [release.info_hash_v1, (release.info_hash_v2 or b"")[:20]]
        if any(value and value not in denied for value in hashes):
            yield Difference(f"release:{release.pk}", release.state, "its hash is not denied")


def wrong_listings() -> Iterator[int]:
    """Yield the releases whose listing is missing or wrong."""
    for difference in listings():
        yield int(difference.subject.removeprefix("release:"))


def _handed_in(last: int) -> Iterator[Release]:
    rows = Release.objects.exclude(state=ReleaseState.DRAFT).filter(pk__gt=last).order_by("pk")
    return rows[:_BATCH].iterator(chunk_size=_BATCH)


def _listing_difference(release: Release, kept: Listing | None) -> Iterator[Difference]:
    wanted = facts_of(release)
    if kept is None:
        # An earlier release of the same torrent makes room for the one that is listed.
        if ReleaseState(release.state) not in _UNLISTED:
            yield Difference(f"release:{release.pk}", release.state, "not listed")
        return
    found = ListingFacts(
        release_id=kept.release_id,
        info_hash_v1=kept.info_hash_v1,
        info_hash_v2=kept.info_hash_v2,
        state=wanted.state.__class__(kept.state),
        is_open=kept.is_open,
        up_quarters=wanted.up_quarters,
        down_quarters=wanted.down_quarters,
        size_bytes=wanted.size_bytes,
    )
    if found != wanted:
        yield Difference(f"release:{release.pk}", _shown(wanted), _shown(found))


def _shown(facts: ListingFacts) -> str:
    digest = facts.info_hash_v1 or facts.info_hash_v2 or b""
    return f"{facts.state.name.lower()} open={facts.is_open} {digest.hex()[:12]}…"
