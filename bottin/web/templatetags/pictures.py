"""Template tags of pictures: covers of a list, and one picture in the sizes that there are."""

from collections.abc import Iterable, Mapping
from typing import Final

from django import template
from django.urls import reverse

from bottin.catalog.models import Release
from bottin.community.models import Pick
from bottin.pictures.queries import PictureLine, Shown, covers_of

register: Final = template.Library()


@register.simple_tag
def covers(rows: Iterable[Release | Pick]) -> dict[int, PictureLine]:
    """Return the covers of these releases, or of what was picked, by their numbers. One query."""
    return covers_of(row.pk for row in rows)


@register.filter
def cover_of(found: Mapping[int, PictureLine], row: Release | Pick) -> PictureLine | None:
    """Return the cover of one of them."""
    return found.get(row.pk)


@register.inclusion_tag("pictures/picture.html")
def picture(line: PictureLine, sizes: str, alt: str | None = None) -> dict[str, object]:
    """Draw a picture; `sizes` is how wide it is shown, as HTML says it."""
    return {
        "line": line,
        "src": line.middle,
        "alt": line.alt if alt is None else alt,
        "avif": _srcset(line.avif),
        "webp": _srcset(line.webp),
        "sizes": sizes,
    }


@register.filter
def picture_path(shown: Shown) -> str:
    """Return the address of a size of a picture."""
    return reverse("web:picture", args=[shown.digest, shown.form])


def _srcset(files: Iterable[Shown]) -> str:
    return ", ".join(f"{picture_path(file)} {file.width}w" for file in files)
