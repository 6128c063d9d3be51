"""The works shown in demo mode, read from `works.psv`: real facts, one a line."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from bottin.metainfo.model import Version

_FIELDS: Final = 7
# Half v1 for older clients, four tenths hybrid, one tenth v2: what a site meets.
_VERSIONS: Final[tuple[Version, ...]] = (
    "v1", "hybrid", "v1", "hybrid", "v1", "hybrid", "v1", "hybrid", "v1", "v2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Work:
    """One work: its shelf, its ground for sharing, and where it comes from."""

    number: int
    category_id: int
    title: str
    year: int
    licence_code: str
    language: str
    source_url: str
    tags: tuple[str, ...]

    @property
    def slug(self) -> str:
        """ASCII name of its content, stable over runs."""
        ascii_title = unicodedata.normalize("NFKD", self.title).encode("ascii", "ignore").decode()
        return re.sub(r"[^A-Za-z0-9]+", "-", ascii_title).strip("-")[:80]

    @property
    def version(self) -> Version:
        """Which kind of torrent it is shared as."""
        return _VERSIONS[self.number % len(_VERSIONS)]


def _work(number: int, line: str) -> Work:
    fields = line.split("|")
    if len(fields) != _FIELDS:
        raise ValueError(f"works.psv: {len(fields)} fields instead of {_FIELDS}: {line!r}")
    category, title, year, licence, language, url, tags = fields
    return Work(
        number, int(category), title, int(year), licence, language, url, tuple(tags.split(","))
    )


@cache
def all_works() -> tuple[Work, ...]:
    """Return every work, in the order of the file; raises ValueError on a malformed line."""
    text = resources.files(__package__).joinpath("works.psv").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return tuple(_work(number, line) for number, line in enumerate(lines))
