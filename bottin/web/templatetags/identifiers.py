"""Template tags of identifiers: what readers call them, with the address that resolves them."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bottin.catalog.identifiers import Identifier, read_all

register = template.Library()


@register.simple_tag
def identifier_links(written: list[str]) -> SafeString:
    """List identifiers, each with its scheme, linked where somebody resolves it."""
    return format_html_join(
        ", ",
        '<span class="breakable">{} {}</span>',
        ((i.label, _link(i)) for i in read_all(written)),
    )


def _link(identifier: Identifier) -> SafeString | str:
    if not identifier.url:
        return identifier.value
    return format_html(
        '<a href="{}" rel="nofollow noopener noreferrer external">{}</a>',
        identifier.url,
        identifier.value,
    )
