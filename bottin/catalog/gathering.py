"""Every write on works: made, described, gathered, merged, split, undone. Each leaves a line."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final

from django.db import transaction

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.catalog import actions, identifiers
from bottin.catalog.errors import (
    CannotMerge,
    CannotSplit,
    CannotUndo,
    InvalidWork,
    ReleaseNotFound,
    WorkNotFound,
)
from bottin.catalog.models import Edition, Release, Work, WorkChange, WorkChangeKind, WorkKind
from bottin.catalog.states import TOMBSTONES
from bottin.catalog.text import TITLE_LENGTH, title_key
from bottin.lib.text import nfc

_LABEL_LENGTH: Final = 80
_FORMAT_LENGTH: Final = 40
_LIST_MAX: Final = 20
_REASON_LENGTH: Final = 500


@dataclass(frozen=True, slots=True)
class WorkFields:
    """What a work says of itself."""

    title: str
    kind: str = WorkKind.OTHER
    original_title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    identifiers: tuple[str, ...] = ()

    @classmethod
    def of(cls, work: Work) -> "WorkFields":
        """Read back what a work holds."""
        return cls(
            title=work.title,
            kind=work.kind,
            original_title=work.original_title,
            authors=tuple(work.authors),
            year=work.year,
            identifiers=tuple(work.identifiers),
        )

    def checked(self) -> "WorkFields":
        """Return the same in one form. Raises InvalidWork."""
        read = [identifiers.parse(one) for one in self.identifiers]
        for typed, found in zip(self.identifiers, read, strict=True):
            if found is None:
                raise InvalidWork(field="identifiers", value=typed[:60])
        fine = replace(
            self,
            title=_line(self.title),
            original_title=_line(self.original_title)[:TITLE_LENGTH],
            authors=tuple(filter(None, map(_line, self.authors)))[:_LIST_MAX],
            identifiers=tuple(dict.fromkeys(str(one) for one in read))[:_LIST_MAX],
        )
        if not title_key(fine.title) or len(fine.title) > TITLE_LENGTH:
            raise InvalidWork(field="title", value=fine.title[:60])
        if self.kind not in WorkKind.values:
            raise InvalidWork(field="kind", value=self.kind[:20])
        return fine


@dataclass(frozen=True, slots=True)
class EditionFields:
    """Which form of a work: its version, language and format; all may be empty."""

    label: str = ""
    language: str = ""
    format: str = ""


@transaction.atomic
def create_work(fields: WorkFields, *, by: Viewer, at: datetime) -> Work:
    """Keep a new work. Raises NotAllowed, InvalidWork."""
    by.require(Permission.PUBLISH)
    work = Work(created_by_id=by.user_id, created_at=at)
    _describe(work, fields.checked())
    _note(work, WorkChangeKind.CREATED, by=by, at=at)
    return work


@transaction.atomic
def edit_work(
    work_id: int, fields: WorkFields, *, by: Viewer, at: datetime, reason: str = ""
) -> Work:
    """Describe a work anew. Raises NotAllowed, WorkNotFound, InvalidWork."""
    by.require(Permission.CURATE)
    (work,) = _locked(work_id)
    before = WorkFields.of(work)
    now = fields.checked()
    if now != before:
        _describe(work, now)
        detail = {"before": asdict(before)}
        _note(work, WorkChangeKind.EDITED, by=by, at=at, reason=reason, detail=detail)
        _touch_all(work, at)
    return work


@transaction.atomic
def attach_release(
    release_id: int, work_id: int, edition: EditionFields, *, by: Viewer, at: datetime
) -> Release:
    """Put a release among the editions of a work; its edition is made where it is missing.

    Raises ReleaseNotFound unless it is the person's own or they curate; WorkNotFound.
    """
    release = own_or_curated(release_id, by)
    (work,) = _locked(work_id)
    before = release.edition_id
    release.edition = _edition(work, edition)
    if release.edition_id == before:
        return release
    release.save(update_fields=["edition"])
    detail = {"release": release.pk, "before": before, "after": release.edition_id}
    _note(work, WorkChangeKind.ATTACHED, by=by, at=at, detail=detail)
    actions.touch([release.pk], at=at)
    return release


@transaction.atomic
def detach_release(release_id: int, *, by: Viewer, at: datetime) -> Release:
    """Let a release stand alone again. Raises ReleaseNotFound."""
    release = own_or_curated(release_id, by)
    if release.edition is not None:
        work, before = release.edition.work, release.edition_id
        release.edition = None
        release.save(update_fields=["edition"])
        detail = {"release": release.pk, "before": before, "after": None}
        _note(work, WorkChangeKind.DETACHED, by=by, at=at, detail=detail)
        actions.touch([release.pk], at=at)
    return release


@transaction.atomic
def merge_works(work_id: int, into_id: int, *, by: Viewer, at: datetime, reason: str = "") -> Work:
    """Move everything of a work to another one; its address leads there from now on.

    An edition that both have is one afterwards. Raises NotAllowed, WorkNotFound,
    CannotMerge.
    """
    by.require(Permission.CURATE)
    if work_id == into_id:
        raise CannotMerge(work_id=work_id, other_id=into_id)
    work, into = _locked(work_id, into_id)
    moved: list[int] = []
    releases: dict[int, int] = {}
    for edition in work.editions.order_by("pk"):
        same = into.editions.filter(
            label_key=edition.label_key, language=edition.language, format=edition.format
        ).first()
        if same is None:
            edition.work = into
            edition.save(update_fields=["work"])
            moved.append(edition.pk)
            continue
        ids = list(edition.releases.values_list("pk", flat=True))
        Release.objects.filter(pk__in=ids).update(edition=same)
        releases |= dict.fromkeys(ids, edition.pk)
    work.merged_into = into
    work.save(update_fields=["merged_into"])
    Work.objects.filter(merged_into=work).update(merged_into=into)
    detail = {"from": work.pk, "editions": moved, "releases": _pairs(releases)}
    _note(into, WorkChangeKind.MERGED, by=by, at=at, reason=reason, detail=detail)
    _touch_all(into, at)
    return into


@transaction.atomic
def split_work(  # noqa: PLR0913 - a split is what, which, who, when, why
    work_id: int,
    release_ids: Iterable[int],
    fields: WorkFields,
    *,
    by: Viewer,
    at: datetime,
    reason: str = "",
) -> Work:
    """Move some releases of a work to a new one, each in an edition like its own.

    Raises NotAllowed, WorkNotFound, InvalidWork, CannotSplit when none or all would go.
    """
    by.require(Permission.CURATE)
    (work,) = _locked(work_id)
    rows = Release.objects.filter(edition__work=work).select_related("edition")
    going = [row for row in rows.order_by("pk") if row.pk in set(release_ids)]
    if not going or len(going) == rows.count():
        raise CannotSplit(work_id=work_id)
    new = create_work(fields, by=by, at=at)
    before: dict[int, int] = {}
    for release in going:
        old = release.edition
        if old is not None:
            before[release.pk] = old.pk
            release.edition = _edition(new, EditionFields(old.label, old.language, old.format))
            release.save(update_fields=["edition"])
    detail = {"to": new.pk, "releases": _pairs(before)}
    _note(work, WorkChangeKind.SPLIT, by=by, at=at, reason=reason, detail=detail)
    actions.touch(before, at=at)
    return new


@transaction.atomic
def undo_change(change_id: int, *, by: Viewer, at: datetime, reason: str = "") -> Work:
    """Take one change of a work back, as far as what it moved is still there.

    Raises NotAllowed, CannotUndo for one that was undone, or made a work.
    """
    by.require(Permission.CURATE)
    change = WorkChange.objects.select_for_update().filter(pk=change_id).first()
    undo = _UNDO.get(change.kind) if change else None
    if change is None or undo is None or change.undone_by_id is not None:
        raise CannotUndo(change_id=change_id)
    undo(change, at)
    work = Work.objects.get(pk=change.work_id)
    note = _note(
        work, WorkChangeKind.UNDONE, by=by, at=at, reason=reason, detail={"change": change_id}
    )
    change.undone_by = note
    change.save(update_fields=["undone_by"])
    return work


def own_or_curated(release_id: int, by: Viewer) -> Release:
    """Read a release that this person may put in its place, locked.

    Raises ReleaseNotFound unless it is their own or they curate, and for one that was removed.
    """
    release = actions.locked(release_id)
    is_own = by.is_signed_in and release.publisher_id == by.user_id
    if not is_own and not by.may(Permission.CURATE):
        raise ReleaseNotFound(release_id=release_id)
    if release.state in TOMBSTONES:
        raise ReleaseNotFound(release_id=release_id)
    return release


def _undo_edit(change: WorkChange, at: datetime) -> None:
    before = change.detail["before"]
    for name in ("authors", "identifiers"):
        before[name] = tuple(before[name])
    work = Work.objects.select_for_update().get(pk=change.work_id)
    _describe(work, WorkFields(**before))
    _touch_all(work, at)


def _undo_place(change: WorkChange, at: datetime) -> None:
    """Give a release the edition that it had, unless it was moved since."""
    detail = change.detail
    rows = Release.objects.filter(pk=detail["release"], edition_id=detail["after"])
    if not rows.update(edition_id=_standing(detail["before"])):
        raise CannotUndo(change_id=change.pk)
    actions.touch([detail["release"]], at=at)


def _undo_merge(change: WorkChange, at: datetime) -> None:
    work = Work.objects.select_for_update().get(pk=change.detail["from"])
    if work.merged_into_id != change.work_id:
        raise CannotUndo(change_id=change.pk)
    work.merged_into = None
    work.save(update_fields=["merged_into"])
    rows = Edition.objects.filter(pk__in=change.detail["editions"], work_id=change.work_id)
    rows.update(work=work)
    _move_back(change, at)
    _touch_all(work, at)


def _undo_split(change: WorkChange, at: datetime) -> None:
    new = Work.objects.select_for_update().get(pk=change.detail["to"])
    _move_back(change, at, only_from=new)
    if not Release.objects.filter(edition__work=new).exists():
        new.merged_into_id = change.work_id
        new.save(update_fields=["merged_into"])


def _move_back(change: WorkChange, at: datetime, only_from: Work | None = None) -> None:
    """Put releases back in the editions they had, those that nobody moved since."""
    there = only_from.pk if only_from else change.work_id
    for release_id, edition_id in change.detail["releases"]:
        rows = Release.objects.filter(pk=release_id, edition__work_id=there)
        rows.update(edition_id=_standing(edition_id))
        actions.touch([release_id], at=at)


_UNDO: Final[dict[str, Callable[[WorkChange, datetime], None]]] = {
    WorkChangeKind.EDITED: _undo_edit,
    WorkChangeKind.ATTACHED: _undo_place,
    WorkChangeKind.DETACHED: _undo_place,
    WorkChangeKind.MERGED: _undo_merge,
    WorkChangeKind.SPLIT: _undo_split,
}
UNDOABLE: Final = frozenset(_UNDO)


def _standing(edition_id: int | None) -> int | None:
    is_there = edition_id is not None and Edition.objects.filter(pk=edition_id).exists()
    return edition_id if is_there else None


def _locked(*work_ids: int) -> tuple[Work, ...]:
    """Hold works that stand, in the order asked. Raises WorkNotFound."""
    rows = Work.objects.select_for_update().filter(pk__in=work_ids, merged_into=None)
    found = {work.pk: work for work in rows.order_by("pk")}
    for work_id in work_ids:
        if work_id not in found:
            raise WorkNotFound(work_id=work_id)
    return tuple(found[work_id] for work_id in work_ids)


def _describe(work: Work, fields: WorkFields) -> None:
    work.title, work.title_key = fields.title, title_key(fields.title)
    work.kind, work.original_title = fields.kind, fields.original_title
    work.authors, work.identifiers = list(fields.authors), list(fields.identifiers)
    work.year = fields.year
    work.save()


def _edition(work: Work, fields: EditionFields) -> Edition:
    label = _line(fields.label)[:_LABEL_LENGTH]
    edition, _is_new = Edition.objects.get_or_create(
        work=work,
        label_key=title_key(label)[:120],
        language=_line(fields.language)[:8],
        format=_line(fields.format)[:_FORMAT_LENGTH],
        defaults={"label": label},
    )
    return edition


def _note(  # noqa: PLR0913 - one line of history is what, who, when, why
    work: Work,
    kind: WorkChangeKind,
    *,
    by: Viewer,
    at: datetime,
    reason: str = "",
    detail: Mapping[str, object] | None = None,
) -> WorkChange:
    kept = reason.strip()[:_REASON_LENGTH]
    change = WorkChange.objects.create(
        work=work, kind=kind, actor_id=by.user_id, at=at, reason=kept, detail=dict(detail or {})
    )
    log.record(
        f"work.{kind.value}",
        actor_id=by.user_id,
        subject=f"work:{work.pk}",
        reason=kept,
        detail={"change": change.pk, "title": work.title},
    )
    return change


def _touch_all(work: Work, at: datetime) -> None:
    ids = Release.objects.filter(edition__work=work).order_by("pk").values_list("pk", flat=True)
    actions.touch(ids, at=at)


def _pairs(moved: dict[int, int]) -> list[list[int]]:
    return [[release_id, edition_id] for release_id, edition_id in sorted(moved.items())]


def _line(text: str) -> str:
    return " ".join(nfc(text.encode("utf-8", "replace").decode().replace("\x00", "")).split())
