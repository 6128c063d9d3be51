"""Version 1 of the API: its routers, put together."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from bottin.api.routers import ME, RELEASES
from bottin.api.views import (  # noqa: F401 - they fill the routers
    catalogue,
    looking_up,
    me,
    publishing,
    searches,
)

PREFIX: Final = "api/v1"
DESCRIPTION: Final = (
    "Everything the pages can do for a program. Send your token as `Authorization: Bearer TOKEN`;"
    " the public directory can be read without one, less often. Refusals are problems (RFC 9457)"
    " in the language of `Accept-Language`. Lists come in pages: follow `page.next` or the `Link`"
    " header. Ids are strings, times RFC 3339, sizes bytes. Later versions of v1 only add."
)


class Api(NinjaAPI):
    """Ninja without its own pages and its own words for refusals."""

    def on_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """Let the envelope around every route answer."""
        del request
        raise exc


api: Final = Api(
    title="Bottin",
    version="1.0.0",
    description=DESCRIPTION,
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
)
for _router in (RELEASES, ME):
    api.add_router("", _router)
