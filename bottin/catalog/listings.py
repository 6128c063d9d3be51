"""What the tracker is told of a release: its listing follows its state."""

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db.models import Q

from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from bottin.tracker import outbox
from bottin.tracker.models import ListingState
from bottin.tracker.outbox import ListingFacts

if TYPE_CHECKING:
    from django.db.models import QuerySet

_AS_LISTED: Final = {
    ReleaseState.PENDING: ListingState.PENDING,
    ReleaseState.PUBLISHED: ListingState.PUBLISHED,
    ReleaseState.CHANGES_REQUESTED: ListingState.PENDING,
    ReleaseState.REJECTED: ListingState.WITHDRAWN,
    ReleaseState.WITHDRAWN: ListingState.WITHDRAWN,
    ReleaseState.QUARANTINED: ListingState.QUARANTINED,
    ReleaseState.REMOVED_LEGAL: ListingState.REMOVED,
    ReleaseState.REMOVED_TERMS: ListingState.REMOVED,
}
# In these another release may take the same info-hash.
RELEASES_HASH: Final = frozenset(
    {ReleaseState.DRAFT, ReleaseState.REJECTED, ReleaseState.WITHDRAWN}
)


def is_open_to_all(release: Release) -> bool:
    """Whether anyone may fetch and announce it, without an account."""
    return release.is_open or settings.BOTTIN_ACCESS == "public"


def facts_of(release: Release) -> ListingFacts:
    """Return what the data plane has to know of a release that is not a draft."""
    return ListingFacts(
        release_id=release.pk,
        info_hash_v1=release.info_hash_v1,
        info_hash_v2=release.info_hash_v2,
        state=_AS_LISTED[ReleaseState(release.state)],
        is_open=is_open_to_all(release),
        size_bytes=release.size_bytes,
    )


def tell_tracker(release: Release) -> None:
    """Write the listing and its outbox row, in the transaction of the change."""
    state = ReleaseState(release.state)
    if state is ReleaseState.DRAFT:
        return
    if state in {ReleaseState.PENDING, ReleaseState.PUBLISHED}:
        # An info-hash has one listing: an earlier, rejected release of it makes room.
        for release_id in same_hash(release).filter(state__in=RELEASES_HASH):
            outbox.forget_release(release_id)
        outbox.list_release(facts_of(release))
    else:
        outbox.delist_release(release.pk, _AS_LISTED[state])


def same_hash(release: Release) -> "QuerySet[Release, int]":
    """Return the ids of other releases with one of this one's info-hashes."""
    shared = Q(pk__in=())
    if release.info_hash_v1:
        shared |= Q(info_hash_v1=release.info_hash_v1)
    if release.info_hash_v2:
        shared |= Q(info_hash_v2=release.info_hash_v2)
    others = Release.objects.filter(shared).exclude(pk=release.pk).order_by()
    return others.values_list("pk", flat=True)
