"""What a picture says of itself before anything decodes it: its kind, its sides, whether it moves.

Reads headers only, by slices within the file: no allocation that a header could ask for. What
gets through is JPEG, PNG or WebP with sides within limits; a decoder sees nothing else.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bottin.pictures.errors import (
    AnimatedPicture,
    PictureTooLarge,
    TooFewPixels,
    TooManyPixels,
    UnreadablePicture,
    WrongType,
)

MIB: Final = 1024 * 1024
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_CHUNKS_MAX: Final = 10_000
# Start-of-frame markers of the JPEGs that are in use: baseline, extended, progressive.
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
_OTHER_FRAMES: Final = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PADDING: Final = 0xFF
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length


class Kind(StrEnum):
    """The kinds that are taken."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may cost; the caller fills it from the settings."""

    file_bytes: int = 2 * MIB
    pixels: int = 16_000_000
    side: int = 12_000
    least_side: int = 32
    memory_bytes: int = 384 * MIB
    cpu_s: int = 10


@dataclass(frozen=True, slots=True)
class Header:
    """Kind and sides in pixels."""

    kind: Kind
    width: int
    height: int


def look(raw: bytes, limits: Limits) -> Header:
    """Return what the header says.

    Raises PictureTooLarge, WrongType, AnimatedPicture, TooManyPixels, TooFewPixels,
    and UnreadablePicture for a header that breaks off or contradicts itself.
    """
    if len(raw) > limits.file_bytes:
        raise PictureTooLarge(size_bytes=len(raw), limit_bytes=limits.file_bytes)
    header = _read(raw)
    width, height = header.width, header.height
    if width * height > limits.pixels or max(width, height) > limits.side:
        raise TooManyPixels(width=width, height=height, limit=limits.pixels, side=limits.side)
    if min(width, height) < limits.least_side:
        raise TooFewPixels(width=width, height=height, limit=limits.least_side)
    return header


def _read(raw: bytes) -> Header:
    if raw.startswith(_PNG):
        return _png(raw)
    if raw.startswith(b"\xff\xd8\xff"):
        return _jpeg(raw)
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return _webp(raw)
    raise WrongType


def _png(raw: bytes) -> Header:
    if raw[8:16] != b"\x00\x00\x00\rIHDR" or len(raw) < 33:  # noqa: PLR2004 - IHDR and its sum
        raise UnreadablePicture
    at = 8
    for _ in range(_CHUNKS_MAX):
        kind = raw[at + 4 : at + 8]
        if kind in {b"acTL", b"fcTL", b"fdAT"}:
            raise AnimatedPicture
        if kind in {b"IEND", b""}:
            return Header(Kind.PNG, _big(raw[16:20]), _big(raw[20:24]))
        at += 12 + _big(raw[at : at + 4])
    raise UnreadablePicture


def _jpeg(raw: bytes) -> Header:
    at = 2
    for _ in range(_CHUNKS_MAX):
        if raw[at : at + 1] != b"\xff" or at + 9 > len(raw):
            raise UnreadablePicture
        marker = raw[at + 1]
        if marker in _FRAMES:
            return Header(Kind.JPEG, _big(raw[at + 7 : at + 9]), _big(raw[at + 5 : at + 7]))
        if marker in _OTHER_FRAMES:
            raise UnreadablePicture
        if marker == _PADDING:
            at += 1
        elif marker in _ALONE:
            at += 2
        else:
            at += 2 + max(2, _big(raw[at + 2 : at + 4]))
    raise UnreadablePicture


def _webp(raw: bytes) -> Header:
    form, body = raw[12:16], raw[20:30]
    if len(body) < 10 or b"ANIM" in raw[12:64] or b"ANMF" in raw[12:64]:  # noqa: PLR2004 - a header
        raise AnimatedPicture if len(body) == 10 else UnreadablePicture  # noqa: PLR2004 - same
    if form == b"VP8X":
        if body[0] & 0b10:
            raise AnimatedPicture
        return Header(Kind.WEBP, 1 + _little(body[4:7]), 1 + _little(body[7:10]))
    if form == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        return Header(Kind.WEBP, _little(body[6:8]) & 0x3FFF, _little(body[8:10]) & 0x3FFF)
    if form == b"VP8L" and body[:1] == b"\x2f":
        bits = _little(body[1:5])
        return Header(Kind.WEBP, 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    raise UnreadablePicture


def _big(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


def _little(raw: bytes) -> int:
    return int.from_bytes(raw, "little")
