"""What is said of a release, field by field, each with the place that says it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from bottin.config.commands.publish_words import gettext as _

Value: TypeAlias = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A value as the API's form takes it, and its origin: an option, a file, a template."""

    value: Value
    origin: str


# By the names of the API's form (`POST /api/v1/releases`).
Description: TypeAlias = dict[str, Said]

TEXTS: Final = (
    "title",
    "category",
    "licence",
    "provenance_url",
    "provenance_statement",
    "description",
    "language",
    "original_title",
)
LISTS: Final = ("tags", "authors", "identifiers")
# The order in which fields are shown and sent.
FIELDS: Final = (
    *("title", "original_title", "authors", "year", "category", "licence"),
    *("provenance_url", "provenance_statement", "language", "tags", "identifiers", "facts"),
    *("is_open", "description"),
)


class BadMetadata(Exception):
    """A file that describes a release cannot be read; the sentence says what is wrong."""

    code = "publish.bad_metadata"

    def __init__(self, file: str, sentence: str) -> None:
        """Keep which file, and why."""
        super().__init__(f"{file}: {sentence}")
        self.file, self.sentence = file, sentence


@dataclass(slots=True)
class Found:
    """What a file or a folder says, and notes on what was in it but not taken."""

    fields: Description = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def take(self, name: str, value: Value, origin: str) -> None:
        """Keep a value that is not empty, unless the field has one."""
        if value:
            self.fields.setdefault(name, Said(value, origin))


def merged(layers: Iterable[Description]) -> Description:
    """Return, for each field, what the first layer that names it says; in the form's order."""
    found: Description = {}
    for layer in layers:
        for name, said in layer.items():
            found.setdefault(name, said)
    return {name: found[name] for name in FIELDS if name in found}


def form_of(described: Description) -> tuple[tuple[str, str], ...]:
    """Return the pairs to send; a field of several values comes once for each."""
    pairs: list[tuple[str, str]] = []
    for name, said in described.items():
        values = (said.value,) if isinstance(said.value, str) else said.value
        pairs += [(name, value) for value in values if value]
    return tuple(pairs)


def missing(described: Description) -> list[str]:
    """Return what every site asks for and nothing says, by the names of the form."""
    lacking = [name for name in ("title", "category", "licence") if not _has(described, name)]
    if not _has(described, "provenance_url") and not _has(described, "provenance_statement"):
        lacking.append("provenance_url")
    return lacking


def _has(described: Mapping[str, Said], name: str) -> bool:
    return name in described and bool(described[name].value)


def cut(found: Found, name: str, values: Iterable[str], most: int) -> tuple[str, ...]:
    """Return the first distinct `most` values; a note says how many were left out."""
    distinct = tuple(dict.fromkeys(value for value in values if value))
    if len(distinct) > most:
        words = _("%(field)s: the first %(most)d of %(all)d are taken.")
        found.notes.append(words % {"field": name, "most": most, "all": len(distinct)})
    return distinct[:most]
