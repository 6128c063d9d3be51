"""What surrounds every answer of the API: language, problems instead of pages, validators."""

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    UnreadablePostError,
)
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from ninja.errors import HttpError, ValidationError

from bottin.api import caching
from bottin.api.languages import language_of
from bottin.api.problems import problem
from bottin.api.refusals import (
    BodyTooLarge,
    FieldRefusal,
    InternalError,
    InvalidFields,
    MalformedRequest,
    MethodNotAllowed,
    NoSuchRoute,
    PlainHttp,
)
from bottin.lib.errors import DomainError

View = Callable[..., HttpResponse]
log: Final = logging.getLogger(__name__)

# pydantic's words for what is wrong, and ours.
_WORDS: Final[Mapping[str, str]] = {
    "missing": "required",
    "string_too_long": "too_long",
    "string_too_short": "too_short",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_large",
    "int_parsing": "not_a_number",
    "int_from_float": "not_a_number",
    "int_parsing_size": "not_a_number",
    "bool_parsing": "not_a_boolean",
    "literal_error": "not_a_choice",
}


def enveloped(view: View) -> View:
    """Wrap a view of the API: whatever happens inside, the caller gets JSON and a fit status."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        method = request.method
        if method == "HEAD":
            request.method = "GET"  # the server drops the body
        with translation.override(language_of(request)):
            response = _answered(view, request, *args, **kwargs)
            response.headers.setdefault("Content-Language", translation.get_language() or "fr")
        request.method = method
        _dress(request, response)
        return caching.validated(request, response)

    cast("Any", answer).csrf_exempt = True  # no cookie is read: there is nothing to forge
    return answer


def refusal_of(error: Exception) -> DomainError:
    """Say as a refusal what a library raised about a request."""
    match error:
        case DomainError():
            return error
        case ValidationError():
            return InvalidFields(*(_field(found) for found in error.errors))
        case Http404():
            return NoSuchRoute()
        case RequestDataTooBig():
            return BodyTooLarge(limit_bytes="?")
        case SuspiciousOperation() | MultiPartParserError() | UnreadablePostError() | HttpError():
            return MalformedRequest()
    return InternalError()


def nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer every other path below `/api/`."""
    del request, rest
    raise NoSuchRoute


def _answered(view: View, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    try:
        _check_wire(request)
        response = view(request, *args, **kwargs)
    except Exception as error:  # the edge of the process: a caller gets an answer, the log the rest
        refusal = refusal_of(error)
        if isinstance(refusal, InternalError):
            log.exception("api.internal")
        return problem(request, refusal)
    if isinstance(response, HttpResponseNotAllowed):
        allowed = ", ".join(sorted(_methods(response["Allow"])))
        return problem(request, MethodNotAllowed(allowed=allowed))
    return response


def _check_wire(request: HttpRequest) -> None:
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise PlainHttp


def _methods(allow: str) -> set[str]:
    methods = {method.strip() for method in allow.split(",")}
    return methods | {"HEAD"} if "GET" in methods else methods


def _dress(request: HttpRequest, response: HttpResponse) -> None:
    caller = getattr(request, "caller", None)
    response["Vary"] = caching.VARY
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    is_signed = "Authorization" in request.headers
    response.headers.setdefault("Cache-Control", "private, no-cache" if is_signed else "no-cache")
    if caller is not None:
        caller.add_headers(response)


def _field(found: Mapping[str, Any]) -> FieldRefusal:
    """Turn one of pydantic's errors into ours: `loc` is (source, argument, field…)."""
    names = [str(part) for part in found["loc"][1:] if not isinstance(part, int)]
    word = _WORDS.get(str(found["type"]), "invalid")
    context = dict(found.get("ctx", {}))
    limits = (context.get(name) for name in ("max_length", "min_length", "ge", "le"))
    context["limit"] = next((limit for limit in limits if limit is not None), "?")
    return FieldRefusal(f"/{names[-1] if names else ''}", word, context)
