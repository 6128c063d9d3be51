"""Content for a demo work, generated from its name: the same bytes on every machine.

Bottin hosts metadata only, and the demo downloads nothing. So that a demo
release can truly be shared, its files are made here, small, with the shape
that such a work has (a disk image, an album, a book in two formats …).
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bottin.config.demo.works import Work

KIB: Final = 1024
_CHUNK: Final = 256 * KIB


@dataclass(frozen=True, slots=True)
class DemoFile:
    """One file to make: its path below the content's root and its size in bytes."""

    path: str
    size_bytes: int


Layout = Callable[[Work, random.Random], list[DemoFile]]


def _image(work: Work, dice: random.Random) -> list[DemoFile]:
    return [DemoFile(f"{work.slug}.iso", dice.randrange(600, 3000) * KIB)]


def _program(work: Work, dice: random.Random) -> list[DemoFile]:
    return [
        DemoFile(f"{work.slug}.tar.xz", dice.randrange(200, 1500) * KIB),
        DemoFile(f"{work.slug}.tar.xz.asc", 833),
        DemoFile("LISEZMOI.txt", 2 * KIB),
    ]


def _film(work: Work, dice: random.Random) -> list[DemoFile]:
    return [
        DemoFile(f"{work.slug}.webm", dice.randrange(800, 2800) * KIB),
        DemoFile(f"sous-titres/{work.slug}.fr.srt", dice.randrange(8, 60) * KIB),
        DemoFile(f"sous-titres/{work.slug}.en.srt", dice.randrange(8, 60) * KIB),
        DemoFile("LICENCE.txt", KIB),
    ]


def _album(work: Work, dice: random.Random) -> list[DemoFile]:
    tracks = dice.randrange(4, 13)
    made = [
        DemoFile(f"{number:02} - piste {number}.flac", dice.randrange(60, 240) * KIB)
        for number in range(1, tracks + 1)
    ]
    return [*made, DemoFile(f"{work.slug}.cue", KIB), DemoFile("LICENCE.txt", KIB)]


def _book(work: Work, dice: random.Random) -> list[DemoFile]:
    return [
        DemoFile(f"{work.slug}.epub", dice.randrange(100, 600) * KIB),
        DemoFile(f"{work.slug}.pdf", dice.randrange(300, 900) * KIB),
    ]


def _dataset(work: Work, dice: random.Random) -> list[DemoFile]:
    del work
    parts = dice.randrange(2, 6)
    made = [
        DemoFile(f"donnees/partie-{number}.csv.zst", dice.randrange(100, 500) * KIB)
        for number in range(1, parts + 1)
    ]
    return [*made, DemoFile("schema.json", 3 * KIB), DemoFile("LICENCE.txt", KIB)]


def _pictures(work: Work, dice: random.Random) -> list[DemoFile]:
    del work
    return [
        DemoFile(f"images/{number:03}.jpg", dice.randrange(20, 120) * KIB)
        for number in range(1, dice.randrange(8, 24))
    ]


_LAYOUTS: Final[dict[int, Layout]] = {
    110300: _program,
    110500: _program,
    110000: _image,
    120000: _film,
    130000: _album,
    140000: _book,
    150000: _dataset,
    160000: _pictures,
    170000: _program,
    180000: _pictures,
}


def files_of(work: Work) -> list[DemoFile]:
    """Return the files of a work: paths and sizes, the same at each call."""
    layout = _LAYOUTS.get(work.category_id) or _LAYOUTS[work.category_id // 10000 * 10000]
    return layout(work, random.Random(f"layout/{work.slug}"))  # noqa: S311 - sizes, not secrets


def _bytes_of(work: Work, file: DemoFile) -> Iterator[bytes]:
    if file.path.endswith((".txt", ".srt", ".cue", ".json", ".asc")):
        line = f"Contenu de démonstration de « {work.title} » ({work.source_url})\n".encode()
        yield (line * (file.size_bytes // len(line) + 1))[: file.size_bytes]
        return
    dice = random.Random(f"content/{work.slug}/{file.path}")  # noqa: S311 - filler, not a secret
    for start in range(0, file.size_bytes, _CHUNK):
        yield dice.randbytes(min(_CHUNK, file.size_bytes - start))


def write(work: Work, below: Path) -> Path:
    """Make the work's content below a folder and return its root (a file or a folder).

    A file that has its size already is kept, so a second call is quick.
    """
    files = files_of(work)
    root = below if len(files) == 1 else below / work.slug
    for file in files:
        path = root / file.path
        if path.exists() and path.stat().st_size == file.size_bytes:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            out.writelines(_bytes_of(work, file))
    return root / files[0].path if len(files) == 1 else root
