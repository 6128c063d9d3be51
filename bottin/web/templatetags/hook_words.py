"""What a webhook's address last said, in a sentence."""

from typing import Final

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

register = template.Library()

_SILENCES: Final[dict[str, Promise]] = {
    "timeout": gettext_lazy("it did not answer in time"),
    "connection": gettext_lazy("it could not be reached, or its certificate is not valid"),
    "name": gettext_lazy("its name is not known"),
    "address": gettext_lazy("it is not an address of the public Internet"),
}


@register.filter
def said(answer: str) -> str:
    """Tell what an address answered: a status of HTTP, or why there was none."""
    if answer in _SILENCES:
        return str(_SILENCES[answer])
    return _("it answered %(status)s") % {"status": answer}
