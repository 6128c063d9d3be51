"""What the data plane must learn, written in the transaction of the change itself.

A row says *which* subject changed, never how: the follower reads the subject's
state of the moment, so rows may be repeated, merged or met out of order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from bottin.tracker.models import DeniedHash, Listing, ListingState, OutboxKind

CHANNEL: Final = "bottin_outbox"
V1_SIZE: Final = 20
V2_SIZE: Final = 32
_LIST: Final = """
INSERT INTO tracker_listing (release_id, info_hash_v1, info_hash_v2, state, is_open,
    up_quarters, down_quarters, size_bytes)
SELECT * FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::smallint[], %s::boolean[],
    %s::smallint[], %s::smallint[], %s::bigint[])
ON CONFLICT (release_id) DO UPDATE SET info_hash_v1 = excluded.info_hash_v1,
    info_hash_v2 = excluded.info_hash_v2, state = excluded.state, is_open = excluded.is_open,
    up_quarters = excluded.up_quarters, down_quarters = excluded.down_quarters,
    size_bytes = excluded.size_bytes
"""
_TELL: Final = """
INSERT INTO tracker_outbox (kind, subject_id, info_hash, at)
SELECT %s, subject_id, info_hash, %s FROM unnest(%s::bigint[], %s::bytea[])
    AS told (subject_id, info_hash)
"""


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
    """The same for many releases at once, for imports: two statements for all."""
    rows = [
        (
            *(each.release_id, each.info_hash_v1, each.info_hash_v2, int(each.state)),
            *(each.is_open, each.up_quarters, each.down_quarters, each.size_bytes),
        )
        for each in listings
    ]
    if not rows:
        return
    columns = [list(column) for column in zip(*rows, strict=True)]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LIST, columns)
        _tell(OutboxKind.LISTING, subjects=columns[0])


def delist_release(release_id: int, state: ListingState) -> None:
    """Change why a release is not served; a release that was never listed stays unknown."""
    with transaction.atomic():
        Listing.objects.filter(release_id=release_id).update(state=state)
        _tell(OutboxKind.LISTING, subjects=[release_id])


def forget_release(release_id: int) -> None:
    """Drop a listing altogether: the data plane answers as if it had never existed."""
    with transaction.atomic():
        Listing.objects.filter(release_id=release_id).delete()
        _tell(OutboxKind.LISTING, subjects=[release_id])


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
        _tell(OutboxKind.DENIED, hashes=[digest])


def permit(info_hash: bytes) -> None:
    """Take an info-hash (20 or 32 bytes) off the denied list."""
    digest = _wire_form(info_hash)
    with transaction.atomic():
        DeniedHash.objects.filter(info_hash=digest).update(lifted_at=timezone.now())
        _tell(OutboxKind.PERMITTED, hashes=[digest])


def account_changed(account_id: int) -> None:
    """Let the data plane know that an account's state, key version or language changed."""
    with transaction.atomic():
        _tell(OutboxKind.ACCOUNT, subjects=[account_id])


def counts_changed(release_ids: Iterable[int]) -> None:
    """Let the data plane know that more downloads of these releases were finished."""
    with transaction.atomic():
        _tell(OutboxKind.LISTING, subjects=list(release_ids))


def clients_changed() -> None:
    """Let the data plane know that the team's rules about clients changed."""
    with transaction.atomic():
        _tell(OutboxKind.CLIENTS, subjects=[0])


def _tell(kind: OutboxKind, *, subjects: Sequence[int] = (), hashes: Sequence[bytes] = ()) -> None:
    with connection.cursor() as cursor:
        # The shorter array of the two is filled up with NULL.
        cursor.execute(_TELL, (kind.value, timezone.now(), list(subjects), list(hashes)))
        # Delivered at commit, and only then; lost notifications are covered by polling.
        cursor.execute(f"NOTIFY {CHANNEL}")


def _wire_form(info_hash: bytes) -> bytes:
    if len(info_hash) not in {V1_SIZE, V2_SIZE}:
        raise ValueError("an info-hash is 20 bytes (v1) or 32 bytes (v2)")
    return info_hash[:V1_SIZE]
