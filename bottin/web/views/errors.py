"""The pages of refusals and breakdowns; those of 500 and 503 ask nothing of the database."""

from collections.abc import Mapping
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from bottin.accounts.permissions import Permission
from bottin.web.permissions import needs
from bottin.web.sentences import PAGES

_GONE: Final = frozenset({410, 451})
_WITHOUT_DATABASE: Final = frozenset({500, 503})
_NO_CONTEXT: Final[Mapping[str, object]] = {}


def error_page(
    request: HttpRequest,
    status: int,
    sentence: str = "",
    particulars: Mapping[str, object] = _NO_CONTEXT,
) -> HttpResponse:
    """Render the page of `status`: its title, the sentence of the refusal, what to do."""
    title, advice = PAGES.get(status, PAGES[400])
    context = {
        "status": status,
        "heading": gettext(title),
        "sentence": sentence,
        "advice": gettext(advice),
        "particulars": particulars,
    }
    template = "errors/gone.html" if status in _GONE else "errors/error.html"
    response = render(request, template, context, status=status)
    if status == 451:  # noqa: PLR2004 - RFC 7725
        blocker = request.build_absolute_uri(reverse("web:contact"))
        response["Link"] = f'<{blocker}>; rel="blocked-by"'
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handle 400."""
    del exception
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handle 403."""
    del exception
    return error_page(request, 403)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Handle a form without a valid token: an old page, or cookies that are off."""
    del reason
    return error_page(
        request,
        403,
        gettext("This form is out of date, or your browser refuses cookies: reload the page."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handle 404."""
    del exception
    return error_page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Handle 500 without the database, session or tabs."""
    return _plain(request, 500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Handle 503 in the same way."""
    response = _plain(request, 503)
    response["Retry-After"] = "60"
    return response


@needs(Permission.BROWSE)
def preview(request: HttpRequest, status: int) -> HttpResponse:
    """Show the page of a status, answered with 200, for `/design` and the tests of looks."""
    if status not in PAGES:
        raise Http404
    is_plain = status in _WITHOUT_DATABASE
    response = _plain(request, status) if is_plain else error_page(request, status)
    response.status_code = 200
    return response


def _plain(request: HttpRequest, status: int) -> HttpResponse:
    language = translation.get_language_from_request(request)
    with translation.override(language):
        title, advice = PAGES[status]
        page = render_to_string(
            "errors/plain.html",
            {
                "status": status,
                "heading": gettext(title),
                "advice": gettext(advice),
                "lang": language,
            },
        )
    return HttpResponse(page, status=status)
