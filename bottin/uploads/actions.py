"""A `.torrent` on its way to a listing: received, described, handed in, edited, withdrawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from bottin.accounts.models import Account
from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.catalog import actions as catalog
from bottin.catalog import queries, web_seeds
from bottin.catalog.errors import AlreadyListed, ReleaseNotFound
from bottin.catalog.models import FileRoot, Release, StoredMetainfo
from bottin.catalog.states import ReleaseState
from bottin.metainfo.kinds import kinds_by_size
from bottin.metainfo.model import Caution, Metainfo
from bottin.uploads import duplicates, fingerprints, receiving
from bottin.uploads.describing import describe, keep_version
from bottin.uploads.errors import (
    EditConflict,
    NotADraft,
    NotEditable,
    RefusedTorrent,
)
from bottin.uploads.fields import ReleaseFields
from bottin.uploads.fingerprints import Fingerprints
from bottin.uploads.models import RefusedContent
from bottin.uploads.receiving import Arrival

_KINDS_MAX: Final = 6
_UNDESCRIBED: Final = frozenset({ReleaseState.DRAFT, ReleaseState.CHANGES_REQUESTED})
_EDITABLE: Final = _UNDESCRIBED | {ReleaseState.PENDING, ReleaseState.PUBLISHED}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was understood of a `.torrent`.

    `release` is a draft of the person's, new or found again. `duplicates` are
    published releases with the same files, in whole or in part: a hint.
    `warnings` are the parser's, and `held_for_review` when its content resembles
    something that was taken down.
    """

    release: Release
    metainfo: Metainfo
    duplicates: tuple[Release, ...]
    warnings: tuple[Caution, ...]


def receive_torrent(raw: bytes, *, by: Viewer, at: datetime) -> Receipt:
    """Read a `.torrent` in a child process and keep it as a draft of the person's.

    `raw` is the whole file. The same file handed in twice by one person is one draft.

    Raises NotAllowed, TooManyUploads, a MetainfoRefusal, RefusedTorrent,
    DuplicateRelease (the info-hash is taken), TooManyDrafts.
    """
    receiving.account_of(by)
    receiving.pace(by, at=at)
    metainfo = receiving.parse(raw, by=by)
    arrival = Arrival(metainfo, by, at)
    draft = _draft_of(arrival)
    return Receipt(
        release=draft,
        metainfo=metainfo,
        duplicates=tuple(other.release for other in duplicates.overlaps_of(draft, by)),
        warnings=(*metainfo.warnings, *_held(arrival)),
    )


@transaction.atomic
def save_draft(release_id: int, fields: ReleaseFields, *, by: Viewer, at: datetime) -> Release:
    """Keep what was typed so far; anything may be empty, nothing is published.

    Raises ReleaseNotFound, NotADraft (also for one that was sent back: hand that
    in again), InvalidFields for what a draft cannot hold.
    """
    release = _own(release_id, by)
    if release.state not in _UNDESCRIBED:
        raise NotADraft(release_id=release_id, state=release.state)
    if release.state == ReleaseState.DRAFT:
        describe(release, fields, at=at, is_draft=True)
    else:
        # What was sent back keeps what the table demands of it.
        describe(release, fields, at=at, is_draft=False)
    return release


@transaction.atomic
def discard_draft(release_id: int, *, by: Viewer) -> None:
    """Delete a draft for good. Raises ReleaseNotFound, NotADraft."""
    release = _own(release_id, by)
    if release.state != ReleaseState.DRAFT:
        raise NotADraft(release_id=release_id, state=release.state)
    release.delete()


@transaction.atomic
def submit_release(release_id: int, fields: ReleaseFields, *, by: Viewer, at: datetime) -> Release:
    """Hand a draft, or what was sent back, in for review; a trusted publisher's is published.

    Content that resembles something taken down always waits for the team.

    Raises NotAllowed, ReleaseNotFound, NotADraft, InvalidFields with every
    problem, RefusedTorrent when the content was refused meanwhile, and
    DuplicateRelease when another release took the info-hash meanwhile.
    """
    by.require(Permission.PUBLISH)
    release = _own(release_id, by)
    if release.state not in _UNDESCRIBED:
        raise NotADraft(release_id=release_id, state=release.state)
    was = ReleaseFields.of(release)
    describe(release, fields, at=at, is_draft=False)
    keep_version(release, was, by=by, at=at)
    is_held = _stays_down(release, at=at)
    release = _to_queue(release, by=by, at=at)
    if by.may(Permission.PUBLISH_AT_ONCE) and not is_held:
        release = catalog.change_state(release.pk, to=ReleaseState.PUBLISHED, by=by, at=at)
    return release


@transaction.atomic
def edit_release(  # noqa: PLR0913 - an edit is what, who, when and what was seen
    release_id: int,
    fields: ReleaseFields,
    *,
    by: Viewer,
    at: datetime,
    seen_edit: datetime | None = None,
    restored_from: int | None = None,
) -> Release:
    """Change what a release says of itself after it was handed in (TOR-3).

    Description, language, tags and openness change at once. A new title,
    category, licence or provenance of a published release sends it back to the
    queue, unless the person is trusted; an edit of one that waits there makes a
    decision on what was seen before it stale. What it said before is kept as a version
    (TOR-4). `seen_edit` is the `edited_at` that the form was filled from, `restored_from`
    the number of the version that the fields are of.

    Raises ReleaseNotFound, NotEditable, EditConflict, InvalidFields.
    """
    release = _editable(release_id, by)
    if seen_edit is not None and release.edited_at is not None and release.edited_at > seen_edit:
        raise EditConflict(edited_at=release.edited_at.isoformat())
    was = ReleaseFields.of(release)
    describe(release, fields, at=at, is_draft=False)
    now = ReleaseFields.of(release)
    keep_version(release, was, by=by, at=at, restored_from=restored_from)
    changed = now.changed_from(was)
    if release.state == ReleaseState.PENDING and changed:
        catalog.note_edit(release, by=by, at=at)
    if release.state == ReleaseState.PUBLISHED:
        catalog.touch([release.pk], at=at)
        if was.is_open != now.is_open:
            catalog.relist(release)
    is_reviewed = bool(_REVIEWED.intersection(changed)) and not by.may(Permission.PUBLISH_AT_ONCE)
    if release.state == ReleaseState.PUBLISHED and is_reviewed:
        release = catalog.change_state(
            release.pk, to=ReleaseState.PENDING, by=by, at=at, reason_code="edited"
        )
    log.record(
        "release.edited",
        actor_id=by.user_id,
        subject=f"release:{release.pk}",
        detail={"fields": changed} | ({"restored": restored_from} if restored_from else {}),
    )
    return release


_REVIEWED: Final = frozenset(
    {"title", "category_id", "licence_code", "provenance_url", "provenance_statement"}
)


def withdraw_release(release_id: int, *, by: Viewer, at: datetime, reason: str = "") -> Release:
    """Take one's own release back: from the queue at any time, published ones for 24 hours.

    Raises ReleaseNotFound, ImpossibleChange, WithdrawalTooLate.
    """
    with transaction.atomic():
        _own(release_id, by)
        return catalog.change_state(
            release_id,
            to=ReleaseState.WITHDRAWN,
            by=by,
            at=at,
            reason=reason,
            reason_code="publisher",
        )


@transaction.atomic
def refuse_content(
    release: Release, *, reason: str, at: datetime, expires_at: datetime | None = None
) -> int:
    """Keep a release's content down: its hashes and large files are refused from now on (STAY-1).

    Equal paths and sizes only hold an upload for review. Call it in the
    transaction of the decision. Returns how many fingerprints are new.
    """
    rows = [
        RefusedContent(
            kind=kind,
            value=value,
            holds_only=kind in fingerprints.HOLD_ONLY,
            reason=reason[:300],
            release_id=release.pk,
            since=at,
            expires_at=expires_at,
        )
        for kind, value in Fingerprints.of_release(release).by_kind()
    ]
    before = RefusedContent.objects.count()
    RefusedContent.objects.bulk_create(rows, ignore_conflicts=True)
    return RefusedContent.objects.count() - before


@transaction.atomic
def permit_content(release: Release) -> int:
    """Undo `refuse_content` for this release only. Returns how many fingerprints are free again."""
    return RefusedContent.objects.filter(release_id=release.pk).delete()[0]


def _own(release_id: int, by: Viewer) -> Release:
    release = catalog.locked(release_id)
    if by.user_id is None or release.publisher_id != by.user_id:
        raise ReleaseNotFound(release_id=release_id)
    return release


def _editable(release_id: int, by: Viewer) -> Release:
    release = catalog.locked(release_id)
    is_own = by.user_id is not None and release.publisher_id == by.user_id
    if not is_own and not by.is_moderator:
        raise ReleaseNotFound(release_id=release_id)
    if release.state not in _EDITABLE or (release.state == ReleaseState.DRAFT and not is_own):
        raise NotEditable(release_id=release_id, state=release.state)
    return release


@transaction.atomic
def _draft_of(arrival: Arrival) -> Release:
    # One upload of an account at a time: a form sent twice is one draft.
    Account.objects.select_for_update(no_key=True).get(pk=receiving.account_of(arrival.by))
    draft = _own_draft(arrival)
    if draft is not None:
        return draft
    for check in receiving.CHECKS:
        check(arrival)
    return _keep(arrival)


def _own_draft(arrival: Arrival) -> Release | None:
    same = fingerprints.same_info(arrival.prints)
    mine = Release.objects.filter(same, publisher_id=arrival.by.user_id, state=ReleaseState.DRAFT)
    return mine.order_by("pk").first()


def _held(arrival: Arrival) -> Iterable[Caution]:
    rows = fingerprints.refused(arrival.prints, at=arrival.at)
    return [Caution("held_for_review", row.kind) for row in rows if row.holds_only]


def _keep(arrival: Arrival) -> Release:
    metainfo, prints = arrival.metainfo, arrival.prints
    release = Release.objects.create(
        publisher_id=receiving.account_of(arrival.by),
        created_at=arrival.at,
        **facts_of(metainfo),
    )
    stored = StoredMetainfo.objects.create(release=release, **stored_of(metainfo))
    web_seeds.keep_those_of_torrent(release, stored.web_seeds, at=arrival.at)
    FileRoot.objects.bulk_create(
        [FileRoot(release=release, root=root) for root in prints.roots], batch_size=5_000
    )
    duplicates.keep_keys(release.pk, metainfo.content_files)
    return release


def facts_of(metainfo: Metainfo) -> dict[str, object]:
    """Return the columns of a Release that a metainfo fills, once and for all."""
    prints = metainfo.fingerprints
    kinds = kinds_by_size((file.path[-1], file.size_bytes) for file in metainfo.content_files)
    return {
        "name": metainfo.name,
        "size_bytes": metainfo.size_bytes,
        "file_count": len(metainfo.content_files),
        "piece_length": metainfo.piece_length,
        "version": metainfo.version,
        "is_private": metainfo.is_private,
        "source": metainfo.source[:255],
        "info_hash_v1": metainfo.info_hash_v1,
        "info_hash_v2": metainfo.info_hash_v2,
        "content_digest": prints.content_v1,
        "pieces_digest": prints.pieces_sha1,
        "tree_digest": prints.file_tree,
        "file_kinds": [str(kind) for kind in kinds[:_KINDS_MAX]],
    }


def stored_of(metainfo: Metainfo) -> dict[str, object]:
    """Return the columns of its StoredMetainfo."""
    return {
        "info": metainfo.info_bytes,
        "piece_layers": metainfo.piece_layers or None,
        "files": queries.files_text(metainfo.content_files),
        "web_seeds": [url for url in metainfo.web_seeds if len(url) <= 500],  # noqa: PLR2004
        "created_by": metainfo.created_by[:200],
        "creation_date": metainfo.creation_date,
    }


def _stays_down(release: Release, *, at: datetime) -> bool:
    """Ask again at the end: content may be refused while a draft waits. True when held."""
    rows = fingerprints.refused(Fingerprints.of_release(release), at=at)
    for row in rows:
        if not row.holds_only:
            raise RefusedTorrent(kind=row.kind, reason=row.reason)
    return bool(rows)


def _to_queue(release: Release, *, by: Viewer, at: datetime) -> Release:
    try:
        return catalog.change_state(release.pk, to=ReleaseState.PENDING, by=by, at=at)
    except AlreadyListed as refusal:
        taken = Release.objects.get(pk=int(str(refusal.context["release_id"])))
        raise receiving.duplicate_of(taken, by) from refusal
