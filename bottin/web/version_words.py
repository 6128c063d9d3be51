"""Two versions of a release side by side: each field named, its values in words, texts by line."""

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from bottin.catalog import facts
from bottin.catalog.models import Category, Licence, Named
from bottin.uploads.versions import Difference
from bottin.web import formats

FIELDS: Final[dict[str, StrPromise]] = {
    "title": _("Title"),
    "category_id": _("Category"),
    "licence_code": _("Licence"),
    "provenance_url": _("Source address"),
    "provenance_statement": _("Statement of provenance"),
    "description": _("Description"),
    "language": _("Language"),
    "tags": _("Tags"),
    "is_open": _("Open to all"),
    "original_title": _("Original title"),
    "authors": _("Authors"),
    "year": _("Year"),
    "identifiers": _("Identifiers"),
    "facts": _("Technical facts"),
}
_BY_LINE: Final = frozenset({"description", "provenance_statement"})
_CONTEXT: Final = 2
_TABLES: Final[dict[str, Callable[[object], Named | None]]] = {
    "category_id": lambda pk: Category.objects.filter(pk=str(pk)).first(),
    "licence_code": lambda pk: Licence.objects.filter(pk=str(pk)).first(),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text: `kept`, `gone`, `new`, or `…` for those left out."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A field that changed: its name, and its lines, or what it said and says."""

    label: str
    before: str = ""
    after: str = ""
    lines: tuple[Line, ...] = ()


def fields_in_words(names: list[str]) -> str:
    """List fields by their names on the form."""
    return ", ".join(str(FIELDS.get(name, name)) for name in names)


def shown_differences(differences: tuple[Difference, ...]) -> list[Shown]:
    """Return what changed, in the reader's words."""
    return [_shown(one) for one in differences]


def _shown(change: Difference) -> Shown:
    label = str(FIELDS.get(change.field, change.field))
    if change.field in _BY_LINE:
        return Shown(label, lines=tuple(_lines(str(change.before), str(change.after))))
    return Shown(label, _words(change.field, change.before), _words(change.field, change.after))


def _words(field: str, value: object) -> str:
    if value in ("", None, (), {}):
        return "–"
    if field in _TABLES:
        named = _TABLES[field](value)
        return named.label if named else str(value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dict):
        return "; ".join(_fact(said) for said in facts.said_of(value)) or "–"
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value))
    return str(value)


def _fact(said: facts.Said) -> str:
    if said.number is not None:
        return f"{said.kind.label} {formats.count(said.number)} {said.kind.unit}".strip()
    return f"{said.kind.label} {', '.join(said.words)}"


def _lines(before: str, after: str) -> Iterator[Line]:
    was, now = before.split("\n"), after.split("\n")
    matcher = difflib.SequenceMatcher(a=was, b=now)
    for number, group in enumerate(matcher.get_grouped_opcodes(_CONTEXT)):
        if number or group[0][1]:
            yield Line("gap", "…")
        for tag, was_from, was_to, now_from, now_to in group:
            if tag == "equal":
                yield from (Line("kept", text) for text in was[was_from:was_to])
            else:
                yield from (Line("gone", text) for text in was[was_from:was_to])
                yield from (Line("new", text) for text in now[now_from:now_to])
