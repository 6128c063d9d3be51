"""A member's feeds: their addresses, and the key in them renewed."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from bottin.accounts import feed_keys, queries
from bottin.accounts.permissions import Permission
from bottin.lib import clock
from bottin.web import lists
from bottin.web.feed_addresses import FeedAddresses, addresses_of
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One line of the table: a list and its feeds."""

    label: str
    at: FeedAddresses


@needs(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "HEAD"])
@sensitive_variables("key")
def me_feeds(request: HttpRequest) -> HttpResponse:
    """Show the feeds of the main lists and of the member's own releases."""
    viewer = viewer_of(request)
    account = queries.account_of(viewer)
    mine = FeedLine(_("My releases"), addresses_of(request, f"publisher/{account.name}"))
    own = [
        FeedLine(label, addresses_of(request, name))
        for label, name in (
            (_("Bookmarks"), "bookmarks"),
            (_("My pledges"), "pledges"),
            (_("Needs seeds"), "rescue"),
        )
    ]
    shelves = [
        FeedLine(shelf.category.label, addresses_of(request, f"category/{shelf.category.slug}"))
        for shelf in lists.shelves_of(viewer)
    ]
    everything = addresses_of(request, "all")
    context = {
        "feeds": [FeedLine(_("New releases"), everything), *shelves, mine, *own],
        "everything": everything,
        "key": feed_keys.feed_key(account),
    }
    return render(request, "me/feeds.html", context)


@needs(Permission.OWN_ACCOUNT)
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """Replace the feed key."""
    viewer = viewer_of(request)
    feed_keys.renew(queries.account_of(viewer).pk, by=viewer, at=clock.now())
    messages.success(request, _("You have a new feed key: copy the new addresses."))
    return redirect("web:me_feeds")
