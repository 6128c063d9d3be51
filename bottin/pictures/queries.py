"""Reads of pictures and texts: beside a release or a work, covers of a list, one file, one text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog.models import Release
from bottin.catalog.states import TOMBSTONES, ReleaseState
from bottin.pictures import store
from bottin.pictures.errors import PictureNotFound, TextNotFound
from bottin.pictures.models import PictureFile, TextFile
from bottin.pictures.rights import Place

_ORDER: Final = ("-picture__is_cover", "picture__position", "picture_id", "width", "pk")


@dataclass(frozen=True, slots=True)
class Shown:
    """A size of a picture: its address is `digest` and `form`."""

    digest: str
    form: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PictureLine:
    """A picture as pages draw it; `sizes` narrowest first, each form its own list."""

    picture_id: int
    alt: str
    is_cover: bool
    webp: tuple[Shown, ...]
    avif: tuple[Shown, ...]

    @property
    def smallest(self) -> Shown:
        """The size for a list."""
        return self.webp[0]

    @property
    def largest(self) -> Shown:
        """The size that a click leads to."""
        return self.webp[-1]

    @property
    def middle(self) -> Shown:
        """The size where one column is shown: the second, where there are several."""
        return self.webp[min(1, len(self.webp) - 1)]


@dataclass(frozen=True, slots=True)
class TextLine:
    """A text by name and size, without its body."""

    text_id: int
    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What is beside a release or a work to look at and to read."""

    cover: PictureLine | None = None
    pictures: tuple[PictureLine, ...] = ()
    texts: tuple[TextLine, ...] = ()

    @property
    def are_any(self) -> bool:
        """Whether there is something."""
        return bool(self.cover or self.pictures or self.texts)

    @property
    def every_picture(self) -> tuple[PictureLine, ...]:
        """The cover, if any, and the others."""
        return ((self.cover,) if self.cover else ()) + self.pictures


@dataclass(frozen=True, slots=True)
class Served:
    """A file of a picture and its type; `is_public`: whether everybody may see it."""

    content: bytes
    media_type: str
    is_public: bool


def beside(release: str) -> dict[str, ArraySubquery]:
    """Return columns for another query, so that a page needs none more; read with `enclosed_in`.

    `release` is the name of the column, in that query, that has the release's number.
    """
    pictures = PictureFile.objects.filter(picture__release_id=OuterRef(release))
    texts = TextFile.objects.filter(release_id=OuterRef(release)).order_by("pk")
    return {
        "enclosed_pictures": ArraySubquery(_as_json(pictures)),
        "enclosed_texts": ArraySubquery(
            texts.values(row=JSONObject(pk="pk", name="name", size="size_bytes"))
        ),
    }


def enclosed_in(row: object) -> Enclosed:
    """Read the columns of `beside` off a row of that query."""
    held = vars(row)
    return _enclosed(held["enclosed_pictures"], held["enclosed_texts"])


def enclosed_of(place: Place) -> Enclosed:
    """Return what is beside a release or a work. Two queries, one for a work."""
    if place.work_id is not None:
        return _enclosed(_rows(PictureFile.objects.filter(picture__work_id=place.work_id)), [])
    files = PictureFile.objects.filter(picture__release_id=place.release_id or 0)
    texts = TextFile.objects.filter(release_id=place.release_id or 0).order_by("pk")
    return _enclosed(_rows(files), [*texts.values("pk", "name", size=F("size_bytes"))])


def covers_of(release_ids: Iterable[int]) -> dict[int, PictureLine]:
    """Return the covers of those releases that have one. One query, none for no releases."""
    ids = list(release_ids)
    if not ids:
        return {}
    files = PictureFile.objects.filter(picture__release_id__in=ids, picture__is_cover=True)
    rows: dict[int, list[Mapping[str, Any]]] = {}
    for row in _rows(files):
        rows.setdefault(row["release"], []).append(row)
    return {release_id: _lines(found)[0] for release_id, found in rows.items()}


def public_file(digest: str, form: str) -> Served | None:
    """Return a file that everybody may see, or None. One query."""
    if settings.BOTTIN_ACCESS == "private":
        return None
    files = PictureFile.objects.filter(digest=digest, form=form)
    listed = files.filter(picture__release__state=ReleaseState.PUBLISHED)
    if listed.exists() or _is_of_a_listed_work(files):
        return _served(digest, form, is_public=True)
    return None


def file_for(digest: str, form: str, viewer: Viewer) -> Served:
    """Return a file for somebody: what is public, their own, and for the team all but drafts.

    Raises PictureNotFound.
    """
    found = public_file(digest, form)
    if found is None and _may_see(digest, form, viewer):
        found = _served(digest, form, is_public=False)
    if found is None:
        raise PictureNotFound
    return found


def text_for(release: Release, text_id: int) -> TextFile:
    """Return a text of a release that this viewer was given. Raises TextNotFound. One query."""
    text = TextFile.objects.filter(pk=text_id, release_id=release.pk).first()
    if text is None:
        raise TextNotFound
    return text


def _may_see(digest: str, form: str, viewer: Viewer) -> bool:
    files = PictureFile.objects.filter(digest=digest, form=form)
    if viewer.may(Permission.CURATE) and files.filter(picture__work__isnull=False).exists():
        return True
    if not viewer.is_signed_in:
        return False
    mine = Release.objects.visible_to(viewer).filter(pictures__files__in=files)
    if not viewer.is_moderator:
        mine = mine.exclude(state__in=TOMBSTONES)
    if mine.exists():
        return True
    return settings.BOTTIN_ACCESS == "private" and _is_of_a_listed_work(files)


def _is_of_a_listed_work(files: QuerySet[PictureFile]) -> bool:
    return files.filter(picture__work__editions__releases__state=ReleaseState.PUBLISHED).exists()


def _served(digest: str, form: str, *, is_public: bool) -> Served | None:
    content = store.read(digest, form)
    return None if content is None else Served(content, store.FORMS[form], is_public)


def _rows(files: QuerySet[PictureFile]) -> list[Mapping[str, Any]]:
    return [found["row"] for found in _as_json(files)]


def _as_json(files: QuerySet[PictureFile]) -> "QuerySet[PictureFile, Any]":
    row = JSONObject(
        pk="picture_id",
        release="picture__release_id",
        alt="picture__alt",
        cover="picture__is_cover",
        digest="digest",
        form="form",
        width="width",
        height="height",
    )
    return files.order_by(*_ORDER).values(row=row)


def _enclosed(files: Iterable[Mapping[str, Any]], texts: Iterable[Mapping[str, Any]]) -> Enclosed:
    lines = _lines(files)
    cover = next((line for line in lines if line.is_cover), None)
    return Enclosed(
        cover,
        tuple(line for line in lines if not line.is_cover),
        tuple(TextLine(text["pk"], text["name"], text["size"]) for text in texts),
    )


def _lines(files: Iterable[Mapping[str, Any]]) -> list[PictureLine]:
    of: dict[int, list[Mapping[str, Any]]] = {}
    for file in files:
        of.setdefault(file["pk"], []).append(file)
    return [
        PictureLine(pk, held[0]["alt"], held[0]["cover"], _form(held, "webp"), _form(held, "avif"))
        for pk, held in of.items()
    ]


def _form(files: Iterable[Mapping[str, Any]], form: str) -> tuple[Shown, ...]:
    return tuple(
        Shown(file["digest"], form, file["width"], file["height"])
        for file in files
        if file["form"] == form
    )
