"""Template tag of look-ups: by what a release was found."""

from typing import Final

from django import template
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

register: Final = template.Library()

_HOW: Final[dict[str, StrPromise]] = {
    "v1": _("the same torrent (v1)"),
    "v2": _("the same torrent (v2)"),
    "v2-truncated": _("the same torrent (v2, cut)"),
    "pieces": _("the same pieces"),
    "content": _("the same content under another name"),
    "exact": _("the same files, by names and sizes"),
    "renamed": _("files of the same sizes, under other names"),
    "roots": _("holds a file of it"),
    "part": _("holds some of its files"),
}


@register.simple_tag
def how_found(how: str) -> str:
    """Say it in words."""
    return str(_HOW.get(how, how))
