"""The form of a release: what was typed, as the domain's fields; what is wrong, beside each."""

import re
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from bottin.accounts.viewer import ANONYMOUS
from bottin.catalog import queries
from bottin.uploads.errors import InvalidFields
from bottin.uploads.fields import (
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
    is_open = forms.BooleanField(
        label=_("Open to all"),
        required=False,
        help_text=_("Anyone may download and announce it, without an account."),
    )

    def __init__(self, data: QueryDict | None = None, *, kept: ReleaseFields | None = None) -> None:
        """Fill the form from what was typed, or from what the release holds."""
        super().__init__(data, initial=initial_of(kept) if kept else None)
        self._choose("category_id", category_choices())
        self._choose("licence_code", licence_choices())
        self._choose("language", language_choices())

    def typed(self) -> ReleaseFields:
        """Return what was typed, unchecked."""
        data = self.data
        category = data.get("category_id", "")
        return ReleaseFields(
            title=data.get("title", ""),
            category_id=int(category) if category.isdecimal() and len(category) < 10 else None,  # noqa: PLR2004 - a column holds it
            licence_code=data.get("licence_code", ""),
            provenance_url=data.get("provenance_url", ""),
            provenance_statement=data.get("provenance_statement", ""),
            description=data.get("description", ""),
            language=data.get("language", ""),
            tags=tuple(
                tag for tag in map(str.strip, _BETWEEN_TAGS.split(data.get("tags", ""))) if tag
            ),
            is_open="is_open" in data,
        )

    def full_clean(self) -> None:
        """Leave checking to the domain: it knows the rules and `refuse` shows what it found."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}

    def refuse(self, refusal: InvalidFields) -> None:
        """Put each problem beside its field."""
        for problem in refusal.problems:
            name = _FIELD_OF.get(problem.field, problem.field)
            self.add_error(name if name in self.fields else None, problem_sentence(problem))

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
    }


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
