"""A member's own pages: announce key, browsers signed in, API tokens, settings."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from bottin.accounts import actions, queries, sign_ins, tokens
from bottin.accounts.models import Account
from bottin.accounts.permissions import Permission
from bottin.lib import clock
from bottin.tracker import keys
from bottin.web import signed_in
from bottin.web.forms.accounts import RenewKeyForm, SettingsForm, TokenForm
from bottin.web.permissions import fresh_password, needs
from bottin.web.preferences import remember
from bottin.web.viewer import viewer_of

_GET_POST: Final = ["GET", "HEAD", "POST"]


@needs(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "HEAD"])
def key(request: HttpRequest) -> HttpResponse:
    """Show the state of the announce key, not the key."""
    return _key_page(request, RenewKeyForm())


@needs(Permission.OWN_ACCOUNT)
@require_POST
@fresh_password
@sensitive_variables("announce_key")
def reveal_key(request: HttpRequest) -> HttpResponse:
    """Show the key and the announce addresses that carry it, once the password is fresh."""
    announce_key = keys.account_key(_account(request))
    tiers = keys.announce_tiers(announce_key)
    addresses = [url for tier in tiers for url in tier]
    return _key_page(
        request, RenewKeyForm(), {"announce_key": announce_key, "addresses": addresses}
    )


@needs(Permission.OWN_ACCOUNT)
@require_POST
@fresh_password
def renew_key(request: HttpRequest) -> HttpResponse:
    """Replace the announce key."""
    form = RenewKeyForm(request.POST)
    if not form.is_valid():
        return _key_page(request, form, status=422)
    viewer = viewer_of(request)
    is_compromised = form.cleaned_data["reason"] == "compromised"
    actions.renew_announce_key(
        _account(request).pk, by=viewer, at=clock.now(), is_compromised=is_compromised
    )
    messages.success(
        request,
        _("Your old key stopped working. Fetch your .torrent files again.")
        if is_compromised
        else _("You have a new key. The old one still works for a while: see below."),
    )
    return redirect("web:me_key")


@needs(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "HEAD"])
def sessions(request: HttpRequest) -> HttpResponse:
    """List the browsers signed in, and the last attempts."""
    account = _account(request)
    context = {
        "sign_ins": queries.open_sign_ins(account.pk),
        "current_id": sign_ins.id_of(request.session.get(signed_in.SIGN_IN, "")),
        "attempts": queries.sign_in_log(account.pk),
    }
    return render(request, "me/sessions.html", context)


@needs(Permission.OWN_ACCOUNT)
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one browser out."""
    account = _account(request)
    if sign_ins.end(account.pk, [pk], by=viewer_of(request), at=clock.now()):
        messages.success(request, _("This browser is signed out."))
    return redirect("web:me_sessions")


@needs(Permission.OWN_ACCOUNT)
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign every browser out; with `keep_this`, every other one."""
    account = _account(request)
    ids = set(queries.open_sign_ins(account.pk).values_list("pk", flat=True))
    if "keep_this" in request.POST:
        ids.discard(sign_ins.id_of(request.session.get(signed_in.SIGN_IN, "")) or 0)
    ended = sign_ins.end(account.pk, sorted(ids), by=viewer_of(request), at=clock.now())
    messages.success(request, _("Browsers signed out: %(n)d.") % {"n": ended})
    return redirect("web:me_sessions")


@needs(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "HEAD"])
def token_list(request: HttpRequest) -> HttpResponse:
    """List the tokens, with a form for a new one."""
    return _token_page(request, TokenForm())


@needs(Permission.OWN_ACCOUNT)
@require_POST
@fresh_password
@sensitive_variables("issued")
def create_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _token_page(request, form, status=422)
    request_of_token = form.token_request()
    issued = tokens.issue(
        _account(request), request_of_token, by=viewer_of(request), at=clock.now()
    )
    return _token_page(request, TokenForm(), issued=issued)


@needs(Permission.OWN_ACCOUNT)
@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a token."""
    tokens.revoke(pk, by=viewer_of(request), at=clock.now())
    messages.success(request, _("The token stopped working."))
    return redirect("web:me_tokens")


@needs(Permission.OWN_ACCOUNT)
@require_http_methods(_GET_POST)
def settings_page(request: HttpRequest) -> HttpResponseBase:
    """Choose language and appearance."""
    account = _account(request)
    initial = {"language": account.language, "theme": account.theme}
    if request.method != "POST":
        return render(request, "me/settings.html", {"form": SettingsForm(initial=initial)})
    form = SettingsForm(request.POST)
    if not form.is_valid():
        return render(request, "me/settings.html", {"form": form}, status=422)
    chosen = form.cleaned_data
    actions.change_preferences(account.pk, by=viewer_of(request), **chosen)
    response = redirect("web:me_settings")
    remember(response, **chosen)
    return response


def _account(request: HttpRequest) -> Account:
    return queries.account_of(viewer_of(request))


def _key_page(
    request: HttpRequest,
    form: RenewKeyForm,
    shown: dict[str, object] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    account = _account(request)
    at = clock.now()
    context = {
        "form": form,
        "account": account,
        "is_in_grace": queries.is_in_grace(account, at),
        "history": queries.credential_history(account.pk),
    }
    return render(request, "me/key.html", context | (shown or {}), status=status)


def _token_page(
    request: HttpRequest,
    form: TokenForm,
    *,
    issued: tokens.Issued | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = queries.tokens_of(_account(request).pk)
    context = {"form": form, "tokens": rows, "issued": issued, "now": clock.now()}
    return render(request, "me/tokens.html", context, status=status)
