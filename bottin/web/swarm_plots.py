"""Plots of swarms: one release over thirty days, the whole site over two days."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, TypeVar

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bottin.catalog.models import Release
from bottin.tracker import queries
from bottin.tracker.queries import NO_COUNTS, DayOfSwarm, HourOfSite
from bottin.web import formats, plots
from bottin.web.plots import Plot, Series, Words

DAYS: Final = 30
_T = TypeVar("_T")
# span of `?span=`: days to read, days in a point
SPANS: Final[dict[str, tuple[int, int]]] = {"week": (7, 1), "month": (DAYS, 1), "year": (364, 7)}
HOURS: Final = 48


def release_plot(release: Release, span: str = "month") -> Plot | None:
    """Draw a swarm by day, a year by week, today as it is now at least; None when nobody came.

    One query.
    """
    length, step = SPANS.get(span, SPANS["month"])
    days = queries.swarm_by_day(release.pk, length)
    today = days[-1]
    seeders = max(today.counts.seeders, release.seeders)
    leechers = max(today.counts.leechers, release.leechers)
    if not (seeders or leechers or any(one.counts != NO_COUNTS for one in days)):
        return None
    words = Words(
        name="swarm",
        title=_titles()[span if span in SPANS else "month"],
        description=_(
            "The most seeders and leechers at once, and the downloads finished, day by day."
        )
        if step == 1
        else _("The most seeders and leechers at once, and the downloads finished, by week."),
        x_head=_("Day") if step == 1 else _("Week of"),
        write=_whole,
    )
    peaks = (
        [*_known(days, release, "seeders"), seeders],
        [*_known(days, release, "leechers"), leechers],
    )
    completed = [one.counts.completed for one in days]
    series = [
        Series(_("Seeders"), "a", _peaks(peaks[0], step)),
        Series(_("Leechers"), "b", _peaks(peaks[1], step)),
        Series(_("Completed"), "bar", [sum(part) for part in _cut(completed, step)]),
    ]
    labels = [formats.short_day(part[0].day) for part in _cut(days, step)]
    return plots.draw(words, labels, series, plots.SPARK)


def site_plots(at: datetime) -> list[Plot]:
    """Draw the last hours of the whole site, once there are any. One query."""
    hours = queries.site_by_hour(HOURS, at=at)
    if all(hour.seeders is None for hour in hours):
        return []
    return [_peers_plot(hours), _announces_plot(hours)]


def _peers_plot(hours: Sequence[HourOfSite]) -> Plot:
    words = Words(
        name="peers",
        title=_("Peers in two days"),
        description=_("The most seeders and leechers at once in all swarms, hour by hour."),
        x_head=_("Hour"),
        write=_whole,
    )
    series = [
        Series(_("Seeders"), "a", [hour.seeders for hour in hours]),
        Series(_("Leechers"), "b", [hour.leechers for hour in hours]),
    ]
    return plots.draw(words, _hour_labels(hours), series)


def _announces_plot(hours: Sequence[HourOfSite]) -> Plot:
    words = Words(
        name="announces",
        title=_("Announces in two days"),
        description=_("Announces answered by the tracker, hour by hour, by protocol."),
        x_head=_("Hour"),
        write=_whole,
    )
    series = [
        Series("UDP", "a", [hour.udp_announces for hour in hours]),
        Series("HTTP", "b", [hour.http_announces for hour in hours]),
    ]
    return plots.draw(words, _hour_labels(hours), series)


def _titles() -> dict[str, str]:
    return {
        "week": _("The swarm in seven days"),
        "month": _("The swarm in thirty days"),
        "year": _("The swarm in a year"),
    }


def _cut(values: Sequence[_T], step: int) -> list[Sequence[_T]]:
    return [values[start : start + step] for start in range(0, len(values), step)]


def _peaks(values: Sequence[int | None], step: int) -> list[int | None]:
    """Return the largest of each stretch; nothing where nobody counted."""
    return [
        max((value for value in part if value is not None), default=None)
        for part in _cut(values, step)
    ]


def _known(days: Sequence[DayOfSwarm], release: Release, name: str) -> list[int | None]:
    """Give the days before today; before its publication a release had no swarm to count."""
    first = _day_of(release.published_at)
    return [None if first and one.day < first else getattr(one.counts, name) for one in days[:-1]]


def _day_of(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


def _hour_labels(hours: Sequence[HourOfSite]) -> list[str]:
    return [date_format(timezone.localtime(hour.start), "D H:i") for hour in hours]


def _whole(value: float) -> str:
    return formats.count(round(value))
