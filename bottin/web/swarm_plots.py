"""Plots of swarms: one release over thirty days, the whole site over two days."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bottin.catalog.models import Release
from bottin.tracker import queries
from bottin.tracker.queries import NO_COUNTS, DayOfSwarm, HourOfSite
from bottin.web import formats, plots
from bottin.web.plots import Plot, Series, Words

DAYS: Final = 30
HOURS: Final = 48


def release_plot(release: Release) -> Plot | None:
    """Draw a swarm by day, today as it is now at least; None when nobody ever came. One query."""
    days = queries.swarm_by_day(release.pk, DAYS)
    today = days[-1]
    seeders = max(today.counts.seeders, release.seeders)
    leechers = max(today.counts.leechers, release.leechers)
    if not (seeders or leechers or any(one.counts != NO_COUNTS for one in days)):
        return None
    words = Words(
        name="swarm",
        title=_("The swarm in thirty days"),
        description=_(
            "The most seeders and leechers at once, and the downloads finished, day by day."
        ),
        x_head=_("Day"),
        write=_whole,
    )
    series = [
        Series(_("Seeders"), "a", [*_known(days, release, "seeders"), seeders]),
        Series(_("Leechers"), "b", [*_known(days, release, "leechers"), leechers]),
        Series(_("Completed"), "bar", [one.counts.completed for one in days]),
    ]
    return plots.draw(words, [formats.short_day(one.day) for one in days], series, plots.SPARK)


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
