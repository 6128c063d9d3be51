"""What the data plane must learn, written in the transaction of the change itself.

A row says *which* subject changed, never how: the follower reads the subject's
state of the moment, so rows may be repeated, merged or met out of order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from bottin.tracker.models import DeniedHash, Listing, ListingState, Outbox, OutboxKind

CHANNEL: Final = "bottin_outbox"
V1_SIZE: Final = 20
V2_SIZE: Final = 32
_BATCH: Final = 5_000


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """One release as the data plane has to know it.

    `info_hash_v1` is 20 bytes, `info_hash_v2` 32 bytes, at least one is given.
    Factors are in quarters: 4 counts every byte once, 0 is freeleech. `size_bytes`,
    0 when not known, is for the ledger alone.
    """

    release_id: int
    info_hash_v1: bytes | None
    info_hash_v2: bytes | None
    state: ListingState = ListingState.PUBLISHED
    is_open: bool = False
    up_quarters: int = 4
    down_quarters: int = 4
    size_bytes: int = 0

    def __post_init__(self) -> None:
        """Raise ValueError when no info-hash is given or one has the wrong size."""
        sizes = [(self.info_hash_v1, V1_SIZE), (self.info_hash_v2, V2_SIZE)]
        if all(digest is None for digest, _ in sizes):
            raise ValueError("a listing needs an info-hash")
        if any(digest is not None and len(digest) != size for digest, size in sizes):
            raise ValueError("an info-hash is 20 bytes (v1) or 32 bytes (v2)")


def list_release(listing: ListingFacts) -> None:
    """Let the data plane know a release, or a change of one; in force ≤ 1 s after the commit."""
    list_releases([listing])


def list_releases(listings: Iterable[ListingFacts]) -> None:
    """The same for many releases at once, for imports: two statements for each 5,000."""
    rows = [
        Listing(
            release_id=listing.release_id,
            info_hash_v1=listing.info_hash_v1,
            info_hash_v2=listing.info_hash_v2,
            state=listing.state,
            is_open=listing.is_open,
            up_quarters=listing.up_quarters,
            down_quarters=listing.down_quarters,
            size_bytes=listing.size_bytes,
        )
        for listing in listings
    ]
    columns = [
        "info_hash_v1",
        "info_hash_v2",
        "state",
        "is_open",
        "up_quarters",
        "down_quarters",
        "size_bytes",
    ]
    with transaction.atomic():
        Listing.objects.bulk_create(
            rows,
            batch_size=_BATCH,
            update_conflicts=True,
            unique_fields=["release_id"],
            update_fields=columns,
        )
        _tell([Outbox(kind=OutboxKind.LISTING, subject_id=row.release_id) for row in rows])


def delist_release(release_id: int, state: ListingState) -> None:
    """Change why a release is not served; a release that was never listed stays unknown."""
    with transaction.atomic():
        Listing.objects.filter(release_id=release_id).update(state=state)
        _tell([Outbox(kind=OutboxKind.LISTING, subject_id=release_id)])


def forget_release(release_id: int) -> None:
    """Drop a listing altogether: the data plane answers as if it had never existed."""
    with transaction.atomic():
        Listing.objects.filter(release_id=release_id).delete()
        _tell([Outbox(kind=OutboxKind.LISTING, subject_id=release_id)])


def deny(info_hash: bytes, reason: str) -> None:
    """Refuse an info-hash whatever its listing says (LAW-1, the second gate).

    `info_hash` is 20 bytes, or 32 (v2) which are cut to the 20 of the wire (V2-4);
    `reason` is for the team, at most 200 characters.
    """
    digest = _wire_form(info_hash)
    with transaction.atomic():
        DeniedHash.objects.update_or_create(
            info_hash=digest, defaults={"reason": reason[:200], "lifted_at": None}
        )
        _tell([Outbox(kind=OutboxKind.DENIED, info_hash=digest)])


def permit(info_hash: bytes) -> None:
    """Take an info-hash (20 or 32 bytes) off the denied list."""
    digest = _wire_form(info_hash)
    with transaction.atomic():
        DeniedHash.objects.filter(info_hash=digest).update(lifted_at=timezone.now())
        _tell([Outbox(kind=OutboxKind.PERMITTED, info_hash=digest)])


def account_changed(account_id: int) -> None:
    """Let the data plane know that an account's state, key version or language changed."""
    with transaction.atomic():
        _tell([Outbox(kind=OutboxKind.ACCOUNT, subject_id=account_id)])


def counts_changed(release_ids: Iterable[int]) -> None:
    """Let the data plane know that more downloads of these releases were finished."""
    with transaction.atomic():
        _tell([Outbox(kind=OutboxKind.LISTING, subject_id=number) for number in release_ids])


def _tell(rows: Sequence[Outbox]) -> None:
    Outbox.objects.bulk_create(rows, batch_size=_BATCH)
    with connection.cursor() as cursor:
        # Delivered at commit, and only then; lost notifications are covered by polling.
        cursor.execute(f"NOTIFY {CHANNEL}")


def _wire_form(info_hash: bytes) -> bytes:
    if len(info_hash) not in {V1_SIZE, V2_SIZE}:
        raise ValueError("an info-hash is 20 bytes (v1) or 32 bytes (v2)")
    return info_hash[:V1_SIZE]
