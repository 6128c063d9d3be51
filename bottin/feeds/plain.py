"""How a view for programs answers: refusals in plain text, never a page or a redirect (KEY-4)."""

import functools
from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from bottin.accounts.permissions import Permission
from bottin.feeds.errors import answer_to
from bottin.lib.errors import DomainError

View = Callable[..., HttpResponseBase]


def plain(permission: Permission) -> Callable[[View], View]:
    """Answer refusals in plain text; note for the matrix of roles what the view asks for."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, /, **kwargs: str) -> HttpResponseBase:
            try:
                return view(request, **kwargs)
            except DomainError as refusal:
                return answer_to(refusal)

        checked = require_safe(cast("Any", guarded))
        cast("Any", checked).permission = permission
        return cast("View", checked)

    return decorate
