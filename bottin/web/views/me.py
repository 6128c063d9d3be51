"""My page: am I in good standing, what is running, what should I seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bottin.accounts.permissions import Permission
from bottin.catalog import queries
from bottin.catalog.models import Release
from bottin.ledger import queries as ledger
from bottin.ledger.models import EntryKind, LedgerEntry
from bottin.ledger.queries import DayCredit
from bottin.lib.clock import now
from bottin.web import formats, plots
from bottin.web.case_words import window_words
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of
from bottin.web.views.my_downloads import downloads_of, titles_of

PLOT_DAYS: Final = 30
_LINES: Final = 20
_FULL_QUARTERS: Final = 4
_HOUR_S: Final = 3600
# How long a member is shown that credit was kept, and why.
_KEPT_FOR: Final = timedelta(days=90)
_LONGEST_ID: Final = 19
# What a row is, unless it is what clients announced.
_KINDS: Final[dict[str, Promise]] = {
    EntryKind.OPENING: gettext_lazy("Opening balance"),
    EntryKind.CORRECTION: gettext_lazy("Correction by the team"),
    EntryKind.HELD: gettext_lazy("Held for review"),
    EntryKind.GIVEN: gettext_lazy("Given after review"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger with its release, and whether a factor changed it."""

    row: LedgerEntry
    release: Release | None

    @property
    def kind(self) -> Promise | str:
        """What it is called when it is not a transfer."""
        return _KINDS.get(self.row.kind, "")

    @property
    def is_factored(self) -> bool:
        """Whether what counts differs from what was sent."""
        return (self.row.up_quarters, self.row.down_quarters) != (_FULL_QUARTERS, _FULL_QUARTERS)

    @property
    def up_factor(self) -> str:
        """`× 1,5`."""
        return formats.decimal(self.row.up_quarters / _FULL_QUARTERS)

    @property
    def down_factor(self) -> str:
        """`× 0`."""
        return formats.decimal(self.row.down_quarters / _FULL_QUARTERS)


@needs(Permission.OWN_ACCOUNT)
def me(request: HttpRequest) -> HttpResponse:
    """Show totals, plots, what runs now, downloads and releases."""
    viewer = viewer_of(request)
    user_id = viewer.user_id or 0
    days = ledger.credit_by_day(user_id, PLOT_DAYS)
    return render(
        request,
        "me/me.html",
        {
            "here": "me",
            "me_page": "me",
            "totals": ledger.balance_of(user_id),
            "credit_plot": credit_plot(days),
            "time_plot": time_plot(days),
            "downloads": downloads_of(viewer, limit=_LINES),
            "download_count": ledger.count_transfers(user_id),
            "lines": _LINES,
            "releases": queries.own_page(viewer, limit=_LINES),
        },
    )


@needs(Permission.OWN_ACCOUNT)
def me_ledger(request: HttpRequest) -> HttpResponse:
    """List the ledger, newest first: each line is what one batch of announces added."""
    viewer = viewer_of(request)
    before = request.GET.get("before", "")
    is_position = before.isdecimal() and len(before) < _LONGEST_ID
    rows = ledger.entries_of(viewer.user_id or 0, before_id=int(before) if is_position else None)
    held = ledger.held_of(viewer.user_id or 0, kept_since=now() - _KEPT_FOR, limit=_LINES)
    numbers = [row.release_id for row in rows if row.release_id]
    titles = titles_of(viewer, [*numbers, *(hold.release_id for hold in held)])
    return render(
        request,
        "me/ledger.html",
        {
            "here": "me",
            "me_page": "ledger",
            "totals": ledger.balance_of(viewer.user_id or 0),
            "held": [(hold, titles.get(hold.release_id), window_words(hold)) for hold in held],
            "entries": [Entry(row, titles.get(row.release_id or 0)) for row in rows],
            "before": rows[-1].pk if len(rows) == ledger.PAGE else None,
        },
    )


def credit_plot(days: Sequence[DayCredit]) -> plots.Plot:
    """Draw what was given and taken, added up over the days."""
    words = plots.Words(
        name="credit",
        title=_("Given and taken in thirty days"),
        description=_("Credited bytes uploaded and downloaded, added up day by day."),
        x_head=_("Day"),
        write=lambda value: formats.size(int(value)),
    )
    given = list(accumulate(day.totals.credited_up for day in days))
    taken = list(accumulate(day.totals.credited_down for day in days))
    series = [plots.Series(_("Uploaded"), "a", given), plots.Series(_("Downloaded"), "b", taken)]
    return plots.draw(words, _labels(days), series)


def time_plot(days: Sequence[DayCredit]) -> plots.Plot:
    """Draw the seed time of each day; several torrents at once add up."""
    words = plots.Words(
        name="seed-time",
        title=_("Seed time by day"),
        description=_("Time spent seeding, each day; several torrents at once add up."),
        x_head=_("Day"),
        write=lambda hours: _("%(n)s h") % {"n": formats.count(round(hours))},
    )
    hours = [day.totals.seed_time_s / _HOUR_S for day in days]
    return plots.draw(words, _labels(days), [plots.Series(_("Seed time"), "bar", hours)])


def _labels(days: Sequence[DayCredit]) -> list[str]:
    return [formats.short_day(day.day) for day in days]
