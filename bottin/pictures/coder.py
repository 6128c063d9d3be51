"""Decodes a picture and writes it anew in a few sizes: what is not pixels does not come along.

Runs in a confined child (`worker.py`); everything of Pillow that is needed is imported here,
before the child gives up opening files.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import AvifImagePlugin, Image, ImageCms, ImageFile, ImageOps, TiffImagePlugin, features
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from bottin.pictures.errors import UnreadablePicture
from bottin.pictures.gate import Header, Kind, Limits, look

# Widths on a page: a card, a column, a page, a large screen.
WIDTHS: Final = (240, 480, 960, 1600)
# A picture taller than this many times its width is shown smaller, never cut.
_TALL: Final = 2
_OPENERS: Final[dict[Kind, type[ImageFile.ImageFile]]] = {
    Kind.JPEG: JpegImageFile,
    Kind.PNG: PngImageFile,
    Kind.WEBP: WebPImageFile,
}
# Else it would look for writers when it first writes, and for TIFF when it first reads what a
# camera wrote, with no file to open left.
Image.preinit()
_OF_CAMERAS: Final = TiffImagePlugin
HAS_AVIF: Final = bool(features.check("avif")) and AvifImagePlugin.SUPPORTED
_WEBP: Final = {"quality": 80, "method": 3}
_AVIF: Final = {"quality": 60, "speed": 8, "max_threads": 1}
_SRGB: Final = ImageCms.createProfile("sRGB")
_LOOK_SIDE: Final = 8
_STRIP: Final = 256  # rows
_WITH_ALPHA: Final = frozenset({"RGBA", "LA", "PA", "RGBa"})


@dataclass(frozen=True, slots=True)
class Size:
    """One size in one format, ready to be served."""

    form: str
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture written anew.

    `pixels` is the SHA-256 of its pixels, 64 hexadecimal digits: the same after other metadata or
    another lossless format. `look` is 32 hexadecimal digits that stay close when it is
    compressed or scaled: how each of 8 × 8 fields compares with its neighbours.
    """

    width: int
    height: int
    pixels: str
    look: str
    sizes: tuple[Size, ...]


def encode(raw: bytes, limits: Limits) -> Encoded:
    """Read and write anew. Raises the refusals of `gate.look`, and UnreadablePicture."""
    header = look(raw, limits)
    try:
        picture = _upright(_decoded(raw, header))
    except (OSError, ValueError, SyntaxError, KeyError, IndexError, EOFError) as error:
        raise UnreadablePicture from error
    return Encoded(
        picture.width,
        picture.height,
        _digest_of(picture),
        look_of(picture),
        tuple(_sizes(picture)),
    )


def widths_of(width: int) -> tuple[int, ...]:
    """Return the widths that a picture is served in: never wider than it is."""
    narrower = tuple(one for one in WIDTHS if one < width)
    return narrower if width > WIDTHS[-1] else (*narrower, width)


def look_of(picture: Image.Image) -> str:
    """Return two signs for each of 8 × 8 fields: brighter than its right, than its lower one."""
    side = _LOOK_SIDE + 1
    grey = picture.convert("L").resize((side, side), Image.Resampling.BOX)
    fields = grey.tobytes()
    bits = 0
    for row in range(_LOOK_SIDE):
        for column in range(_LOOK_SIDE):
            here = fields[row * side + column]
            bits = bits << 2 | (here > fields[row * side + column + 1]) << 1
            bits |= here > fields[(row + 1) * side + column]
    return f"{bits:032x}"


def _decoded(raw: bytes, header: Header) -> Image.Image:
    opened = _OPENERS[header.kind](BytesIO(raw))
    if opened.size != (header.width, header.height):
        raise UnreadablePicture
    opened.load()
    return opened


def _upright(picture: Image.Image) -> Image.Image:
    """Turn it as its camera was held, in sRGB, with 8 bits a channel and nothing beside pixels."""
    profile = picture.info.get("icc_profile")
    ImageOps.exif_transpose(picture, in_place=True)
    has_alpha = picture.mode in _WITH_ALPHA or "transparency" in picture.info
    if picture.mode.startswith("I;16") or picture.mode in {"I", "F"}:
        picture = picture.point(lambda value: value / 256).convert("L")
    mode = "RGBA" if has_alpha else "RGB"
    if profile and picture.mode in {"RGB", "RGBA"}:
        picture = _in_srgb(picture, profile)
    plain = picture if picture.mode == mode else picture.convert(mode)
    plain.info.clear()
    return plain


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        changed = ImageCms.profileToProfile(picture, source, _SRGB, outputMode=picture.mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture  # colours a little off; the profile is not kept either way
    return changed or picture


def _sizes(picture: Image.Image) -> Iterator[Size]:
    """Write it from the largest size down, each made of the one before: memory is given back."""
    for width in reversed(widths_of(picture.width)):
        box = (width, width * _TALL)
        if picture.width > box[0] or picture.height > box[1]:
            picture = ImageOps.contain(picture, box, Image.Resampling.LANCZOS)
        yield _as(picture, "webp", _WEBP)
        if HAS_AVIF:
            yield _as(picture, "avif", _AVIF)


def _digest_of(picture: Image.Image) -> str:
    digest = hashlib.sha256(f"{picture.mode} {picture.width} {picture.height} ".encode())
    for top in range(0, picture.height, _STRIP):
        strip = (0, top, picture.width, min(top + _STRIP, picture.height))
        digest.update(picture.crop(strip).tobytes())
    return digest.hexdigest()


def _as(picture: Image.Image, form: str, options: dict[str, int]) -> Size:
    out = BytesIO()
    picture.save(out, form.upper(), **options)
    return Size(form, picture.width, picture.height, out.getvalue())
