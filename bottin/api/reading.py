"""The OpenAPI document made readable: what the documentation page shows."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext

from bottin.api.errors import STATUS
from bottin.api.sentences import SENTENCES
from bottin.wording.marks import marked as _

GROUPS: Final = {
    "catalogue": _("The directory"),
    "publishing": _("Publishing"),
    "me": _("Your account"),
}
_KINDS: Final = {
    "string": _("text"),
    "integer": _("whole number"),
    "number": _("number"),
    "boolean": _("true or false"),
    "array": _("list"),
    "object": _("object"),
    "null": "null",
    "binary": _("file"),
    "date-time": _("time"),
}

_PLACES: Final = {
    "path": _("address"),
    "query": _("after “?”"),
    "header": _("header"),
    "form": _("form"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A parameter, or a field of a form or of an answer."""

    name: str
    place: str
    kind: str
    is_required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path."""

    anchor: str
    method: str
    path: str
    summary: str
    words: str
    scope: str
    is_public: bool
    parts: tuple[Part, ...]
    answer: tuple[Part, ...]
    statuses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Routes under one heading."""

    title: str
    routes: tuple[Route, ...]


def groups_of(schema: dict[str, Any]) -> list[Group]:
    """Return the routes of a document, in the language in force, by heading."""
    found: dict[str, list[Route]] = {name: [] for name in GROUPS}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][0]].append(_route(schema, path, method, operation))
    return [Group(gettext(GROUPS[name]), tuple(routes)) for name, routes in found.items()]


def problems_known() -> list[tuple[str, int, str]]:
    """List the refusals: code, status, sentence with the names of its particulars."""
    return sorted(
        (kind.code, status, gettext(SENTENCES[kind.code]))
        for kind, status in STATUS.items()
        # A kind that others derive from has no code of its own.
        if hasattr(kind, "code") and kind.code in SENTENCES
    )


def _route(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Route:
    security = operation["security"]
    answer = next(iter(operation["responses"].values()))
    return Route(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=gettext(operation["summary"]),
        words=_with_code(operation.get("description") or ""),
        scope=security[0]["token"][0],
        is_public={} in security,
        parts=(*_parameters(schema, operation), *_form(schema, operation)),
        answer=tuple(_properties(schema, _schema_of(answer))),
        statuses=tuple(operation["responses"]),
    )


def _parameters(schema: dict[str, Any], operation: dict[str, Any]) -> list[Part]:
    return [
        _part(
            schema,
            each["name"],
            gettext(_PLACES[each["in"]]),
            {"description": each.get("description"), **each["schema"]},
            is_required=each["required"],
        )
        for each in operation.get("parameters", ())
    ]


def _form(schema: dict[str, Any], operation: dict[str, Any]) -> list[Part]:
    body = operation.get("requestBody")
    return _properties(schema, _schema_of(body), place=gettext(_PLACES["form"])) if body else []


def _schema_of(holder: dict[str, Any]) -> dict[str, Any]:
    for content in holder.get("content", {}).values():
        shape: dict[str, Any] = content["schema"]
        return shape
    return {}


def _properties(schema: dict[str, Any], shape: dict[str, Any], place: str = "answer") -> list[Part]:
    shape = _resolved(schema, shape)
    required = shape.get("required", ())
    return [
        _part(schema, name, place, each, is_required=name in required)
        for name, each in shape.get("properties", {}).items()
    ]


def _part(
    schema: dict[str, Any], name: str, place: str, shape: dict[str, Any], *, is_required: bool
) -> Part:
    words = _with_code(shape.get("description") or "")
    return Part(name, place, _kind(schema, shape), is_required, words)


def _with_code(words: str) -> str:
    """Translate a description, and set what stands between backticks as code."""
    if not words:
        return ""
    pieces = gettext(words).split("`")
    kinds = ("{}", "<code>{}</code>")
    return format_html_join(
        "", "{}", ((format_html(kinds[i % 2], p),) for i, p in enumerate(pieces))
    )


def _kind(schema: dict[str, Any], shape: dict[str, Any]) -> str:
    """Say in words what a value is."""
    if "$ref" in shape:
        return str(shape["$ref"]).rpartition("/")[2]
    if "anyOf" in shape:
        kinds = (_kind(schema, each) for each in shape["anyOf"])
        return " | ".join(kind for kind in kinds if kind)
    if "enum" in shape:
        return " | ".join(map(str, shape["enum"]))
    if shape.get("type") == "array":
        return f"{gettext(_KINDS['array'])} ({_kind(schema, shape.get('items', {}))})"
    word = _KINDS.get(shape.get("format", ""), _KINDS.get(shape.get("type", ""), ""))
    return gettext(word) if word else ""


def _resolved(schema: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    reference = str(shape.get("$ref", ""))
    if not reference:
        return shape
    found: dict[str, Any] = schema["components"]["schemas"][reference.rpartition("/")[2]]
    return found
