"""The words of refusals: one sentence for each code, in the language in force."""

from typing import Final

from django.utils.translation import gettext

from bottin.api.refusals import FieldRefusal
from bottin.api.words_domain import TO_PROGRAMS
from bottin.lib.errors import DomainError
from bottin.wording import refusals
from bottin.wording.fill import fill
from bottin.wording.marks import marked as _

TITLES: Final[dict[int, str]] = {
    400: _("Unreadable request"),
    401: _("Token needed"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Method not allowed"),
    409: _("Conflict"),
    410: _("Gone"),
    411: _("Length needed"),
    412: _("Changed meanwhile"),
    413: _("Too large"),
    415: _("Wrong type of content"),
    422: _("Refused content"),
    429: _("Too many requests"),
    451: _("Removed for legal reasons"),
    500: _("Error of ours"),
    503: _("Not now"),
}

API: Final[dict[str, str]] = {
    "api.token_required": _("This needs an API token: make one on your page, under “Tokens”."),
    "api.malformed_authorization": _("The header must read “Authorization: Bearer TOKEN”."),
    "api.scope_missing": _("This token does not have the scope “%(scope)s”."),
    "api.plain_http": _(
        "Call this over https. If you sent a token, others may have read it: revoke it."
    ),
    "api.not_found": _("There is nothing at this address."),
    "api.method_not_allowed": _("This address knows %(allowed)s only."),
    "api.malformed_request": _("The request cannot be read: its body or its headers are broken."),
    "api.length_required": _("Say how long the body is (Content-Length)."),
    "api.body_too_large": _("The request is larger than %(limit_bytes)s bytes."),
    "api.unsupported_media_type": _("Send the body as %(expected)s, not compressed."),
    "api.idempotency_key_reused": _(
        "This Idempotency-Key was already used for another request: choose a new one."
    ),
    "api.still_running": _("The first request with this Idempotency-Key is still running."),
    "api.bad_idempotency_key": _("An Idempotency-Key has 1 to 128 letters, digits or signs."),
    "api.invalid_fields": _("Some fields are wrong: see the list of errors."),
    "api.internal": _("Something went wrong here. It was written down; try again later."),
}

FIELDS: Final[dict[str, str]] = {
    "unknown_field": _("This field is not known."),
    "repeated_field": _("This field may come once only."),
    "required": _("This field is required."),
    "out_of_range": _("A whole number is needed, from %(least)s to %(most)s."),
    "unreadable": _("This identifier is of no known kind, or its check digit is wrong."),
    "required_by_licence": _("This licence asks for a statement in words."),
    "too_long": _("This is too long: at most %(limit)s."),
    "too_short": _("This is too short: at least %(limit)s."),
    "too_small": _("This must be at least %(limit)s."),
    "too_large": _("This must be at most %(limit)s."),
    "too_many": _("There are too many: at most %(limit)s."),
    "hidden_characters": _("This holds characters that cannot be seen."),
    "unusable": _("“%(tag)s” has no letter or digit."),
    "not_an_address": _("This is not a web address."),
    "not_a_number": _("This is not a whole number."),
    "not_a_boolean": _("This must be true or false."),
    "not_a_choice": _("This must be one of: %(expected)s."),
    "empty_file": _("The file is empty."),
    "bad_info_hash": _("An info-hash has 40 or 64 hexadecimal digits."),
    "family": _("Choose one of the shelves of this category."),
    "too_many_words": _("There are too many words: at most %(limit)s."),
    "too_deep": _("There are brackets within brackets: at most %(limit)s."),
    "too_many_values": _("There are too many values of “%(field)s”: at most %(limit)s."),
    "bad_value": _("“%(value)s” cannot be a value of “%(field)s”."),
    "unknown_value": _("“%(value)s” is not a value of “%(field)s”."),
    "bad_comparison": _("“%(field)s” cannot be compared with “%(value)s”."),
    "unknown": _("This is not known here."),
    "unknown_category": _("There is no such category."),
    "unknown_licence": _("There is no such licence."),
    "unknown_publisher": _("There is nobody of that name."),
    "invalid": _("This value is not right."),
}

SENTENCES: Final = API | refusals.SENTENCES | TO_PROGRAMS


def title_of(status: int) -> str:
    """Return the short words of a status."""
    return gettext(TITLES.get(status, TITLES[400]))


def sentence_of(refusal: DomainError) -> str:
    """Return what the reader is told about `refusal`."""
    return fill(gettext(SENTENCES.get(refusal.code, API["api.internal"])), refusal.context)


def field_sentence(field: FieldRefusal) -> str:
    """Return what the reader is told about one field."""
    words = FIELDS.get(field.code) or SENTENCES.get(field.code) or FIELDS["invalid"]
    return fill(gettext(words), field.context)
