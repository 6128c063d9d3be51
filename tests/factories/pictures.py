"""Pictures of our own making, as files; and beside releases, without the child process."""

import itertools
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageDraw

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import Viewer
from bottin.catalog.models import Release
from bottin.pictures import actions
from bottin.pictures.actions import NewPicture
from bottin.pictures.models import Picture
from bottin.pictures.rights import Place
from tests.factories import catalog as make
from tests.factories.catalog import NOON

_numbers: Final = itertools.count(1)


def drawing(size: tuple[int, int] = (300, 450), mode: str = "RGB", seed: int = 0) -> Image.Image:
    """Draw a few rectangles that no other seed has; the same seed gives the same picture."""
    number = seed or next(_numbers)
    picture = Image.new(mode, size)
    pen = ImageDraw.Draw(picture)
    for step in range(12):
        x, y = (number * 37 + step * 53) % size[0], (number * 91 + step * 71) % size[1]
        ink = tuple((number * 29 + step * k) % 256 for k in (67, 97, 149))[: len(mode)]
        pen.rectangle((x, y, x + size[0] // 4, y + size[1] // 5), fill=ink if len(mode) > 1 else 99)
    return picture


def picture_file(form: str = "PNG", picture: Image.Image | None = None, **options: Any) -> bytes:
    """Return a drawing as a file."""
    out = BytesIO()
    (picture or drawing()).save(out, form, **options)
    return out.getvalue()


def add_picture(
    release: Release, by: Viewer | None = None, *, alt: str = "Un dessin", **given: Any
) -> Picture:
    """Put a picture beside a release, through its child process."""
    raw = given.pop("raw", None) or picture_file()
    return actions.add_picture(
        Place(release_id=release.pk),
        NewPicture(raw, alt, **given),
        by=by or make.viewer(Role.MODERATOR),
        at=NOON,
    )
