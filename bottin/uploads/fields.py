"""What a publisher says of a release, checked field by field (TOR-1, TOR-24, LAW-2)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Final
from urllib.parse import urlsplit

from bottin.catalog import facts as technical
from bottin.catalog import identifiers, markdown
from bottin.catalog.facts import Asked, Facts
from bottin.catalog.identifiers import IDENTIFIERS_MAX
from bottin.catalog.models import Category, Licence, Release
from bottin.catalog.text import TAG_LENGTH, TAGS_MAX, tag_of
from bottin.lib.text import nfc
from bottin.uploads.errors import FieldProblem

TITLE_LENGTH: Final = 200
TITLE_SHORTEST: Final = 3
URL_LENGTH: Final = 500
STATEMENT_LENGTH: Final = 2_000
STATEMENT_SHORTEST: Final = 20
AUTHORS_MAX: Final = 20
AUTHOR_LENGTH: Final = 160
YEARS: Final = range(-3000, 2101)

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,4})?")
_LETTER: Final = re.compile(r"\w")
# Controls and bidi marks have no place in one line; the description may have line ends and tabs.
_HIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_HIDDEN_IN_TEXT: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True, slots=True)
class ReleaseFields:
    """The form of a release, as typed. A draft may leave anything empty."""

    title: str = ""
    category_id: int | None = None
    licence_code: str = ""
    provenance_url: str = ""
    provenance_statement: str = ""
    description: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    is_open: bool = False
    original_title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    # As typed, or `scheme:value` once cleaned.
    identifiers: tuple[str, ...] = ()
    facts: Facts = field(default_factory=dict)

    @classmethod
    def of(cls, release: Release) -> "ReleaseFields":
        """Read back what a release holds. One query, for its tags."""
        return cls(
            title=release.title,
            category_id=release.category_id,
            licence_code=release.licence_id or "",
            provenance_url=release.provenance_url,
            provenance_statement=release.provenance_statement,
            description=release.description,
            language=release.language,
            tags=tuple(release.tags.order_by("slug").values_list("slug", flat=True)),
            is_open=release.is_open,
            original_title=release.original_title,
            authors=tuple(release.authors),
            year=release.year,
            identifiers=tuple(release.identifiers),
            facts=release.facts,
        )

    def cleaned(self) -> "ReleaseFields":
        """Return the same with spaces trimmed, characters composed (NFC), identifiers read."""
        typed = filter(None, (_storable(one).strip() for one in self.identifiers))
        return replace(
            self,
            title=" ".join(_storable(self.title).split()),
            licence_code=_storable(self.licence_code).strip(),
            provenance_url=_storable(self.provenance_url).strip(),
            provenance_statement=_storable(self.provenance_statement).strip(),
            description=_storable(self.description).replace("\r\n", "\n").strip(),
            language=_storable(self.language).strip(),
            tags=tuple(map(_storable, self.tags)),
            original_title=" ".join(_storable(self.original_title).split()),
            authors=tuple(filter(None, (" ".join(_storable(a).split()) for a in self.authors))),
            identifiers=tuple(dict.fromkeys(str(identifiers.parse(one) or one) for one in typed)),
            facts=technical.cleaned(self.facts),
        )

    def changed_from(self, before: "ReleaseFields") -> list[str]:
        """Return the names of the fields that are not as before, in the order of the form."""
        names = [one.name for one in fields(self)]
        return [name for name in names if getattr(self, name) != getattr(before, name)]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the ids of a form stand for; None where there is no such row in use."""

    category: Category | None
    licence: Licence | None
    asked: tuple[Asked, ...] = ()

    @classmethod
    def of(cls, fields: ReleaseFields) -> "Choices":
        """Look the category and the licence up; an alias gives what it stands for. Four queries."""
        categories = Category.objects.filter(pk=fields.category_id or 0, is_active=True)
        category = categories.select_related("alias_of").first()
        licence = Licence.objects.filter(pk=fields.licence_code, is_active=True).first()
        meant = (category.alias_of or category) if category else None
        return cls(meant, licence, technical.asked_by(meant))


Problems = Iterator[FieldProblem]


def title_problems(fields: ReleaseFields, choices: Choices) -> Problems:
    """Required, 3 to 200 characters, with a letter, nothing hidden."""
    del choices
    if not fields.title:
        yield FieldProblem("title", "required")
    elif len(fields.title) > TITLE_LENGTH:
        yield FieldProblem("title", "too_long", {"limit": TITLE_LENGTH})
    elif _HIDDEN.search(fields.title):
        yield FieldProblem("title", "hidden_characters")
    elif len(fields.title) < TITLE_SHORTEST or not _LETTER.search(fields.title):
        yield FieldProblem("title", "too_short", {"limit": TITLE_SHORTEST})


def category_problems(fields: ReleaseFields, choices: Choices) -> Problems:
    """Required, a sub-category in use (CAT-1)."""
    if fields.category_id is None:
        yield FieldProblem("category", "required")
    elif choices.category is None:
        yield FieldProblem("category", "unknown", {"id": fields.category_id})
    elif choices.category.is_family:
        yield FieldProblem("category", "family", {"id": fields.category_id})


def licence_problems(fields: ReleaseFields, choices: Choices) -> Problems:
    """Required, one of the table (LAW-2)."""
    if not fields.licence_code:
        yield FieldProblem("licence", "required")
    elif choices.licence is None:
        yield FieldProblem("licence", "unknown", {"code": fields.licence_code[:40]})


def provenance_problems(fields: ReleaseFields, choices: Choices) -> Problems:
    """An address or a statement; a public-domain ground and one's own work want the statement."""
    url, statement = fields.provenance_url, fields.provenance_statement
    needs_statement = choices.licence is not None and choices.licence.needs_statement
    if needs_statement and not statement:
        yield FieldProblem("provenance_statement", "required_by_licence")
    elif not url and not statement:
        yield FieldProblem("provenance_url", "required")
    if url and (reason := url_fault(url)):
        yield FieldProblem("provenance_url", reason, {"limit": URL_LENGTH})
    if statement and len(statement) < STATEMENT_SHORTEST and (needs_statement or not url):
        yield FieldProblem("provenance_statement", "too_short", {"limit": STATEMENT_SHORTEST})
    if len(statement) > STATEMENT_LENGTH:
        yield FieldProblem("provenance_statement", "too_long", {"limit": STATEMENT_LENGTH})
    if _HIDDEN_IN_TEXT.search(statement):
        yield FieldProblem("provenance_statement", "hidden_characters")


def description_problems(fields: ReleaseFields, choices: Choices) -> Problems:
    """At most 16 KiB of UTF-8 (META-14), nothing hidden."""
    del choices
    if len(fields.description.encode("utf-8", "replace")) > markdown.SOURCE_BYTES:
        yield FieldProblem("description", "too_long", {"limit": markdown.SOURCE_BYTES})
    if _HIDDEN_IN_TEXT.search(fields.description):
        yield FieldProblem("description", "hidden_characters")


def language_problems(fields: ReleaseFields, choices: Choices) -> Problems:
    """Empty, or a language tag such as `fr` or `pt-BR`."""
    del choices
    if fields.language and not _LANGUAGE.fullmatch(fields.language):
        yield FieldProblem("language", "unknown", {"language": fields.language[:8]})


def tags_problems(fields: ReleaseFields, choices: Choices) -> Problems:
    """At most 20, each with a letter or a digit and at most 40 characters (WORK-4)."""
    del choices
    if len(fields.tags) > TAGS_MAX:
        yield FieldProblem("tags", "too_many", {"limit": TAGS_MAX})
    for tag in fields.tags[: TAGS_MAX + 1]:
        if len(tag) > TAG_LENGTH:
            yield FieldProblem("tags", "too_long", {"limit": TAG_LENGTH, "tag": tag[:TAG_LENGTH]})
        elif not tag_of(tag):
            yield FieldProblem("tags", "unusable", {"tag": tag})


def original_title_problems(fields: ReleaseFields, choices: Choices) -> Problems:
    """At most 200 characters, nothing hidden."""
    del choices
    if len(fields.original_title) > TITLE_LENGTH:
        yield FieldProblem("original_title", "too_long", {"limit": TITLE_LENGTH})
    if _HIDDEN.search(fields.original_title):
        yield FieldProblem("original_title", "hidden_characters")


def authors_problems(fields: ReleaseFields, choices: Choices) -> Problems:
    """At most 20 names of at most 160 characters, nothing hidden."""
    del choices
    if len(fields.authors) > AUTHORS_MAX:
        yield FieldProblem("authors", "too_many", {"limit": AUTHORS_MAX})
    if any(len(name) > AUTHOR_LENGTH for name in fields.authors):
        yield FieldProblem("authors", "too_long", {"limit": AUTHOR_LENGTH})
    if any(_HIDDEN.search(name) for name in fields.authors):
        yield FieldProblem("authors", "hidden_characters")


def year_problems(fields: ReleaseFields, choices: Choices) -> Problems:
    """A year that a work can have."""
    del choices
    if fields.year is not None and fields.year not in YEARS:
        yield FieldProblem("year", "out_of_range", {"least": YEARS[0], "most": YEARS[-1]})


def identifiers_problems(fields: ReleaseFields, choices: Choices) -> Problems:
    """At most 10, each of a known scheme with its check digit right (WORK-6)."""
    del choices
    if len(fields.identifiers) > IDENTIFIERS_MAX:
        yield FieldProblem("identifiers", "too_many", {"limit": IDENTIFIERS_MAX})
    for written in fields.identifiers[: IDENTIFIERS_MAX + 1]:
        if identifiers.parse(written) is None:
            yield FieldProblem("identifiers", "unreadable", {"identifier": written[:60]})


def facts_problems(fields: ReleaseFields, choices: Choices) -> Problems:
    """What the shelf asks for, in its choices and ranges (WORK-3)."""
    asked = {one.kind.pk: one for one in choices.asked}
    for kind, value in fields.facts.items():
        code = asked[kind].fault(value) if kind in asked else "unknown"
        if code:
            known = asked.get(kind)
            yield FieldProblem(f"facts.{kind[:30]}", code, known.bounds if known else {})
    for kind, one in asked.items():
        if one.is_required and kind not in fields.facts:
            yield FieldProblem(f"facts.{kind}", "required")


CHECKS: Final[tuple[Callable[[ReleaseFields, Choices], Problems], ...]] = (
    title_problems,
    category_problems,
    licence_problems,
    provenance_problems,
    description_problems,
    language_problems,
    tags_problems,
    original_title_problems,
    authors_problems,
    year_problems,
    identifiers_problems,
    facts_problems,
)
# What a draft may be: its columns can hold it.
_UNFINISHED: Final = frozenset({"required", "required_by_licence", "too_short", "not_an_address"})


def problems_of(
    fields: ReleaseFields, choices: Choices, *, is_draft: bool = False
) -> tuple[FieldProblem, ...]:
    """Return all that is wrong with cleaned fields, in order; a draft may be unfinished."""
    found = (problem for check in CHECKS for problem in check(fields, choices))
    return tuple(problem for problem in found if not is_draft or problem.code not in _UNFINISHED)


def url_fault(url: str) -> str | None:
    """Return why an address cannot be a source: `too_long`, `not_an_address`; None if it can."""
    if len(url) > URL_LENGTH:
        return "too_long"
    try:
        parts = urlsplit(url)
        is_fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and "." in parts.netloc
        port = parts.port
    except ValueError:
        return "not_an_address"
    del port  # reading it is what refuses a bad one
    has_space = any(character.isspace() for character in url) or bool(_HIDDEN.search(url))
    return None if is_fine and not has_space and parts.username is None else "not_an_address"


def _storable(text: str) -> str:
    """Composed, and without the two things that PostgreSQL cannot keep: NUL, lone surrogates."""
    return nfc(text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd"))
