"""Covers for the demo, drawn from the titles: plain shapes of our own, given to all (CC0)."""

import hashlib
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from bottin.accounts.models import Account
from bottin.accounts.viewer import viewer_for
from bottin.audit.models import AuditEvent
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from bottin.pictures import actions, store
from bottin.pictures.actions import NewPicture
from bottin.pictures.errors import PictureStaysDown, SamePicture, TooManyPictures
from bottin.pictures.models import Picture, TextFile
from bottin.pictures.rights import Place

COVERS: Final = 24
_PICTURES: Final = 3
_SIZE: Final = (600, 900)
_WIDE: Final = (960, 600)
_MARGIN: Final = 48
_GONE: Final = ("picture.deleted", "picture.removed")
# Paper, ink and one accent, as the pages have them.
_SCHEMES: Final = (
    ("#f5f2e8", "#1b1a16", "#ffd60a"),
    ("#1b1a16", "#f5f2e8", "#ffd60a"),
    ("#24557f", "#fdfcf8", "#ffd60a"),
    ("#1d6b3a", "#fdfcf8", "#f0b45c"),
    ("#a5271c", "#fdfcf8", "#f5f2e8"),
    ("#ddd7c6", "#24557f", "#a5271c"),
)
_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_CEDILLA: Final = "\N{COMBINING CEDILLA}"
# From the middle of a letter's top, or foot for the cedilla.
_STROKES: Final = {
    "\N{COMBINING GRAVE ACCENT}": (((-7, -13), (3, -5)),),
    "\N{COMBINING ACUTE ACCENT}": (((7, -13), (-3, -5)),),
    "\N{COMBINING CIRCUMFLEX ACCENT}": (((-8, -5), (0, -12), (8, -5)),),
    "\N{COMBINING DIAERESIS}": (((-7, -10), (-7, -6)), ((7, -10), (7, -6))),
    _CEDILLA: (((0, 0), (4, 6), (-3, 10)),),
}
_SPELLED: Final = {"œ": "oe", "Œ": "OE", "\N{EN DASH}": "-", "’": "'"}
_NFO: Final = """\
┌──────────────────────────────────────────────────────────┐
│  {title:<54.54}  │
├──────────────────────────────────────────────────────────┤
│  ░▒▓█  DEMONSTRATION  █▓▒░                               │
│  The bytes shared are made up; licence and source: real. │
└──────────────────────────────────────────────────────────┘
"""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One picture to draw, and what is said of it."""

    seed: str
    alt: str
    is_cover: bool = False

    def drawn(self) -> NewPicture:
        raw = draw(self.seed, _SIZE if self.is_cover else _WIDE)
        return NewPicture(raw, self.alt, is_cover=self.is_cover)


def are_whole() -> bool:
    """Whether every picture is there, with its files."""
    return not _unfinished()


def write(staff: dict[str, Account], at: datetime) -> None:
    """Give the newest releases and the picks a cover, the first some pictures and an NFO.

    Goes on where a stopped run left off, and draws again what lost its files. What a person
    took away stays away.
    """
    team = viewer_for(staff["samir"])
    for release, sheets in _unfinished():
        place = Place(release_id=release.pk)
        if len(sheets) > 1 and not TextFile.objects.filter(release=release).exists():
            raw = _NFO.format(title=release.title).encode("cp437", "replace")
            actions.add_text(release.pk, "bottin.nfo", raw, by=team, at=at)
        broken = [pk for pk, is_whole in _held([release])[release.pk].items() if not is_whole]
        Picture.objects.filter(pk__in=broken).delete()
        for sheet in sheets:
            with suppress(SamePicture, PictureStaysDown, TooManyPictures):
                actions.add_picture(place, sheet.drawn(), by=team, at=at)


def _unfinished() -> list[tuple[Release, list[_Sheet]]]:
    """Return the releases that lack a picture or a file of one, with all that they should have."""
    listed = Release.objects.filter(is_demo=True, state=ReleaseState.PUBLISHED)
    newest = list(listed.order_by("-published_at", "-pk")[:COVERS])
    picked = listed.filter(pick__isnull=False).exclude(pk__in=[one.pk for one in newest])
    chosen = newest + list(picked.order_by("pk"))
    held, left_alone = _held(chosen), _left_alone(chosen)
    wanted = ((release, _sheets(release, number)) for number, release in enumerate(chosen))
    return [
        (release, sheets)
        for release, sheets in wanted
        if release.pk not in left_alone and sum(held[release.pk].values()) < len(sheets)
    ]


def _sheets(release: Release, number: int) -> list[_Sheet]:
    title = release.title
    cover = _Sheet(title, f"Dessin géométrique, {title}", is_cover=True)
    more = range(1, _PICTURES + 1) if number < _PICTURES else ()
    return [cover, *(_Sheet(f"{title} {n}", f"Planche {n} : formes simples") for n in more)]


def _held(releases: list[Release]) -> dict[int, dict[int, bool]]:
    """Return the pictures of each release, and whether all their files are on the disk."""
    held: dict[int, dict[int, bool]] = {release.pk: {} for release in releases}
    for picture in Picture.objects.filter(release__in=releases).prefetch_related("files"):
        files = [store.path_of(file.digest, file.form) for file in picture.files.all()]
        held[picture.release_id or 0][picture.pk] = all(path.exists() for path in files)
    return held


def _left_alone(releases: list[Release]) -> set[int]:
    """Return those of which somebody took a picture away."""
    subjects = {Place(release_id=release.pk).subject: release.pk for release in releases}
    gone = AuditEvent.objects.filter(action__in=_GONE, subject__in=subjects)
    return {subjects[subject] for subject in gone.values_list("subject", flat=True)}


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
        _write_line(pen, (_MARGIN, top + 54 * number), line, (font, ink))


def _write_line(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], line: str, how: tuple["_Font", str]
) -> None:
    """Write a line; accents are drawn by hand, the font that comes with Pillow has none."""
    font, ink = how
    plain, accents = "", []
    for sign in unicodedata.normalize("NFD", line):
        if sign in _STROKES:
            accents.append((len(plain) - 1, sign))
        else:
            plain += _SPELLED.get(sign, sign)
    pen.text(at, plain, fill=ink, font=font)
    for place, accent in accents:
        letter = plain[place]
        x = at[0] + pen.textlength(plain[:place], font) + pen.textlength(letter, font) / 2
        box = pen.textbbox(at, letter, font)
        y = box[3] if accent == _CEDILLA else box[1]
        for stroke in _STROKES[accent]:
            pen.line([(x + dx, y + dy) for dx, dy in stroke], fill=ink, width=4, joint="curve")


def _lines(pen: ImageDraw.ImageDraw, title: str, width: int, font: "_Font") -> list[str]:
    lines: list[str] = []
    for word in title.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and pen.textlength(longer, font=font) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
