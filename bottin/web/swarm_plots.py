"""Plots of swarms: one release over a day to a year, the whole site over two days."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, TypeVar

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bottin.catalog.models import Release
from bottin.tracker import queries
from bottin.tracker.queries import NO_COUNTS, DayOfSwarm, HourOfSite, QuarterOfSwarm
from bottin.web import formats, plots
from bottin.web.plots import Plot, Series, Words

DAYS: Final = 30
_T = TypeVar("_T")
# span of `?span=`: days to read, days in a point
# A day is drawn by quarters of an hour.
DAY: Final = "day"
SPANS: Final[dict[str, tuple[int, int]]] = {
    DAY: (1, 1),
    "week": (7, 1),
    "month": (DAYS, 1),
    "year": (364, 7),
}
HOURS: Final = 48


def release_plot(release: Release, span: str = "month") -> Plot | None:
    """Draw a swarm by quarter hour, day or week, up to now; None when nobody came.

    One query, two for a day.
    """
    if span == DAY:
        return _day_plot(release)
    length, step = SPANS.get(span, SPANS["month"])
    days = queries.swarm_by_day(release.pk, length)
    today = days[-1]
    seeders = max(today.counts.seeders, release.seeders)
    leechers = max(today.counts.leechers, release.leechers)
    if not (seeders or leechers or any(one.counts != NO_COUNTS for one in days)):
        return None
    peaks = (
        [*_known(days, release, "seeders"), seeders],
        [*_known(days, release, "leechers"), leechers],
    )
    completed = [one.counts.completed for one in days]
    labels = [formats.short_day(part[0].day) for part in _cut(days, step)]
    words = _words(span if span in SPANS else "month")
    return _swarm_plot(
        words,
        labels,
        _peaks(peaks[0], step),
        _peaks(peaks[1], step),
        [sum(part) for part in _cut(completed, step)],
    )


def _day_plot(release: Release) -> Plot | None:
    quarters = queries.swarm_by_quarter(release.pk, at=timezone.now())
    # Of the quarter that runs, what is there now.
    seeders = [*(_told(one, "seeders") for one in quarters[:-1]), release.seeders]
    leechers = [*(_told(one, "leechers") for one in quarters[:-1]), release.leechers]
    completed = [_told(one, "completed") for one in quarters]
    if not any((*seeders, *leechers, *completed)):
        return None
    labels = [date_format(timezone.localtime(one.start), "H:i") for one in quarters]
    return _swarm_plot(_words(DAY), labels, seeders, leechers, completed)


def _told(quarter: QuarterOfSwarm, name: str) -> int | None:
    return None if quarter.counts is None else getattr(quarter.counts, name)


def _swarm_plot(
    words: Words,
    labels: Sequence[str],
    seeders: Sequence[int | None],
    leechers: Sequence[int | None],
    completed: Sequence[int | None],
) -> Plot:
    series = [
        Series(_("Seeders"), "a", seeders),
        Series(_("Leechers"), "b", leechers),
        Series(_("Completed"), "bar", completed),
    ]
    return plots.draw(words, labels, series, plots.SPARK)


def _words(span: str) -> Words:
    title, description, x_head = {
        "day": (
            _("The swarm in a day"),
            _("The seeders and leechers of each quarter of an hour, and the downloads finished."),
            _("Hour"),
        ),
        "week": (_("The swarm in seven days"), _by_day(), _("Day")),
        "month": (_("The swarm in thirty days"), _by_day(), _("Day")),
        "year": (
            _("The swarm in a year"),
            _("The most seeders and leechers at once, and the downloads finished, by week."),
            _("Week of"),
        ),
    }[span]
    return Words("swarm", title, description, x_head, write=_whole)


def _by_day() -> str:
    return _("The most seeders and leechers at once, and the downloads finished, day by day.")


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
