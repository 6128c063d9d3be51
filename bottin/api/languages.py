"""The language of an answer: what the reader asks for, then the account's, then the site's."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header


def asked_language(request: HttpRequest) -> str | None:
    """Return the best language of `Accept-Language` that the site speaks, or None.

    Cookies are not read: an answer depends on its request's headers alone.
    """
    for code, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code == "*":
            return None
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return None


def language_of(request: HttpRequest) -> str:
    """Return the language for a reader whose account is not known (yet)."""
    return asked_language(request) or settings.LANGUAGE_CODE
