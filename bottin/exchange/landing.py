"""Releases of an import written in bulk: asked once for a whole batch, copied in at once.

One that says all that a release must say waits for the team (pending); one that lacks a
licence, a provenance or a shelf is a draft of its publisher until somebody says it. None is
published, listed or announced by an import (LAW-1, LAW-2).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from django.db import DataError, IntegrityError, transaction
from django.db.models import Q

from bottin.audit import log
from bottin.catalog import listings, web_seeds
from bottin.catalog.models import (
    FileRoot,
    Release,
    ReleaseChange,
    StateChange,
    StoredMetainfo,
    Tag,
)
from bottin.catalog.states import ReleaseState
from bottin.exchange.bulk import copy_in, fresh_ids
from bottin.exchange.models import ImportedRelease
from bottin.exchange.preparing import Prepared, Refused
from bottin.tracker import outbox
from bottin.tracker.outbox import ListingFacts
from bottin.uploads.models import RefusedContent

# In these an info-hash is free again.
_ENDED: Final = frozenset({ReleaseState.REJECTED, ReleaseState.WITHDRAWN})
_REASON: Final = "import"
_SHORT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Landing:
    """For whom and when a batch is written; `publishers` maps a prepared line to its account."""

    source: str
    at: datetime
    publishers: dict[int, int]


@dataclass(slots=True)
class Landed:
    """What became of a batch."""

    pending: int = 0
    drafts: int = 0
    already: int = 0
    refused: tuple[Refused, ...] = ()

    def __iadd__(self, other: "Landed") -> Self:
        """Add up two halves."""
        self.pending += other.pending
        self.drafts += other.drafts
        self.already += other.already
        self.refused += other.refused
        return self


def land(batch: Sequence[Prepared], landing: Landing, *, is_dry: bool = False) -> Landed:
    """Write a batch in one transaction; what breaks it is found by halves and refused alone.

    `is_dry`: everything is done and undone.
    """
    if not batch:
        return Landed()
    try:
        with transaction.atomic():
            landed = _land(batch, landing)
            if is_dry:
                transaction.set_rollback(True)
    except (IntegrityError, DataError) as error:
        if len(batch) == 1:
            return Landed(refused=(_refusal(batch[0], "database", str(error).split("\n")[0]),))
        half = len(batch) // 2
        landed = land(batch[:half], landing, is_dry=is_dry)
        landed += land(batch[half:], landing, is_dry=is_dry)
    return landed


def _land(batch: Sequence[Prepared], landing: Landing) -> Landed:
    known = ImportedRelease.objects.filter(
        source=landing.source, source_id__in=[each.source_id for each in batch]
    )
    there = set(known.values_list("source_id", flat=True))
    fresh = [each for each in batch if each.source_id not in there]
    refused = _refused(fresh, landing)
    kept = [each for each in fresh if each.number not in refused]
    ids = fresh_ids(Release, len(kept))
    _write(ids, kept, landing)
    pending = [(pk, each) for pk, each in zip(ids, kept, strict=True) if each.is_complete]
    _queue(pending, landing)
    return Landed(
        pending=len(pending),
        drafts=len(kept) - len(pending),
        already=len(batch) - len(fresh),
        refused=tuple(refused.values()),
    )


# --- what is refused --------------------------------------------------------------------------


def _refused(batch: Sequence[Prepared], landing: Landing) -> dict[int, Refused]:
    found: dict[int, Refused] = {}
    down = _kept_down(batch, landing.at)
    listed = _listed(batch)
    seen: dict[tuple[str, bytes], int] = {}
    ids: set[str] = set()
    for each in batch:
        kinds = [print_ for print_ in each.prints if print_ in down]
        twin = next((listed[h] for h in _hashes(each) if h in listed), None)
        again = next((seen[h] for h in _hashes(each) if h in seen), None)
        if kinds:
            found[each.number] = _refusal(each, "stays_down", kinds[0][0])
        elif twin is not None:
            found[each.number] = _refusal(each, "duplicate", f"release={twin}")
        elif again is not None or each.source_id in ids:
            found[each.number] = _refusal(each, "duplicate_in_source", f"line={again or '?'}")
        else:
            seen |= dict.fromkeys(_hashes(each), each.number)
            ids.add(each.source_id)
    return found


def _kept_down(batch: Sequence[Prepared], at: datetime) -> set[tuple[str, bytes]]:
    in_force = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    rows = RefusedContent.objects.filter(in_force, holds_only=False)
    # A short list is sooner read whole than asked for so many fingerprints.
    if rows[: _SHORT + 1].count() > _SHORT:
        rows = rows.filter(value__in={value for each in batch for _kind, value in each.prints})
    return {(str(kind), bytes(value)) for kind, value in rows.values_list("kind", "value")}


def _listed(batch: Sequence[Prepared]) -> dict[tuple[str, bytes], int]:
    v1 = [each.columns["info_hash_v1"] for each in batch if each.columns["info_hash_v1"]]
    v2 = [each.columns["info_hash_v2"] for each in batch if each.columns["info_hash_v2"]]
    rows = Release.objects.filter(Q(info_hash_v1__in=v1) | Q(info_hash_v2__in=v2))
    found: dict[tuple[str, bytes], int] = {}
    for pk, one, two in rows.exclude(state__in=_ENDED).values_list(
        "pk", "info_hash_v1", "info_hash_v2"
    ):
        if one:
            found["v1", bytes(one)] = pk
        if two:
            found["v2", bytes(two)] = pk
    return found


def _hashes(each: Prepared) -> Iterable[tuple[str, bytes]]:
    if each.columns["info_hash_v1"]:
        yield "v1", each.columns["info_hash_v1"]
    if each.columns["info_hash_v2"]:
        yield "v2", each.columns["info_hash_v2"]


def _refusal(each: Prepared, reason: str, detail: str = "") -> Refused:
    return Refused(each.number, each.source_id, reason, detail[:300])


# --- what is written --------------------------------------------------------------------------


_ADDED: Final = ("id", "publisher_id", "created_at", "submitted_at", "edited_at")


def _added(pk: int, each: Prepared, landing: Landing) -> tuple[object, ...]:
    """Return the values of `_ADDED`."""
    at = landing.at
    made_at = min(each.made_at or at, at)
    return pk, landing.publishers[each.number], made_at, at if each.is_complete else None, at


def _write(ids: Sequence[int], kept: Sequence[Prepared], landing: Landing) -> None:
    if not kept:
        return
    both = list(zip(ids, kept, strict=True))
    copy_in(
        Release,
        (*_ADDED, *kept[0].columns),
        ((*_added(pk, each, landing), *each.columns.values()) for pk, each in both),
    )
    stored = tuple(kept[0].stored)
    rows = ((pk, *each.stored.values()) for pk, each in both)
    copy_in(StoredMetainfo, ("release_id", *stored), rows)
    copy_in(FileRoot, ("release_id", "root"), ((pk, r) for pk, each in both for r in each.roots))
    for pk, each in both:
        if each.stored["web_seeds"]:
            seeds = each.stored["web_seeds"]
            web_seeds.keep_those_of_torrent(Release(pk=pk), seeds, at=landing.at)
    _tag(both)
    taken = ((landing.source, each.source_id, pk) for pk, each in both)
    copy_in(ImportedRelease, ("source", "source_id", "release_id"), taken)


def _tag(both: Sequence[tuple[int, Prepared]]) -> None:
    slugs = {slug for _pk, each in both for slug in each.tags}
    if not slugs:
        return
    ids = _tag_ids(slugs)
    new = sorted(slugs - ids.keys())
    if new:
        Tag.objects.bulk_create([Tag(slug=slug) for slug in new], ignore_conflicts=True)
        ids |= _tag_ids(new)
    pairs = (
        (release_id, tag_id)
        for release_id, each in both
        for tag_id in dict.fromkeys(ids[slug] for slug in each.tags)
    )
    copy_in(Release.tags.through, ("release_id", "tag_id"), pairs)


def _tag_ids(slugs: Collection[str]) -> dict[str, int]:
    rows = Tag.objects.filter(slug__in=slugs).values_list("slug", "pk", "canonical_id")
    return {slug: canonical or pk for slug, pk, canonical in rows}


def _queue(pending: Sequence[tuple[int, Prepared]], landing: Landing) -> None:
    """Put complete ones into the team's queue: history, listing, index, one line of audit."""
    if not pending:
        return
    draft, waiting, at = ReleaseState.DRAFT.value, ReleaseState.PENDING.value, landing.at
    copy_in(
        StateChange,
        ("release_id", "from_state", "to_state", "at", "reason_code"),
        ((pk, draft, waiting, at, _REASON) for pk, _each in pending),
    )
    copy_in(ReleaseChange, ("release_id", "at"), ((pk, at) for pk, _each in pending))
    outbox.list_releases(_listing(pk, each) for pk, each in pending)
    first, last = pending[0][0], pending[-1][0]
    log.record(
        "releases.imported",
        actor_id=None,
        subject=f"release:{first}",
        detail={"source": landing.source, "count": len(pending), "last": last},
    )


def _listing(pk: int, each: Prepared) -> ListingFacts:
    return listings.facts_of(
        Release(
            pk=pk,
            state=ReleaseState.PENDING.value,
            is_open=each.columns["is_open"],
            info_hash_v1=each.columns["info_hash_v1"],
            info_hash_v2=each.columns["info_hash_v2"],
            size_bytes=each.columns["size_bytes"],
        )
    )
