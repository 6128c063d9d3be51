"""The form of a release: what was typed, as the domain's fields; what is wrong, beside each."""

import re
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from bottin.accounts.viewer import ANONYMOUS
from bottin.catalog import facts as technical
from bottin.catalog import queries
from bottin.catalog.facts import Asked, Facts
from bottin.catalog.models import Category, FactType
from bottin.uploads.errors import InvalidFields
from bottin.uploads.fields import (
    AUTHORS_MAX,
    STATEMENT_LENGTH,
    TITLE_LENGTH,
    URL_LENGTH,
    ReleaseFields,
)
from bottin.web.field_words import problem_sentence
from bottin.web.lists import shelves_of

LANGUAGES: Final = (
    *("fr", "en", "ar", "br", "ca", "cs", "da", "de", "el", "eo", "es", "eu", "fi", "he", "hu"),
    *("it", "ja", "ko", "nl", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "zh-hans"),
)
_BETWEEN_TAGS: Final = re.compile(r"[,;\n]+")
_LINES: Final = re.compile(r"[\r\n]+")
_BETWEEN_NUMBERS: Final = re.compile(r"[,;\r\n]+")
_FACT: Final = "fact_"
# What a column holds.
_DIGITS_MAX: Final = 17
_ID_DIGITS: Final = 10
# Stands for what is no number: out of every range.
_NO_YEAR: Final = 9_999
_FIELD_OF: Final = {"category": "category_id", "licence": "licence_code"}


class ReleaseForm(forms.Form):
    """Draws the fields and keeps what was typed; the rules are the domain's."""

    # Drafts may be left unfinished: the browser stops nobody.
    use_required_attribute = False

    title = forms.CharField(
        label=_("Title"),
        help_text=_("As people search for it: work, author or version, year, format."),
        widget=forms.TextInput(attrs={"maxlength": TITLE_LENGTH, "autocomplete": "off"}),
    )
    category_id = forms.ChoiceField(label=_("Category"))
    licence_code = forms.ChoiceField(
        label=_("Licence"),
        help_text=_("The ground on which it may be shared. Without one, nothing is published."),
    )
    provenance_url = forms.CharField(
        label=_("Source address"),
        required=False,
        help_text=_("The page where the author or an archive offers it under this licence."),
        widget=forms.URLInput(attrs={"maxlength": URL_LENGTH, "inputmode": "url"}),
    )
    provenance_statement = forms.CharField(
        label=_("Statement of provenance"),
        required=False,
        help_text=_(
            "How you know that it may be shared: needed for the public domain (author, year of"
            " death, country), for your own work, or when there is no address."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": STATEMENT_LENGTH}),
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        help_text=_("Markdown: **bold**, lists, links, tables. No images."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        help_text=_("Free words, separated by commas."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    original_title = forms.CharField(
        label=_("Original title"),
        required=False,
        help_text=_("When it came out under another one, in its own language."),
        widget=forms.TextInput(attrs={"maxlength": TITLE_LENGTH, "autocomplete": "off"}),
    )
    authors = forms.CharField(
        label=_("Authors"),
        required=False,
        help_text=_("One a line: people, groups or projects."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    year = forms.CharField(
        label=_("Year"),
        required=False,
        help_text=_("Of the work or of this edition."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 5, "size": 6}),
    )
    identifiers = forms.CharField(
        label=_("Identifiers"),
        required=False,
        help_text=_("One a line: DOI, ISBN, ISSN, ARK, Wikidata, SWHID, or the address of one."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_open = forms.BooleanField(
        label=_("Open to all"),
        required=False,
        help_text=_("Anyone may download and announce it, without an account."),
    )

    def __init__(self, data: QueryDict | None = None, *, kept: ReleaseFields | None = None) -> None:
        """Fill the form from what was typed, or from what the release holds."""
        super().__init__(data, initial=initial_of(kept) if kept else None)
        self.asked = technical.asked_by(self._shelf(kept))
        for one in self.asked:
            self.fields[_FACT + one.kind.pk] = fact_field(one)
        self._choose("category_id", category_choices())
        self._choose("licence_code", licence_choices())
        self._choose("language", language_choices())

    def typed(self) -> ReleaseFields:
        """Return what was typed, unchecked."""
        data = self.data
        category = data.get("category_id", "")
        return ReleaseFields(
            title=data.get("title", ""),
            category_id=whole(category) if len(category) < _ID_DIGITS else None,
            licence_code=data.get("licence_code", ""),
            provenance_url=data.get("provenance_url", ""),
            provenance_statement=data.get("provenance_statement", ""),
            description=data.get("description", ""),
            language=data.get("language", ""),
            tags=tuple(
                tag for tag in map(str.strip, _BETWEEN_TAGS.split(data.get("tags", ""))) if tag
            ),
            is_open="is_open" in data,
            original_title=data.get("original_title", ""),
            authors=tuple(_LINES.split(data.get("authors", "")))[: AUTHORS_MAX + 1],
            year=_year(data.get("year", "")),
            identifiers=tuple(_BETWEEN_NUMBERS.split(data.get("identifiers", "")))[:30],
            facts=self._facts(),
        )

    @property
    def fact_fields(self) -> list[forms.BoundField]:
        """The technical facts that the chosen shelf asks for."""
        return [self[_FACT + one.kind.pk] for one in self.asked]

    def full_clean(self) -> None:
        """Leave checking to the domain: it knows the rules and `refuse` shows what it found."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}

    def refuse(self, refusal: InvalidFields) -> None:
        """Put each problem beside its field."""
        for problem in refusal.problems:
            name = _FIELD_OF.get(problem.field, problem.field).replace("facts.", _FACT)
            self.add_error(name if name in self.fields else None, problem_sentence(problem))

    def _shelf(self, kept: ReleaseFields | None) -> Category | None:
        typed = self.data.get("category_id", "") if self.is_bound else ""
        chosen = whole(typed) if self.is_bound else (kept.category_id if kept else None)
        return Category.objects.filter(pk=chosen or 0, is_active=True).first()

    def _facts(self) -> Facts:
        """Read the facts of the shelf, and no others: those of another shelf are left behind."""
        found: Facts = {}
        for one in self.asked:
            typed = [text for text in self._all_of(_FACT + one.kind.pk) if text.strip()]
            if not one.kind.is_number:
                found[one.kind.pk] = [text[:30] for text in typed]
            elif typed:
                number = whole(typed[0])
                found[one.kind.pk] = -1 if number is None else number
        return found

    def _all_of(self, name: str) -> list[str]:
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else []

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


def initial_of(kept: ReleaseFields) -> dict[str, object]:
    """Return the fields as the form shows them."""
    return {
        "title": kept.title,
        "category_id": kept.category_id,
        "licence_code": kept.licence_code,
        "provenance_url": kept.provenance_url,
        "provenance_statement": kept.provenance_statement,
        "description": kept.description,
        "language": kept.language,
        "tags": ", ".join(kept.tags),
        "is_open": kept.is_open,
        "original_title": kept.original_title,
        "authors": "\n".join(kept.authors),
        "year": kept.year,
        "identifiers": "\n".join(kept.identifiers),
        **{_FACT + kind: value for kind, value in kept.facts.items()},
    }


def fact_field(asked: Asked) -> forms.Field:
    """Return the field of a technical fact: a number with its unit, a choice, or boxes."""
    kind = asked.kind
    if kind.is_number:
        label = f"{kind.label} ({kind.unit})" if kind.unit else kind.label
        numeric = forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 19, "size": 9})
        return forms.CharField(label=label, required=asked.is_required, widget=numeric)
    choices = [(choice.code, choice.label) for choice in asked.choices]
    if kind.type == FactType.CHOICE:
        return forms.ChoiceField(
            label=kind.label, required=asked.is_required, choices=[("", "–"), *choices]
        )
    return forms.MultipleChoiceField(
        label=kind.label,
        required=asked.is_required,
        choices=choices,
        widget=forms.CheckboxSelectMultiple,
    )


def _year(text: str) -> int | None:
    number = whole(text)
    return _NO_YEAR if number is None and text.strip() else number


def whole(text: str) -> int | None:
    """Read a whole number as people type it, spaces in thousands included; None for no number."""
    digits = "".join(text.split())
    is_whole = digits.removeprefix("-").isascii() and digits.removeprefix("-").isdecimal()
    return int(digits) if is_whole and len(digits) < _DIGITS_MAX else None


def category_choices() -> list[Any]:
    """Return the shelves, by family."""
    grouped = [
        (
            family.category.label,
            [(shelf.category.pk, shelf.category.label) for shelf in family.shelves],
        )
        for family in shelves_of(ANONYMOUS)
    ]
    return [("", _("Choose a shelf")), *grouped]


def licence_choices() -> list[Any]:
    """Return the licences, by family."""
    grouped = [
        (family.label, [(licence.code, licence.label) for licence in licences])
        for family, licences in queries.licences_by_family()
    ]
    return [("", _("Choose a licence")), *grouped]


def language_choices() -> list[Any]:
    """Return the languages that works come in most, by their own names."""
    named = [(code, str(get_language_info(code)["name_local"])) for code in LANGUAGES]
    return [("", _("None, or several")), *named]
