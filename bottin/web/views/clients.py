"""Which clients are served: what was seen lately, the team's rules, and forms to change them."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from bottin.accounts.permissions import Permission
from bottin.lib.clock import now
from bottin.tracker import actions, queries
from bottin.tracker.clients import REASON_LENGTH
from bottin.tracker.errors import BadClientRule, ClientRuleGone
from bottin.tracker.models import ClientWelcome
from bottin.web.client_families import PERIOD, families
from bottin.web.errors import sentence_of
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of

_CHOICES: Final[dict[ClientWelcome, Promise]] = {
    ClientWelcome.DENIED: gettext_lazy("Refuse it"),
    ClientWelcome.WARNED: gettext_lazy("Serve it, and tell its users that it will soon be refused"),
    ClientWelcome.FULL: gettext_lazy("Serve it"),
}
_NUMBERED: Final = {str(int(welcome)): welcome for welcome in _CHOICES}


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: as asked for by a link, or as it was sent and refused."""

    head: str = ""
    reason: str = ""
    welcome: ClientWelcome = ClientWelcome.DENIED


@needs(Permission.RULE_CLIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponseBase:
    """Show families of clients and the rules about them; write a rule."""
    if request.method != "POST":
        return _page(request, Typed(head=request.GET.get("head", "")[:8]))
    typed = _typed(request)
    try:
        actions.set_client_rule(
            typed.head, typed.welcome, typed.reason, by=viewer_of(request), at=now()
        )
    except BadClientRule as error:
        return _page(request, typed, refusal=error)
    messages.success(request, _("The rule is in force within a second."))
    return redirect("web:moderation_clients")


@require_POST
@needs(Permission.RULE_CLIENTS)
def remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a rule away."""
    try:
        actions.remove_client_rule(pk, by=viewer_of(request))
    except (BadClientRule, ClientRuleGone) as error:
        messages.error(request, sentence_of(error))
    else:
        messages.success(request, _("The rule was removed: these clients are judged anew."))
    return redirect("web:moderation_clients")


@require_POST
@needs(Permission.RULE_CLIENTS)
def others(request: HttpRequest) -> HttpResponseBase:
    """Refuse the clients that no rule names, or serve them again."""
    viewer = viewer_of(request)
    if request.POST.get("serve") == "1":
        actions.serve_unlisted(by=viewer)
        messages.success(request, _("Clients without a rule are served again."))
        return redirect("web:moderation_clients")
    reason = request.POST.get("reason", "")
    try:
        actions.serve_listed_only(reason, by=viewer, at=now())
    except BadClientRule as error:
        return _page(request, Typed(), refusal_of_others=error, reason_of_others=reason)
    messages.success(request, _("Clients without a rule are refused from now on."))
    return redirect("web:moderation_clients")


def _typed(request: HttpRequest) -> Typed:
    sent = request.POST
    # What is no choice is the strictest, which takes a reason.
    welcome = _NUMBERED.get(sent.get("welcome", ""), ClientWelcome.DENIED)
    return Typed(sent.get("head", "").strip(), sent.get("reason", ""), welcome)


def _page(
    request: HttpRequest,
    typed: Typed,
    *,
    refusal: BadClientRule | None = None,
    refusal_of_others: BadClientRule | None = None,
    reason_of_others: str = "",
) -> HttpResponseBase:
    found = queries.client_rules()
    context = {
        "here": "moderation",
        "moderation_page": "clients",
        "families": families(found, at=now()),
        "days": PERIOD.days,
        "rules": [rule for rule in found if rule.head],
        "others": next((rule for rule in found if not rule.head), None),
        "choices": _CHOICES.items(),
        "typed": typed,
        "refusal": sentence_of(refusal) if refusal else "",
        "refusal_of_others": sentence_of(refusal_of_others) if refusal_of_others else "",
        "reason_of_others": reason_of_others,
        "length": REASON_LENGTH,
        "operators": _operators_lists(),
    }
    status = 422 if refusal or refusal_of_others else 200
    return render(request, "moderation/clients.html", context, status=status)


def _operators_lists() -> list[tuple[str, str]]:
    """Name what the operator set beside the rules: words, and heads or a file."""
    options = settings.BOTTIN
    lists = [
        (_("the only ones served"), ", ".join(options.tracker_allowed_clients)),
        (_("warned"), ", ".join(options.tracker_warned_clients)),
        (_("refused"), ", ".join(options.tracker_denied_clients)),
        (_("a file"), options.tracker_clients_file.name if options.tracker_clients_file else ""),
    ]
    return [(words, names) for words, names in lists if names]
