"""The home page: start a search, see that the site is alive."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bottin.accounts.permissions import Permission
from bottin.community import queries as community
from bottin.web import lists
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of


@needs(Permission.BROWSE)
def home(request: HttpRequest) -> HttpResponse:
    """Show the search field, the team's picks, three short lists and one line of figures."""
    viewer = viewer_of(request)
    return render(
        request,
        "home.html",
        {
            "hide_find": True,
            "figures": lists.figures_of(viewer),
            "newest": lists.newest(viewer),
            "rising": lists.rising(viewer),
            "needing_seeds": lists.needing_seeds(viewer),
            "picks": community.picks(viewer),
            "fresh": community.fresh_results(viewer) if viewer.is_signed_in else 0,
        },
    )
