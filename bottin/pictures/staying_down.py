"""Pictures that the team removed: what they are recognised by, and what comes back."""

from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from bottin.pictures.errors import PictureStaysDown
from bottin.pictures.models import Picture, PrintKind, RefusedPicture
from bottin.pictures.sandbox import Rendered

# Of 128 signs of how a picture looks, this many may differ in the same one, compressed or scaled.
_NEAR: Final = 6
# A picture nearly without contrast looks like any other such one: it is known by its pixels only.
_PLAIN: Final = 16
_LOOK_BITS: Final = 128


def check_source(source_digest: str) -> None:
    """Refuse a file that was removed, before it is decoded. Raises PictureStaysDown."""
    _refuse_if(RefusedPicture.objects.filter(kind=PrintKind.SOURCE, value=source_digest))


def check(made: Rendered) -> None:
    """Refuse what has the pixels or the look of a removed picture. Raises PictureStaysDown."""
    _refuse_if(RefusedPicture.objects.filter(kind=PrintKind.PIXELS, value=made.pixels))
    if not _has_look(made.look):
        return
    rows = RefusedPicture.objects.filter(kind=PrintKind.LOOK).values_list("value", "reason")
    for value, reason in rows.iterator():
        if _distance(value, made.look) <= _NEAR:
            raise PictureStaysDown(reason=reason)


def refuse(picture: Picture, *, reason: str, at: datetime) -> None:
    """Keep what a picture is recognised by."""
    prints = [
        (PrintKind.SOURCE, picture.source_digest),
        (PrintKind.PIXELS, picture.pixels_digest),
    ]
    if _has_look(picture.look):
        prints.append((PrintKind.LOOK, picture.look))
    RefusedPicture.objects.bulk_create(
        [RefusedPicture(kind=kind, value=value, reason=reason, since=at) for kind, value in prints],
        ignore_conflicts=True,
    )


def same_as(picture: Picture) -> QuerySet[Picture]:
    """Return this picture and the same one beside other releases and works."""
    return Picture.objects.filter(
        Q(pk=picture.pk)
        | Q(source_digest=picture.source_digest)
        | Q(pixels_digest=picture.pixels_digest)
    )


def _refuse_if(rows: QuerySet[RefusedPicture]) -> None:
    row = rows.first()
    if row is not None:
        raise PictureStaysDown(reason=row.reason)


def _has_look(look: str) -> bool:
    return _PLAIN <= int(look, 16).bit_count() <= _LOOK_BITS - _PLAIN


def _distance(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()
