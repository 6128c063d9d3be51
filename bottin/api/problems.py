"""Refusals as `application/problem+json` (RFC 9457), in the language in force."""

import json
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from bottin.api import sentences
from bottin.api.errors import status_of
from bottin.api.refusals import FieldRefusal, InvalidFields, MethodNotAllowed
from bottin.catalog.downloads import page_url
from bottin.catalog.models import Release
from bottin.lib.errors import DomainError
from bottin.lib.paging import BadCursor
from bottin.metainfo.errors import MetainfoRefusal
from bottin.search.errors import BadQuery
from bottin.uploads import errors as uploads

MEDIA_TYPE: Final = "application/problem+json"
# Members of a refusal's context that programs may use besides the words.
_EXTENSIONS: Final = ("retry_after_s", "scope", "limit_bytes", "problem", "reason", "is_own")


def problem(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """Answer a refusal."""
    status = status_of(refusal)
    body: dict[str, Any] = {
        "type": f"/api/v1/docs#{refusal.code}",
        "title": sentences.title_of(status),
        "status": status,
        "detail": sentences.sentence_of(refusal),
        "instance": request.path,
        "code": refusal.code,
        "errors": [_error(field) for field in fields_of(refusal)],
    }
    context = refusal.context
    body |= {name: context[name] for name in _EXTENSIONS if name in context}
    body |= _existing(context.get("release_id"))
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE
    )
    _add_headers(response, refusal)
    return response


def fields_of(refusal: DomainError) -> tuple[FieldRefusal, ...]:
    """List the fields that a refusal is about."""
    match refusal:
        case InvalidFields():
            return refusal.fields
        case uploads.InvalidFields():
            return tuple(
                FieldRefusal(f"/{found.field}", found.code, found.context)
                for found in refusal.problems
            )
        case BadCursor():
            return (FieldRefusal("/cursor", refusal.code, {}),)
        case BadQuery():
            return (FieldRefusal("/q", str(refusal.context["reason"]), refusal.context),)
        case MetainfoRefusal() | uploads.DuplicateRelease() | uploads.RefusedTorrent():
            return (FieldRefusal("/torrent", refusal.code, refusal.context),)
    return ()


def _error(field: FieldRefusal) -> dict[str, str]:
    return {
        "pointer": field.pointer,
        "code": field.code,
        "detail": sentences.field_sentence(field),
    }


def _existing(release_id: object) -> dict[str, str]:
    """Name the release that a refusal is about, and its page."""
    if not isinstance(release_id, int):
        return {}
    return {"release_id": str(release_id), "page": page_url(Release(pk=release_id))}


def _add_headers(response: HttpResponse, refusal: DomainError) -> None:
    if isinstance(refusal, MethodNotAllowed):
        response["Allow"] = str(refusal.context["allowed"])
    if "retry_after_s" in refusal.context:
        response["Retry-After"] = str(refusal.context["retry_after_s"])
    if response.status_code == 503:  # noqa: PLR2004
        response["Retry-After"] = "5"
    if response.status_code == 401:  # noqa: PLR2004
        response["WWW-Authenticate"] = f'Bearer realm="api", error="{_bearer_word(refusal)}"'
    elif refusal.code == "api.scope_missing":
        scope = refusal.context["scope"]
        response["WWW-Authenticate"] = (
            f'Bearer realm="api", error="insufficient_scope", scope="{scope}"'
        )


def _bearer_word(refusal: DomainError) -> str:
    return "invalid_request" if refusal.code.startswith("api.") else "invalid_token"
