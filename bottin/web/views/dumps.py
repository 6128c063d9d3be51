"""The page of dumps: what is given out, and how a mirror follows the site."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bottin.accounts.permissions import Permission
from bottin.exchange import dumps as exchange
from bottin.exchange import following
from bottin.web.permissions import needs


@needs(Permission.BROWSE)
@require_safe
def dumps(request: HttpRequest) -> HttpResponse:
    """List the dumps, or say that the site gives none."""
    are_open = following.are_open()
    context = {
        "are_open": are_open,
        "dumps": exchange.dumps() if are_open else [],
        "cursor": following.cursor_now() if are_open else 0,
        "changes_url": f"{settings.BOTTIN.origin}/dumps/changes",
    }
    return render(request, "dumps.html", context)
