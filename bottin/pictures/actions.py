"""Every write on pictures and texts: added, described, ordered, taken away, kept down."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from bottin.accounts import throttle
from bottin.accounts.errors import ReasonMissing
from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.catalog import actions as catalog
from bottin.catalog.models import Release, Work
from bottin.catalog.states import ReleaseState
from bottin.lib.text import nfc, visible
from bottin.pictures import rights, staying_down, store, texts
from bottin.pictures.errors import (
    AltMissing,
    PictureNotFound,
    SamePicture,
    TextNotFound,
    TextTooLarge,
    TooManyPictures,
    TooManyTexts,
)
from bottin.pictures.gate import Limits
from bottin.pictures.models import ALT_LENGTH, NAME_LENGTH, Picture, PictureFile, TextFile
from bottin.pictures.rights import Place
from bottin.pictures.sandbox import Rendered, render_in_worker

_REASON_LENGTH: Final = 300


@dataclass(frozen=True, slots=True)
class NewPicture:
    """What a person hands in: the file, what it shows in words, and whether it is the cover."""

    raw: bytes
    alt: str
    is_cover: bool = False


def add_picture(place: Place, given: NewPicture, *, by: Viewer, at: datetime) -> Picture:
    """Write a picture anew in a child process and put it beside a release or a work.

    A new cover takes the place of the one there is, which goes among the pictures. The
    file handed in is not kept. On a release that waits for review, decisions made on what was
    seen before become stale.

    Raises NotAllowed, ReleaseNotFound, WorkNotFound, PicturesLocked, TooManyTries, AltMissing,
    TooManyPictures, a PictureRefusal, PictureStaysDown, SamePicture.
    """
    alt = _alt(given.alt)
    with transaction.atomic():
        rights.locked(place, by, adds=True)
        _room(place, given)
    key = throttle.key_of("picture", str(by.user_id))
    throttle.require(key, settings.BOTTIN_THROTTLE_PICTURE, at_s=at.timestamp())
    source = hashlib.sha256(given.raw).hexdigest()
    staying_down.check_source(source)
    made = render_in_worker(given.raw, limits())
    with transaction.atomic():
        of = rights.locked(place, by, adds=True)
        store.hold()
        _room(place, given)
        staying_down.check(made)
        mine = Picture.objects.filter(**place.key)
        if mine.filter(pixels_digest=made.pixels).exists():
            raise SamePicture
        if given.is_cover:
            mine.filter(is_cover=True).update(is_cover=False, position=0)
        picture = Picture.objects.create(
            **place.key,
            is_cover=given.is_cover,
            position=_next(place),
            alt=alt,
            width=made.width,
            height=made.height,
            source_digest=source,
            pixels_digest=made.pixels,
            look=made.look,
            added_by_id=by.user_id,
            added_at=at,
        )
        _keep_files(picture, made)
        _changed(of, by, at)
        _record("picture.added", place, by, {"picture": picture.pk, "source": source})
    return picture


def limits() -> Limits:
    """Return what the settings allow a picture to cost."""
    return Limits(
        file_bytes=settings.BOTTIN_PICTURE_MAX_SIZE,
        pixels=settings.BOTTIN_PICTURE_MAX_PIXELS,
        memory_bytes=settings.BOTTIN_PICTURE_MEMORY,
        cpu_s=settings.BOTTIN_PICTURE_CPU_S,
    )


@transaction.atomic
def describe_picture(
    place: Place, picture_id: int, alt: str, *, by: Viewer, at: datetime
) -> Picture:
    """Say anew what a picture shows.

    Raises NotAllowed, ReleaseNotFound, WorkNotFound, PicturesLocked, PictureNotFound,
    AltMissing.
    """
    of = rights.locked(place, by, adds=False)
    picture = _picture(place, picture_id)
    picture.alt = _alt(alt)
    picture.save(update_fields=["alt"])
    _changed(of, by, at)
    return picture


@transaction.atomic
def move_picture(place: Place, picture_id: int, *, up: bool, by: Viewer, at: datetime) -> None:
    """Change places with the picture before, or after; at an end nothing happens.

    Raises NotAllowed, ReleaseNotFound, WorkNotFound, PicturesLocked, PictureNotFound.
    """
    of = rights.locked(place, by, adds=False)
    picture = _picture(place, picture_id)
    row = [one for one in Picture.objects.filter(**place.key) if not one.is_cover]
    if picture.is_cover:
        return
    here = [one.pk for one in row].index(picture.pk)
    there = here - 1 if up else here + 1
    if 0 <= there < len(row):
        row[here], row[there] = row[there], row[here]
    for position, one in enumerate(row):
        one.position = position
    Picture.objects.bulk_update(row, ["position"])
    _changed(of, by, at)


@transaction.atomic
def make_cover(place: Place, picture_id: int, *, by: Viewer, at: datetime) -> None:
    """Make a picture the cover; the one that was goes first among the pictures.

    Raises NotAllowed, ReleaseNotFound, WorkNotFound, PicturesLocked, PictureNotFound.
    """
    of = rights.locked(place, by, adds=False)
    picture = _picture(place, picture_id)
    Picture.objects.filter(**place.key, is_cover=True).update(is_cover=False, position=0)
    Picture.objects.filter(pk=picture.pk).update(is_cover=True)
    _changed(of, by, at)


@transaction.atomic
def delete_picture(place: Place, picture_id: int, *, by: Viewer, at: datetime) -> None:
    """Take a picture away; its files go with the next sweep, unless others use them.

    Raises NotAllowed, ReleaseNotFound, WorkNotFound, PicturesLocked, PictureNotFound.
    """
    of = rights.locked(place, by, adds=False)
    picture = _picture(place, picture_id)
    detail = {"picture": picture.pk, "source": picture.source_digest}
    picture.delete()
    _changed(of, by, at)
    _record("picture.deleted", place, by, detail)


@transaction.atomic
def remove_picture(picture_id: int, *, by: Viewer, at: datetime, reason: str) -> int:
    """Take a picture down wherever it is, for good: it cannot come back (STAY-1).

    What it is recognised by is kept, never the picture. Returns from how many releases and
    works it went.

    Raises NotAllowed, ReasonMissing, PictureNotFound.
    """
    by.require(Permission.MODERATE)
    if not reason.strip():
        raise ReasonMissing
    picture = Picture.objects.filter(pk=picture_id).first()
    if picture is None:
        raise PictureNotFound
    why = nfc(reason.strip())[:_REASON_LENGTH]
    staying_down.refuse(picture, reason=why, at=at)
    same = list(staying_down.same_as(picture).select_related("release"))
    for one in same:
        place = Place(one.release_id, one.work_id)
        detail = {"picture": one.pk, "source": one.source_digest}
        one.delete()
        if place.release_id is not None:
            catalog.touch([place.release_id], at=at)
        _record("picture.removed", place, by, detail, why)
    return len(same)


@transaction.atomic
def add_text(release_id: int, name: str, raw: bytes, *, by: Viewer, at: datetime) -> TextFile:
    """Put a text file beside a release; one of the same name is replaced.

    `name` is the file's; its end says whether it may be in the letters of DOS (`.nfo`).

    Raises NotAllowed, ReleaseNotFound, PicturesLocked, TextTooLarge, NotAText, TooManyTexts.
    """
    place = Place(release_id)
    of = rights.locked(place, by, adds=True)
    limit = settings.BOTTIN_TEXT_MAX_SIZE
    if len(raw) > limit:
        raise TextTooLarge(size_bytes=len(raw), limit_bytes=limit)
    named = _name(name)
    read = texts.read_text(raw, is_nfo=named.lower().endswith((".nfo", ".diz")))
    others = TextFile.objects.filter(release_id=release_id).exclude(name=named)
    if others.count() >= settings.BOTTIN_TEXTS_MAX:
        raise TooManyTexts(limit=settings.BOTTIN_TEXTS_MAX)
    text, _new = TextFile.objects.update_or_create(
        release_id=release_id,
        name=named,
        defaults={
            "body": read.body,
            "encoding": read.encoding,
            "size_bytes": len(raw),
            "added_by_id": by.user_id,
            "added_at": at,
        },
    )
    _changed(of, by, at)
    _record("text.added", place, by, {"text": text.pk, "name": named})
    return text


@transaction.atomic
def delete_text(release_id: int, text_id: int, *, by: Viewer, at: datetime) -> None:
    """Take a text away.

    Raises NotAllowed, ReleaseNotFound, PicturesLocked, TextNotFound.
    """
    place = Place(release_id)
    of = rights.locked(place, by, adds=False)
    text = TextFile.objects.filter(pk=text_id, release_id=release_id).first()
    if text is None:
        raise TextNotFound
    detail = {"text": text.pk, "name": text.name}
    text.delete()
    _changed(of, by, at)
    _record("text.deleted", place, by, detail)


def _alt(text: str) -> str:
    line = visible(" ".join(text.split()))
    if not line or len(line) > ALT_LENGTH:
        raise AltMissing(limit=ALT_LENGTH)
    return line


def _name(text: str) -> str:
    last = visible(text.replace("\\", "/").rsplit("/", 1)[-1].strip())
    if len(last) > NAME_LENGTH:
        last = f"{last[: NAME_LENGTH - 10]}…{last[-9:]}"
    return last or "README.txt"


def _room(place: Place, given: NewPicture) -> None:
    limit = settings.BOTTIN_PICTURES_MAX
    held = Picture.objects.filter(**place.key)
    has_cover = held.filter(is_cover=True).exists()
    # A new cover puts the one before among the pictures.
    after = held.filter(is_cover=False).count() + int(has_cover or not given.is_cover)
    if after > limit:
        raise TooManyPictures(limit=limit)


def _next(place: Place) -> int:
    last = Picture.objects.filter(**place.key).order_by("-position").first()
    return last.position + 1 if last else 0


def _picture(place: Place, picture_id: int) -> Picture:
    picture = Picture.objects.filter(**place.key, pk=picture_id).first()
    if picture is None:
        raise PictureNotFound
    return picture


def _keep_files(picture: Picture, made: Rendered) -> None:
    PictureFile.objects.bulk_create(
        PictureFile(
            picture=picture,
            digest=store.put(size.content, size.form),
            form=size.form,
            width=size.width,
            height=size.height,
            size_bytes=len(size.content),
        )
        for size in made.sizes
    )


def _changed(of: Release | Work, by: Viewer, at: datetime) -> None:
    if isinstance(of, Release) and of.state == ReleaseState.PENDING:
        catalog.note_edit(of, by=by, at=at)
    if isinstance(of, Release) and of.state == ReleaseState.PUBLISHED:
        catalog.touch([of.pk], at=at)


def _record(
    action: str, place: Place, by: Viewer, detail: dict[str, object], reason: str = ""
) -> None:
    log.record(action, actor_id=by.user_id, subject=place.subject, reason=reason, detail=detail)
