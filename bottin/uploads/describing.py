"""Puts what a publisher says on the release, and keeps what it said before (TOR-4)."""

from dataclasses import asdict
from datetime import datetime
from typing import Final

from bottin.accounts.viewer import Viewer
from bottin.catalog import actions as catalog
from bottin.catalog import markdown
from bottin.catalog.models import Release, ReleaseVersion
from bottin.catalog.text import title_key
from bottin.uploads.errors import InvalidFields
from bottin.uploads.fields import Choices, ReleaseFields, problems_of


def describe(release: Release, fields: ReleaseFields, *, at: datetime, is_draft: bool) -> None:
    """Check the fields and save them on a locked release. Raises InvalidFields."""
    cleaned = fields.cleaned()
    choices = Choices.of(cleaned)
    problems = problems_of(cleaned, choices, is_draft=is_draft)
    if problems:
        raise InvalidFields(problems)
    if cleaned.description != release.description or not release.description_html:
        release.description_html = markdown.render(cleaned.description)
    release.title = cleaned.title
    release.title_key = title_key(cleaned.title)
    release.category = choices.category
    release.licence = choices.licence
    release.provenance_url = cleaned.provenance_url
    release.provenance_statement = cleaned.provenance_statement
    release.description = cleaned.description
    release.language = cleaned.language
    release.is_open = cleaned.is_open
    release.original_title = cleaned.original_title
    release.authors = list(cleaned.authors)
    release.year = cleaned.year
    release.identifiers = list(cleaned.identifiers)
    release.facts = cleaned.facts
    release.edited_at = at
    release.save()
    catalog.set_tags(release, cleaned.tags)


def keep_version(
    release: Release,
    was: ReleaseFields,
    *,
    by: Viewer,
    at: datetime,
    restored_from: int | None = None,
) -> list[str]:
    """Keep what a release says now as its next version; return the names of what changed.

    What it says is compared with its last version. One without versions, imported say,
    first gets one of `was`. When nothing changed nothing is kept. Call it with the row
    locked.
    """
    now = ReleaseFields.of(release)
    last = release.versions.order_by("-number").first()
    if last is None and release.submitted_at is not None and now != was:
        last = _keep(release, 1, was, [], actor_id=release.publisher_id, at=release.submitted_at)
    changed = now.changed_from(fields_of(last)) if last else []
    if last is None or changed:
        kept = _keep(
            release, last.number + 1 if last else 1, now, changed, actor_id=by.user_id, at=at
        )
        if restored_from is not None:
            kept.restored_from = restored_from
            kept.save(update_fields=["restored_from"])
    return changed


def _keep(  # noqa: PLR0913 - a version is what, who, when
    release: Release,
    number: int,
    fields: ReleaseFields,
    changed: list[str],
    *,
    actor_id: int | None,
    at: datetime,
) -> ReleaseVersion:
    return ReleaseVersion.objects.create(
        release=release,
        number=number,
        fields=asdict(fields),
        changed=changed,
        actor_id=actor_id,
        at=at,
    )


def fields_of(version: ReleaseVersion) -> ReleaseFields:
    """Read a version back; what the form has learnt since is empty."""
    kept = {name: value for name, value in version.fields.items() if name in _NAMES}
    for name in ("tags", "authors", "identifiers"):
        kept[name] = tuple(kept.get(name, ()))
    return ReleaseFields(**kept)


_NAMES: Final = frozenset(ReleaseFields.__slots__)
