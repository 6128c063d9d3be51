"""Template tags of accounts: credential events and scopes in words."""

from typing import Final

from django import template
from django.utils.translation import gettext as _

from bottin.accounts.models import CredentialEvent
from bottin.accounts.permissions import Scope
from bottin.web.account_words import CREDENTIALS, SCOPES

register: Final = template.Library()


@register.simple_tag
def credential_event(event: CredentialEvent) -> str:
    """Say what happened to a key, a token, a password or an address."""
    return str(CREDENTIALS.get((event.kind, event.action), _("Change")))


@register.simple_tag
def scope_words(scopes: list[str]) -> str:
    """List what a token may do."""
    return ", ".join(str(SCOPES[scope]) for scope in Scope if scope.value in scopes)
