"""Technical facts of releases: what a shelf asks for, what was said, in the reader's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from django.db.models import F

from bottin.catalog.models import Category, CategoryFact, FactChoice, FactKind, FactType

# As `Release.facts` keeps them: codes of choices, in the order of the list, or a whole number.
Facts: TypeAlias = dict[str, list[str] | int]
_DIGITS_MAX: Final = 17


@dataclass(frozen=True, slots=True)
class Asked:
    """A kind of fact that a shelf asks for, with the choices that make sense there."""

    kind: FactKind
    choices: tuple[FactChoice, ...]
    is_required: bool

    @property
    def codes(self) -> frozenset[str]:
        """The choices by code."""
        return frozenset(choice.code for choice in self.choices)

    @property
    def bounds(self) -> dict[str, object]:
        """The range of a number, for the sentence that refuses another."""
        return {"least": self.kind.least or 0, "most": self.kind.most or 0}

    def fault(self, value: object) -> str | None:
        """Return why a value cannot be kept: `unknown`, `out_of_range`; None if it can."""
        if self.kind.is_number:
            least, most = self.kind.least or 0, self.kind.most or 2**53
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            return None if is_whole and value in range(least, most + 1) else "out_of_range"
        if not isinstance(value, list) or not self.codes.issuperset(value):
            return "unknown"
        is_one = self.kind.type == FactType.CHOICE
        return "unknown" if is_one and len(value) > 1 else None


@dataclass(frozen=True, slots=True)
class Said:
    """A fact in the reader's language: its kind, and its choices or its number."""

    kind: FactKind
    words: tuple[str, ...] = ()
    number: int | None = None


def asked_by(category: Category | None) -> tuple[Asked, ...]:
    """Return what a shelf asks for, after what its family asks; the shelf's word holds.

    Two queries; none for no shelf.
    """
    if category is None:
        return ()
    both = [category.family_id, category.pk]
    rows = CategoryFact.objects.filter(category_id__in=both, kind__is_active=True)
    found: dict[str, CategoryFact] = {}
    for row in sorted(rows.select_related("kind"), key=lambda row: row.category_id == category.pk):
        found[row.kind_id] = row
    choices = _choices(found)
    return tuple(
        Asked(row.kind, _narrowed(choices.get(code, []), row.choices), row.is_required)
        for code, row in sorted(found.items(), key=lambda pair: pair[1].kind.position)
    )


def said_of(facts: Mapping[str, object]) -> tuple[Said, ...]:
    """Return kept facts with their words, in the order of the kinds; what is no more, as it was.

    One query; none for no facts.
    """
    if not facts:
        return ()
    # Each kind once for each of its choices, or once.
    rows = FactKind.objects.filter(pk__in=facts).annotate(
        choice=F("choices__code"), fr=F("choices__name_fr"), en=F("choices__name_en")
    )
    kinds: dict[str, FactKind] = {}
    labels: dict[tuple[str, str], str] = {}
    for row in rows:
        kinds.setdefault(row.pk, row)
        named = FactChoice(name_fr=row.fr or "", name_en=row.en or "")
        labels[row.pk, row.choice or ""] = named.label
    found = []
    for kind in kinds.values():
        value = facts[kind.pk]
        if isinstance(value, int):
            found.append(Said(kind, number=value))
        elif isinstance(value, list):
            words = tuple(labels.get((kind.pk, code), str(code)) for code in value)
            found.append(Said(kind, words))
    return tuple(found)


def facts_in(pairs: Sequence[str]) -> Facts:
    """Read facts written as `kind=value`, a kind again for each of its choices. One query, or none.

    What is not known is kept, for the rules of the form to refuse by name.
    """
    if not pairs:
        return {}
    numbers = set(FactKind.objects.filter(type=FactType.NUMBER).values_list("pk", flat=True))
    found: Facts = {}
    for pair in pairs[:100]:
        kind, _sign, value = (part.strip() for part in pair.partition("="))
        if kind in numbers:
            digits = value.isascii() and value.isdecimal() and len(value) < _DIGITS_MAX
            found[kind] = int(value) if digits else -1
        elif isinstance(known := found.setdefault(kind, []), list):
            known.append(value)
    return found


def cleaned(facts: Mapping[str, object]) -> Facts:
    """Return facts as they are kept: nothing empty, each choice once, as text."""
    kept: Facts = {}
    for kind, value in facts.items():
        if isinstance(value, int) and not isinstance(value, bool):
            kept[kind] = value
        elif isinstance(value, (list, tuple)) and value:
            kept[kind] = list(dict.fromkeys(str(one) for one in value))
    return kept


def _choices(kinds: Mapping[str, object]) -> dict[str, list[FactChoice]]:
    found: dict[str, list[FactChoice]] = {}
    for choice in FactChoice.objects.filter(kind_id__in=list(kinds), is_active=True):
        found.setdefault(choice.kind_id, []).append(choice)
    return found


def _narrowed(choices: list[FactChoice], codes: list[str]) -> tuple[FactChoice, ...]:
    return tuple(choice for choice in choices if not codes or choice.code in codes)
