"""Turns a refusal raised in a view into its page; lets an address ask for a language."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import translation

from bottin.lib.errors import DomainError
from bottin.web.errors import sentence_of, status_of
from bottin.web.views.errors import error_page

_API: str = "/api/"


class AskedLanguage:
    """Middleware: `?lang=fr` or `?lang=en` wins over the browser, for this answer only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language asked for, if there is one and the site has it."""
        asked = request.GET.get("lang", "")
        if asked in dict(settings.LANGUAGES):
            translation.activate(asked)
            request.LANGUAGE_CODE = asked
        return self.get_response(request)


class CompressedPages(GZipMiddleware):
    """Middleware: pages are compressed, with Django's padding against BREACH; files are not.

    A list of fifty lines is 70 kB otherwise, over the budget of a first view
    (WEB-8). A `.torrent` is mostly digests, which nothing makes smaller.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Compress HTML, nothing else."""
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class Refusals:
    """Middleware: `process_exception` for DomainError; anything else is a bug and goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Render the refusal with its status and `Retry-After`; leave the API's to the API."""
        if not isinstance(error, DomainError) or request.path.startswith(_API):
            return None
        status = status_of(error)
        response = error_page(request, status, sentence_of(error), error.context)
        retry_after_s = error.context.get("retry_after_s")
        if isinstance(retry_after_s, int):
            response["Retry-After"] = str(retry_after_s)
        return response
