"""The paths of the API, each in its envelope; `/api/` is mounted by `bottin.config.urls`."""

import re
from collections.abc import Iterator
from typing import Any, cast

from django.urls import URLPattern, include, path, re_path

from bottin.accounts.permissions import Permission
from bottin.api.doors import Door, door_of
from bottin.api.envelope import enveloped, nothing_here
from bottin.api.v1 import api
from bottin.api.views.looking_up import pieces_hash
from bottin.api.views.reference import docs, needs, openapi_json

app_name = "api"


def _routes() -> Iterator[URLPattern]:
    """Give each path its view, and note on it what each of its methods asks for."""
    for bound in api._get_bound_routers():  # noqa: SLF001 - ninja has no public list
        for template, view in bound.path_operations.items():
            route = re.sub(r"{(\w+)}", r"<str:\1>", template).lstrip("/")
            callback = cast("Any", enveloped(view.get_view()))
            callback.permissions = {
                method: cast("Door", door_of(operation)).permission
                for operation in view.operations
                for method in operation.methods
            }
            callback.permission = next(iter(callback.permissions.values()))
            yield path(route, callback, name=view.operations[0].operation_id)


urlpatterns = [
    path("v1/openapi.json", enveloped(openapi_json), name="openapi"),
    path("v1/docs", docs, name="docs"),
    path("v1/", include(list(_routes()))),
    path("pieces-hash", enveloped(needs(Permission.SIGN_IN)(pieces_hash)), name="pieces_hash"),
    re_path("^(?P<rest>.*)$", enveloped(needs(Permission.SIGN_IN)(nothing_here))),
]
