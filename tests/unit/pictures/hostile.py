"""Pictures made to do harm, each with the code of its refusal; and how chunks are written."""

import struct
import zlib
from io import BytesIO
from typing import Final

from PIL import Image

from tests.factories.pictures import drawing, picture_file

PNG: Final = b"\x89PNG\r\n\x1a\n"
SCRIPT: Final = b"<script>alert(1)</script>"


def chunk(kind: bytes, body: bytes) -> bytes:
    """Write a chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *more: bytes, data: bytes = b"") -> bytes:
    """Write a PNG that says these sides, whatever its data is."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        (PNG, chunk(b"IHDR", head), *more, chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND", b""))
    )


def webp(form: bytes, body: bytes) -> bytes:
    """Write a WebP with one chunk."""
    inner = b"WEBP" + form + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


def moving(form: str, frames: int = 3) -> bytes:
    """Return a picture of several frames."""
    out = BytesIO()
    first, *others = [drawing((64, 64)) for _ in range(frames)]
    first.save(out, form, save_all=True, append_images=others, duration=40)
    return out.getvalue()


def jpeg(*segments: tuple[int, bytes], width: int = 300, height: int = 300) -> bytes:
    """Write the segments of a JPEG up to its frame."""
    frame = struct.pack(">BHHB", 8, height, width, 3) + bytes(9)
    parts = [b"\xff\xd8"]
    for marker, body in (*segments, (0xC0, frame)):
        parts.append(bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body)
    return b"".join(parts)


WHOLE: Final = picture_file("PNG", drawing((120, 90), seed=5))
PHOTO: Final = picture_file("JPEG", drawing((120, 90), seed=5))
BOMB: Final = zlib.compress(bytes(200_000_000), 9)

REFUSED: Final[dict[str, tuple[bytes, str]]] = {
    "nothing": (b"", "pictures.wrong_type"),
    "one byte": (b"\x89", "pictures.wrong_type"),
    "html named .png": (b"<!doctype html><html><body>" + SCRIPT, "pictures.wrong_type"),
    "svg": (
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "pictures.wrong_type",
    ),
    "svg behind an xml head": (b'<?xml version="1.0"?><svg/>', "pictures.wrong_type"),
    "javascript": (b"alert(1)", "pictures.wrong_type"),
    "pdf": (b"%PDF-1.7\n", "pictures.wrong_type"),
    "zip": (b"PK\x03\x04" + bytes(60), "pictures.wrong_type"),
    "exe": (b"MZ" + bytes(200), "pictures.wrong_type"),
    "still gif": (picture_file("GIF"), "pictures.wrong_type"),
    "gif of many frames": (moving("GIF", 60), "pictures.wrong_type"),
    "gif and javascript": (b"GIF89a/*" + bytes(40) + b"*/=1;alert(1)", "pictures.wrong_type"),
    "bmp and javascript": (picture_file("BMP"), "pictures.wrong_type"),
    "tiff": (picture_file("TIFF"), "pictures.wrong_type"),
    "icon": (picture_file("ICO", drawing((48, 48))), "pictures.wrong_type"),
    "avif": (picture_file("AVIF"), "pictures.wrong_type"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "pictures.wrong_type"),
    "space before the mark": (b" " + WHOLE, "pictures.wrong_type"),
    "moving png": (moving("PNG"), "pictures.animated"),
    "moving webp": (moving("WEBP"), "pictures.animated"),
    "png of 50,000 a side": (png(50_000, 50_000), "pictures.too_many_pixels"),
    "png of 4 billion a side": (png(2**32 - 1, 2**32 - 1), "pictures.too_many_pixels"),
    "png a row high": (png(100_000, 40), "pictures.too_many_pixels"),
    "png without sides": (png(0, 0), "pictures.too_few_pixels"),
    "png of one pixel": (picture_file("PNG", Image.new("RGB", (1, 1))), "pictures.too_few_pixels"),
    "jpeg of 65,535 a side": (jpeg(width=65_535, height=65_535), "pictures.too_many_pixels"),
    "webp of 16,384 a side": (
        webp(b"VP8L", b"\x2f" + b"\xff" * 4 + bytes(20)),
        "pictures.too_many_pixels",
    ),
    "webp canvas of 16 million a side": (
        webp(b"VP8X", bytes(4) + b"\xff" * 6 + bytes(20)),
        "pictures.too_many_pixels",
    ),
    "png cut in its data": (WHOLE[: len(WHOLE) // 2], "pictures.unreadable"),
    "png cut in its head": (WHOLE[:20], "pictures.unreadable"),
    "png without data": (png(300, 300), "pictures.unreadable"),
    "png with a wrong sum": (
        WHOLE[:40] + bytes((WHOLE[40] ^ 1,)) + WHOLE[41:],
        "pictures.unreadable",
    ),
    "profile bomb": (
        png(300, 300, chunk(b"iCCP", b"x\0\0" + BOMB), data=bytes(901 * 300)),
        "pictures.unreadable",
    ),
    "text bomb": (
        png(300, 300, chunk(b"zTXt", b"x\0\0" + BOMB), data=bytes(901 * 300)),
        "pictures.unreadable",
    ),
    "many texts": (
        png(300, 300, *[chunk(b"tEXt", b"k\0v")] * 10_001, data=bytes(901 * 300)),
        "pictures.unreadable",
    ),
    "jpeg cut in its data": (PHOTO[: len(PHOTO) // 2], "pictures.unreadable"),
    "jpeg with nothing but a head": (jpeg(), "pictures.unreadable"),
    "jpeg of an unused kind": (b"\xff\xd8\xff\xc3\x00\x11" + bytes(20), "pictures.unreadable"),
    "jpeg with a segment past the end": (
        b"\xff\xd8\xff\xe0\xff\xff" + bytes(60),
        "pictures.unreadable",
    ),
    "webp cut": (picture_file("WEBP")[:60], "pictures.unreadable"),
    "webp of an unknown form": (webp(b"VP9 ", bytes(40)), "pictures.unreadable"),
    "webp without a picture": (
        webp(b"VP8X", bytes(4) + b"\x63\0\0\x63\0\0" + bytes(20)),
        "pictures.unreadable",
    ),
}
