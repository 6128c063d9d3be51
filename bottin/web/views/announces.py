"""Why is my torrent not counted? For the member, and in figures for the team."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from bottin.accounts.permissions import Permission
from bottin.lib.clock import now
from bottin.tracker import notices, site
from bottin.tracker.notices import DayOfNotices, Total
from bottin.web import formats, plots
from bottin.web.announce_words import advice_on
from bottin.web.announces import answers_to
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of

PERIODS: Final = (1, 7, 30)
_USUAL: Final = 7
_COLUMNS: Final = 5


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the team's table: how often, by make, of the rarer makes, and in all."""

    words: str
    code: str
    is_warning: bool
    cells: list[tuple[str, int]]
    times: int


@needs(Permission.OWN_ACCOUNT)
def me_announces(request: HttpRequest) -> HttpResponse:
    """Show the last announces, then what clients were refused or warned of, and what to do."""
    context = {
        "here": "me",
        "me_page": "announces",
        "found": answers_to(viewer_of(request)),
        "interval_s": site.longest_interval_s(),
    }
    return render(request, "me/announces.html", context)


@needs(Permission.MODERATE)
def announces(request: HttpRequest) -> HttpResponse:
    """Show what clients were told, members' and strangers', by reason and make."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(period) for period in PERIODS} else _USUAL
    # Days of the totals are those of UTC.
    today = now().date()
    found = notices.totals(since=today - timedelta(days=days - 1))
    makes = _makes(found)
    context = {
        "here": "moderation",
        "moderation_page": "announces",
        "days": days,
        "periods": PERIODS,
        "makes": [_make_words(make) for make in makes],
        "reasons": _reasons(found, makes),
        "times": sum(one.times for one in found),
        "plot": _plot(notices.by_day(max(PERIODS), today=today)),
    }
    return render(request, "moderation/announces.html", context)


def _makes(found: Sequence[Total]) -> list[str]:
    """Give the makes that have a column: the most frequent."""
    times: Counter[str] = Counter()
    for one in found:
        times[one.make] += one.times
    return [make for make, _times in times.most_common(_COLUMNS)]


def _reasons(found: Sequence[Total], makes: Sequence[str]) -> list[Reason]:
    by_code: dict[str, Counter[str]] = {}
    for one in found:
        by_code.setdefault(one.code, Counter())[one.make] += one.times
    ranked = sorted(by_code.items(), key=lambda item: (-item[1].total(), item[0]))
    return [_reason(code, times, makes) for code, times in ranked]


def _reason(code: str, times: Counter[str], makes: Sequence[str]) -> Reason:
    advice = advice_on(code)
    cells = [(_make_words(make), times[make]) for make in makes]
    rest = times.total() - sum(number for _make, number in cells)
    return Reason(
        words=_(advice.says),
        code=code,
        is_warning=advice.is_warning,
        cells=[*cells, (_("Others"), rest)],
        times=times.total(),
    )


def _make_words(make: str) -> str:
    return make or _("no name")


def _plot(days: Sequence[DayOfNotices]) -> plots.Plot | None:
    if not any(one.times for one in days):
        return None
    words = plots.Words(
        name="told",
        title=_("Refusals and warnings by day"),
        description=_("How often clients were refused or warned of something, each day."),
        x_head=_("Day"),
        write=lambda value: formats.count(round(value)),
    )
    labels = [formats.short_day(one.day) for one in days]
    return plots.draw(words, labels, [plots.Series(_("Times"), "bar", [d.times for d in days])])
