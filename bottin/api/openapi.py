"""The OpenAPI document, the same for every site: committed as `docs/openapi.json`."""

import json
from functools import cache
from typing import Any, Final

from bottin.accounts.viewer import ANONYMOUS
from bottin.api.doors import door_of
from bottin.api.v1 import PREFIX, api

_REFUSALS: Final = {
    "400": "Unreadable request",
    "401": "No token, or one that opens nothing",
    "403": "Not allowed, or the token lacks the scope",
    "404": "Nothing here",
    "422": "Refused content, with the fields",
    "429": "Too many requests; Retry-After says when",
}
_MORE: Final = {
    "createRelease": {
        "409": "The torrent is here already, or the first attempt is still running",
        "413": "Too large",
        "415": "Not a multipart form, or a compressed file",
    },
    "getRelease": {"410": "Removed", "451": "Removed for legal reasons"},
    "getTorrent": {"409": "Not in its present state", "410": "Removed", "451": "Removed (law)"},
}


def document() -> str:
    """Return the document as text: stable order, two spaces, a line end."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


@cache
def schema() -> dict[str, Any]:
    """Return the document: ninja's, with refusals, scopes and without what is not JSON Schema."""
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=f"/{PREFIX}")))
    found["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token."}
    }
    for operation in _operations(found):
        _complete(operation)
    return found


def _operations(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        operation
        for path in found["paths"].values()
        for method, operation in path.items()
        if method in {"get", "post"}
    ]


def _complete(operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    door = _DOORS[name]
    operation["security"] = [{"token": [door.scope.value]}]
    if not _needs_account(name):
        operation["security"].append({})
    for status, words in (_REFUSALS | _MORE.get(name, {})).items():
        operation["responses"][status] = {
            "description": words,
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }


def _needs_account(name: str) -> bool:
    return not ANONYMOUS.may(_DOORS[name].permission)


def _doors() -> dict[str, Any]:
    return {
        str(operation.operation_id): door_of(operation)
        for bound in api._get_bound_routers()  # noqa: SLF001 - ninja has no public list
        for view in bound.path_operations.values()
        for operation in view.operations
    }


_DOORS: Final = _doors()
