"""Pages around accounts that belong to the site: who may do what, language, theme, mailbox."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from bottin.accounts import actions, addresses, queries
from bottin.accounts.errors import BadPreference, UndoExpired
from bottin.accounts.models import Theme
from bottin.accounts.permissions import Permission
from bottin.lib import clock
from bottin.web.account_words import PERMISSIONS, ROLES
from bottin.web.mailbox import newest_mails
from bottin.web.permissions import needs
from bottin.web.preferences import remember, way_back
from bottin.web.viewer import viewer_of


@needs(Permission.SEE_PERMISSIONS)
@require_http_methods(["GET", "HEAD"])
def permissions(request: HttpRequest) -> HttpResponse:
    """Show what each role may do, from the table itself."""
    counted = queries.members_by_role()
    context = {
        "roles": [(role, ROLES[role], counted[role]) for role in ROLES],
        "rows": [
            (item, PERMISSIONS[item], list(zip(ROLES.values(), cells, strict=True)))
            for item, cells in queries.permission_rows()
        ],
    }
    return render(request, "account/permissions.html", context)


@needs(Permission.SIGN_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def undo_email(request: HttpRequest, token: str) -> HttpResponse:
    """Take a former address back, by a button: mail scanners follow links."""
    try:
        if request.method == "POST":
            known: dict[str, object] = {
                "account": addresses.undo_email_change(token, at=clock.now())
            }
        else:
            known = {"former": addresses.read_undo(token).former}
    except UndoExpired:
        return render(request, "account/email_undo.html", {"is_stale": True}, status=410)
    return render(request, "account/email_undo.html", known)


# A token would set a cookie on every visitor (WEB-3), and there is nothing here to forge: the
# session cookie is `Lax`, so another site's form arrives as a stranger's.
@csrf_exempt
@needs(Permission.SIGN_IN)
@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Switch the language of this browser, and of the account if there is one."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        raise BadPreference(language=chosen[:20])
    return _chosen(request, language=chosen)


# A token would set a cookie on every visitor (WEB-3), and there is nothing here to forge: the
# session cookie is `Lax`, so another site's form arrives as a stranger's.
@csrf_exempt
@needs(Permission.SIGN_IN)
@require_POST
def theme(request: HttpRequest) -> HttpResponseBase:
    """Switch the theme, in the same way."""
    chosen = request.POST.get("theme", "")
    if chosen not in Theme.values:
        raise BadPreference(theme=chosen[:20])
    return _chosen(request, theme=chosen)


@needs(Permission.SIGN_IN)
@require_http_methods(["GET", "HEAD"])
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show the mails of a demonstration, which nobody was sent; 404 on a real site."""
    if not settings.BOTTIN_DEMO:
        raise Http404
    mails = newest_mails(Path(settings.EMAIL_FILE_PATH))
    return render(request, "account/mailbox.html", {"mails": mails})


def _chosen(
    request: HttpRequest, *, language: str | None = None, theme: str | None = None
) -> HttpResponseBase:
    viewer = viewer_of(request)
    if viewer.user_id is not None:
        actions.change_preferences(viewer.user_id, by=viewer, language=language, theme=theme)
    response = HttpResponseRedirect(way_back(request))
    remember(response, language=language, theme=theme)
    return response
