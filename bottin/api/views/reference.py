"""The API described: for programs as OpenAPI, for people as a page of the site (API-6)."""

from collections.abc import Callable
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bottin.accounts.permissions import Permission
from bottin.api import openapi
from bottin.api.reading import groups_of, problems_known

_DAY_S: Final = 86_400


def needs(permission: Permission) -> Callable[[Callable[..., HttpResponse]], Callable[..., Any]]:
    """Declare, for the matrix test, what a plain view asks for; strangers may read these."""

    def mark(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        cast("Any", view).permission = permission
        return view

    return mark


@needs(Permission.SIGN_IN)
def openapi_json(request: HttpRequest) -> HttpResponse:
    """Give the OpenAPI document, the one committed as `docs/openapi.json`."""
    del request
    response = HttpResponse(openapi.document(), content_type="application/json")
    response["Cache-Control"] = f"public, max-age={_DAY_S}"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@needs(Permission.SIGN_IN)
def docs(request: HttpRequest) -> HttpResponse:
    """Show the same document to people."""
    schema = openapi.schema()
    context = {
        "info": schema["info"],
        "version": schema["openapi"],
        "groups": groups_of(schema),
        "problems": problems_known(),
    }
    return render(request, "api/docs.html", context)
