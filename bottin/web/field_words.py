"""The sentence beside a field of a release that the domain refused."""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from bottin.uploads.errors import FieldProblem

PROBLEMS: Final[dict[str, str]] = {
    "title.required": _("give it a title."),
    "title.too_short": _("at least %(limit)s characters, with a letter among them."),
    "category.required": _("choose the shelf where people will look for it."),
    "category.unknown": _("this shelf no longer exists: choose another one."),
    "category.family": _("choose a shelf inside this family."),
    "licence.required": _("choose the licence under which it may be shared."),
    "licence.unknown": _("this licence is not in the table: choose another one."),
    "provenance_url.required": _("give an address, or a statement below."),
    "provenance_statement.required_by_licence": _(
        "this licence needs a statement: who made it, and why you may share it."
    ),
    "provenance_statement.too_short": _("say a little more: at least %(limit)s characters."),
    "language.unknown": _("this is not a language that we know."),
    "tags.too_many": _("at most %(limit)s tags."),
    "tags.too_long": _("“%(tag)s” is too long: at most %(limit)s characters."),
    "tags.unusable": _("“%(tag)s” has neither letter nor digit."),
    "identifiers.unreadable": _(
        "“%(identifier)s” is none that we know, or its check digit is wrong."
    ),
}
COMMON: Final[dict[str, str]] = {
    "required": _("this is needed."),
    "too_long": _("too long: at most %(limit)s characters."),
    "too_short": _("too short: at least %(limit)s characters."),
    "too_many": _("too many: at most %(limit)s."),
    "out_of_range": _("a whole number is needed, from %(least)s to %(most)s."),
    "unknown": _("this is not one of the choices."),
    "not_an_address": _("this is not a web address such as https://example.org/page."),
    "hidden_characters": _("it holds invisible characters: type it again without pasting."),
}
_ANY: Final = _("this cannot be kept as it is.")


def problem_sentence(problem: FieldProblem) -> str:
    """Return what to write beside the field, in the reader's language."""
    words = PROBLEMS.get(f"{problem.field}.{problem.code}") or COMMON.get(problem.code, _ANY)
    return gettext(words) % problem.context
