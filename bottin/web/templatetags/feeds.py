"""Template tags of feeds: what a program finds in the head of a list, what a person clicks."""

from typing import Final

from django import template
from django.template.context import Context

from bottin.web.feed_addresses import FeedAddresses, addresses_of, of_this_search

register: Final = template.Library()


@register.inclusion_tag("parts/feed_heads.html", takes_context=True)
def feed_heads(context: Context, feed: str) -> dict[str, object]:
    """Write the `<link rel="alternate">` of a list's feeds."""
    return {"feed": feed_addresses(context, feed)}


@register.simple_tag(takes_context=True)
def feed_addresses(context: Context, feed: str) -> FeedAddresses:
    """Give the addresses of a list's feeds; `search` is the search that the page shows."""
    if feed == "search":
        return of_this_search(context["request"])
    return addresses_of(context["request"], feed)
