"""Covers for the demo, drawn from the titles: plain shapes of our own, given to all (CC0)."""

import hashlib
from datetime import datetime
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from bottin.accounts.models import Account
from bottin.accounts.viewer import viewer_for
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from bottin.pictures import actions
from bottin.pictures.actions import NewPicture
from bottin.pictures.models import Picture, TextFile
from bottin.pictures.rights import Place

COVERS: Final = 24
_PICTURES: Final = 3
_SIZE: Final = (600, 900)
_WIDE: Final = (960, 600)
_MARGIN: Final = 48
# Paper, ink and one accent, as the pages have them.
_SCHEMES: Final = (
    ("#f5f2e8", "#1b1a16", "#ffd60a"),
    ("#1b1a16", "#f5f2e8", "#ffd60a"),
    ("#24557f", "#fdfcf8", "#ffd60a"),
    ("#1d6b3a", "#fdfcf8", "#f0b45c"),
    ("#a5271c", "#fdfcf8", "#f5f2e8"),
    ("#ddd7c6", "#24557f", "#a5271c"),
)
_NFO: Final = """\
┌──────────────────────────────────────────────────────────┐
│  {title:<54.54}  │
├──────────────────────────────────────────────────────────┤
│  ░▒▓█  DEMONSTRATION  █▓▒░                               │
│  The bytes shared are made up; licence and source: real. │
└──────────────────────────────────────────────────────────┘
"""


def write(staff: dict[str, Account], at: datetime) -> None:
    """Give the newest published releases a cover, the first some pictures and an NFO."""
    if Picture.objects.exists():
        return
    team = viewer_for(staff["samir"])
    releases = Release.objects.filter(is_demo=True, state=ReleaseState.PUBLISHED)
    for number, release in enumerate(releases.order_by("-published_at")[:COVERS]):
        place = Place(release_id=release.pk)
        cover = NewPicture(
            draw(release.title, _SIZE), f"Dessin géométrique, {release.title}", is_cover=True
        )
        actions.add_picture(place, cover, by=team, at=at)
        if number < _PICTURES:
            for sheet in range(_PICTURES):
                drawn = draw(f"{release.title} {sheet + 1}", _WIDE)
                page = NewPicture(drawn, f"Planche {sheet + 1} : formes simples")
                actions.add_picture(place, page, by=team, at=at)
            if not TextFile.objects.filter(release=release).exists():
                raw = _NFO.format(title=release.title).encode("cp437", "replace")
                actions.add_text(release.pk, "bottin.nfo", raw, by=team, at=at)


def draw(title: str, size: tuple[int, int]) -> bytes:
    """Draw what a title makes of a digest: the same title, the same picture; a PNG file."""
    dice = hashlib.sha256(title.encode()).digest()
    paper, ink, accent = _SCHEMES[dice[0] % len(_SCHEMES)]
    picture = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(picture)
    for step in range(6):
        _shape(pen, size, dice[1 + 4 * step : 5 + 4 * step], accent if step % 2 else ink)
    _lettering(pen, size, title, (paper, ink))
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _shape(pen: ImageDraw.ImageDraw, size: tuple[int, int], dice: bytes, ink: str) -> None:
    x, y = dice[0] * size[0] // 256, dice[1] * size[1] * 2 // 3 // 256
    reach = 40 + dice[2] * size[0] // 3 // 256
    box = (x - reach, y - reach, x + reach, y + reach)
    match dice[3] % 4:
        case 0:
            pen.ellipse(box, fill=ink)
        case 1:
            pen.ellipse(box, outline=ink, width=14)
        case 2:
            pen.polygon([(x, y - reach), (x + reach, y + reach), (x - reach, y + reach)], fill=ink)
        case _:
            pen.rectangle((x - reach, y - reach // 5, x + reach, y + reach // 5), fill=ink)


def _lettering(
    pen: ImageDraw.ImageDraw, size: tuple[int, int], title: str, inks: tuple[str, str]
) -> None:
    paper, ink = inks
    font = ImageFont.load_default(44)
    lines = _lines(pen, title, size[0] - 2 * _MARGIN, font)[:4]
    top = size[1] - _MARGIN - 54 * len(lines)
    pen.rectangle((0, top - _MARGIN // 2, size[0], size[1]), fill=paper)
    pen.rectangle((0, top - _MARGIN // 2, size[0], top - _MARGIN // 2 + 6), fill=ink)
    for number, line in enumerate(lines):
        pen.text((_MARGIN, top + 54 * number), line, fill=ink, font=font)


def _lines(
    pen: ImageDraw.ImageDraw,
    title: str,
    width: int,
    font: "ImageFont.FreeTypeFont | ImageFont.ImageFont",
) -> list[str]:
    lines: list[str] = []
    for word in title.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and pen.textlength(longer, font=font) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
