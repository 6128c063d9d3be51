"""What each route declares, and what is checked before its view runs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, Protocol, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from ninja.decorators import decorate_view
from ninja.operation import Operation

from bottin.accounts.permissions import Permission, Scope
from bottin.api.callers import ApiRequest, caller_of, check_may_enter, stranger_at
from bottin.api.languages import asked_language
from bottin.api.refusals import (
    BodyTooLarge,
    FieldRefusal,
    InvalidFields,
    LengthRequired,
    UnsupportedMediaType,
)
from bottin.lib.errors import DomainError

_View = TypeVar("_View", bound=Callable[..., Any])
MULTIPART: Final = "multipart/form-data"
JSON: Final = "application/json"


class Run(Protocol):
    """What ninja runs for a route: validation, then the view."""

    def __call__(self, request: HttpRequest, **kwargs: object) -> HttpResponse:
        """Answer."""


@dataclass(frozen=True, slots=True)
class Door:
    """What a route asks of its caller; `weight`: for how many calls it counts; `body`: its type."""

    permission: Permission
    scope: Scope = Scope.READ
    weight: int = 1
    body: str = MULTIPART


def door(
    permission: Permission, scope: Scope = Scope.READ, *, weight: int = 1, body: str = MULTIPART
) -> Callable[[_View], _View]:
    """Let a view run for callers who hold `permission`, through a token with `scope`.

    A stranger who lacks it, or who calls a private site, gets TokenRequired.
    Every call is counted first, so that a refusal costs as much as an answer.
    """
    needs = Door(permission, scope, weight, body)

    def mark(view: _View) -> _View:
        cast("Any", view).door = needs
        return decorate_view(_guard(needs))(view)

    return mark


def door_of(operation: Operation) -> Door | None:
    """Return what a route declares, or None when it declares nothing (a test fails then)."""
    found = getattr(operation.view_func, "door", None)
    return found if isinstance(found, Door) else None


def _guard(needs: Door) -> Callable[[Run], Run]:
    def decorate(run: Run) -> Run:
        operation = cast("Operation", cast("Any", run).__self__)

        @wraps(run)
        def guarded(request: HttpRequest, **kwargs: object) -> HttpResponse:
            _enter(cast("ApiRequest", request), needs)
            _check_body(request, needs.body)
            _check_names(request, operation)
            return run(request, **kwargs)

        return guarded

    return decorate


def _enter(request: ApiRequest, needs: Door) -> None:
    try:
        request.caller = caller_of(request)
    except DomainError:
        request.caller = stranger_at(request)
        request.caller.count_call()
        raise
    request.caller.count_call(needs.weight)
    viewer = request.caller.viewer
    if viewer.is_signed_in and asked_language(request) is None:
        translation.activate(viewer.language)  # undone by the envelope around
    check_may_enter(viewer, needs.permission, needs.scope)


def _check_body(request: HttpRequest, expected: str) -> None:
    """Refuse a body that is too large or of another kind before anything reads it."""
    if request.method in {"GET", "HEAD"}:
        return
    if request.content_type != expected or "Content-Encoding" in request.headers:
        raise UnsupportedMediaType(expected=expected)
    length = str(request.META.get("CONTENT_LENGTH") or "")
    if not length.isdecimal() or not length.isascii():
        raise LengthRequired
    limit_bytes = settings.BOTTIN_REQUEST_MAX_SIZE
    if expected == MULTIPART:
        limit_bytes += settings.BOTTIN_TORRENT_MAX_SIZE_TRUSTED
    if int(length) > limit_bytes:
        raise BodyTooLarge(limit_bytes=limit_bytes)


def _check_names(request: HttpRequest, operation: Operation) -> None:
    """Refuse fields that are not known, and single ones that come twice (API-9)."""
    given = [(request.GET, "query")]
    if request.method not in {"GET", "HEAD"}:
        given += [(request.POST, "form"), (cast("Any", request.FILES), "file")]
    wrong = [
        FieldRefusal(f"/{name}", code, {})
        for fields, source in given
        for name, code in _wrong_names(fields, operation, source)
    ]
    if wrong:
        raise InvalidFields(*wrong)


def _wrong_names(fields: Any, operation: Operation, source: str) -> list[tuple[str, str]]:  # noqa: ANN401 - QueryDict or MultiValueDict
    models = [cast("Any", m) for m in operation.models if m.__ninja_param_source__ == source]
    known = {name for model in models for name in _names_of(model)}
    lists = {name for model in models for name in getattr(model, "__ninja_collection_fields__", ())}
    wrong = [(name, "unknown_field") for name in fields if name not in known]
    for name, values in fields.lists():
        if name in known - lists and len(values) > 1:
            wrong.append((name, "repeated_field"))
        # No text of ours holds NUL, and PostgreSQL cannot even be asked for it.
        elif any("\x00" in value for value in values if isinstance(value, str)):
            wrong.append((name, "hidden_characters"))
    return wrong


def _names_of(model: Any) -> set[str]:  # noqa: ANN401 - a class that ninja made
    """Name the fields of a source: those of the schemas in it, or its own where it has none."""
    return set(getattr(model, "__ninja_flatten_map__", None) or model.model_fields)
