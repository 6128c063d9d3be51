"""Every write of the catalogue: changes of state, tags, reference data, recounts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Count

from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.catalog import listings, reference, rules, tags
from bottin.catalog.errors import AlreadyListed, ReleaseNotFound
from bottin.catalog.models import (
    Category,
    CategoryFact,
    FactChoice,
    FactKind,
    Licence,
    Release,
    ReleaseChange,
    StateChange,
    Tag,
)
from bottin.catalog.rules import Change
from bottin.catalog.states import ReleaseState
from bottin.catalog.text import tags_of
from bottin.tracker import outbox

_ONE_LISTING: Final = {"release_v1_once", "release_v2_once"}


@transaction.atomic
def change_state(  # noqa: PLR0913 - one change is who, what, when, why and what was seen
    release_id: int,
    *,
    to: ReleaseState,
    by: Viewer,
    at: datetime,
    reason: str = "",
    reason_code: str = "",
    seen_change_id: int | None = None,
) -> Release:
    """Move a release along the state table, and tell index, tracker and audit, all or nothing.

    `reason` is free text and `reason_code` a code of the caller's; the publisher
    is told both. `seen_change_id` is the id of the last StateChange that the
    person saw, 0 for none. Returns the release as saved.

    Raises ReleaseNotFound; StaleDecision when the history went on since
    `seen_change_id`; ImpossibleChange when the table has no such step;
    ChangeNotAllowed or WithdrawalTooLate when the person may not; ReasonRequired;
    AlreadyListed when another release took the info-hash meanwhile.
    """
    release = locked(release_id)
    change = Change(release, to, by, at, reason.strip(), reason_code, seen_change_id)
    rules.check(change)
    before = change.current
    _move(release, to, at)
    StateChange.objects.create(
        release=release,
        from_state=before,
        to_state=to,
        actor_id=by.user_id,
        at=at,
        reason=change.reason,
        reason_code=reason_code,
    )
    touch([release.pk], at=at)
    listings.tell_tracker(release)
    log.record(
        f"release.{to.value}",
        actor_id=by.user_id,
        subject=f"release:{release.pk}",
        reason=change.reason or reason_code,
        detail={"from": before.value, "reason_code": reason_code},
    )
    return release


def locked(release_id: int) -> Release:
    """Read a release and hold its row until the transaction ends. Raises ReleaseNotFound."""
    release = Release.objects.select_for_update().filter(pk=release_id).first()
    if release is None:
        raise ReleaseNotFound(release_id=release_id)
    return release


def touch(release_ids: Iterable[int], *, at: datetime) -> None:
    """Note that the searchable facts of these releases changed, for the index to follow."""
    ReleaseChange.objects.bulk_create(
        [ReleaseChange(release_id=release_id, at=at) for release_id in release_ids]
    )


def note_edit(release: Release, *, by: Viewer, at: datetime) -> None:
    """Add a line to the history of a release that was edited while it waits.

    Whoever decides on what they saw before it gets StaleDecision.
    """
    StateChange.objects.create(
        release=release,
        from_state=release.state,
        to_state=release.state,
        actor_id=by.user_id,
        at=at,
        reason_code="edited",
    )


def relist(release: Release) -> None:
    """Tell the tracker again of a release whose openness changed; same transaction."""
    listings.tell_tracker(release)


@transaction.atomic
def mend_listings(release_ids: Iterable[int]) -> None:
    """Write the tracker's listings of these releases again, and drop those without a release."""
    wanted = set(release_ids)
    rows = Release.objects.filter(pk__in=wanted).exclude(state=ReleaseState.DRAFT)
    found = list(rows.select_for_update().order_by("pk"))
    outbox.list_releases(listings.facts_of(release) for release in found)
    for release_id in sorted(wanted - {release.pk for release in found}):
        outbox.forget_release(release_id)


def set_tags(release: Release, labels: Iterable[str]) -> tuple[str, ...]:
    """Give a release these tags and no others, at most 20; return them as kept.

    Normalised, aliases replaced by what they stand for, without those voted off it.
    """
    away = tags.voted_away(release)
    slugs = tuple(tag for tag in tags.canonical_of(tags_of(labels)) if tag not in away)
    Tag.objects.bulk_create([Tag(slug=slug) for slug in sorted(slugs)], ignore_conflicts=True)
    release.tags.set(Tag.objects.filter(slug__in=slugs))
    return slugs


@transaction.atomic
def sync_reference_data() -> None:
    """Add what is missing of the shelves, licences and facts of the seeds; the rest stays."""
    Category.objects.bulk_create(reference.categories(), ignore_conflicts=True)
    Licence.objects.bulk_create(reference.licences(), ignore_conflicts=True)
    FactKind.objects.bulk_create(reference.fact_kinds(), ignore_conflicts=True)
    FactChoice.objects.bulk_create(reference.fact_choices(), ignore_conflicts=True)
    CategoryFact.objects.bulk_create(reference.category_facts(), ignore_conflicts=True)


@transaction.atomic
def recount_listed() -> dict[int, tuple[int, int]]:
    """Count the published releases of each category; return what was wrong: id → (had, is)."""
    counted = Release.objects.listed().order_by().values_list("category_id")
    found = dict(counted.annotate(listed=Count("pk")))
    wrong = {}
    # Without `no_key`, every new release of a shelf would wait for this.
    for category in Category.objects.select_for_update(no_key=True).order_by("pk"):
        listed = found.get(category.pk, 0)
        if listed != category.listed_count:
            wrong[category.pk] = (category.listed_count, listed)
            Category.objects.filter(pk=category.pk).update(listed_count=listed)
    return wrong


def _move(release: Release, to: ReleaseState, at: datetime) -> None:
    release.state = to.value
    changed = ["state"]
    if to is ReleaseState.PENDING:
        release.submitted_at = at
        changed.append("submitted_at")
    if to is ReleaseState.PUBLISHED and release.published_at is None:
        release.published_at = at
        changed.append("published_at")
    try:
        with transaction.atomic():
            release.save(update_fields=changed)
    except IntegrityError as error:
        if constraint_of(error) not in _ONE_LISTING:
            raise
        other = listings.same_hash(release).exclude(state__in=listings.RELEASES_HASH).first()
        raise AlreadyListed(release_id=other) from error


def constraint_of(error: IntegrityError) -> str:
    """Return the name of the constraint that a statement broke, "" when it had none."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnosis, "constraint_name", None) or "")
