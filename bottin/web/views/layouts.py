"""How lists are laid out, remembered by this browser."""

from typing import Final

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bottin.accounts.errors import BadPreference
from bottin.accounts.permissions import Permission
from bottin.web.context import LAYOUTS
from bottin.web.permissions import needs
from bottin.web.preferences import remember, way_back

_LONGEST: Final = 20


# As for the theme: a token would set a cookie on every visitor, and there is nothing to forge.
@csrf_exempt
@needs(Permission.SIGN_IN)
@require_POST
def layout(request: HttpRequest) -> HttpResponseBase:
    """Show lists as a table, as one line each, or as cards, on this browser."""
    chosen = request.POST.get("layout", "")
    if chosen not in LAYOUTS:
        raise BadPreference(layout=chosen[:_LONGEST])
    response = HttpResponseRedirect(way_back(request))
    remember(response, layout=chosen)
    return response
