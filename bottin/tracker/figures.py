"""The data plane's figures as Prometheus reads them; no user, key or info-hash among them."""

import json
import os
import platform
import time
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from bottin.tracker.dataplane import DataPlane

Figures = Mapping[str, Any]
"""`counters` by name (IPv4, IPv6), `sizes` and `gauges` by name, `histograms` by name
(`classes`, `sum`), `build` by label; see `DataPlane.figures`."""

FAMILIES: Final = ("ipv4", "ipv6")
_PROTOCOLS: Final = ("udp", "http", "ws")
# (protocol's counter, action, outcome)
_ANSWERS: Final = (
    ("connects", "connect", "answered"),
    ("announces", "announce", "answered"),
    ("scrapes", "scrape", "answered"),
    ("errors", "any", "refused"),
    ("failures", "any", "refused"),
)
_DROPS: Final = (
    ("malformed", "malformed"),
    ("bad_connection", "connection_id"),
    ("limited", "rate"),
    ("send_errors", "send"),
    ("full", "no_place"),
    ("crowded", "host_has_enough"),
    ("timeouts", "slow"),
    ("idle", "idle"),
)
_OUTCOMES: Final = ("accepted", "waiting", "refused")
_SIZES: Final = {
    "swarms": ("bottin_tracker_swarms", "Swarms held."),
    "peers": ("bottin_tracker_peers", "Peers held, each client once."),
    "ws_open": ("bottin_tracker_websockets", "WebSocket connections open."),
    "policy_releases": ("bottin_tracker_policy_releases", "Releases or listed hashes known."),
    "policy_accounts": ("bottin_tracker_policy_accounts", "Accounts known."),
    "policy_clients": ("bottin_tracker_policy_clients", "Rules of the team about clients."),
    "policy_denied": ("bottin_tracker_policy_denied", "Info-hashes denied."),
    "journal_backlog": ("bottin_tracker_journal_backlog_bytes", "Facts the disk has not taken."),
    "uptime_s": ("bottin_tracker_uptime_seconds", "Since the data plane was made."),
    "memory_bytes": ("bottin_tracker_memory_bytes", "Resident memory of the process."),
    "policy_age_s": (
        "bottin_tracker_policy_age_seconds",
        "Since the policy was last known to be up to date.",
    ),
}
_COUNTED: Final = {
    "facts": ("bottin_tracker_facts", "Facts handed to the journal."),
    "journal_position": ("bottin_tracker_journal_position", "Facts in the journal, ever."),
    "journal_dropped": ("bottin_tracker_journal_dropped", "Facts lost to a full backlog."),
    "journal_errors": ("bottin_tracker_journal_errors", "Failed writes of the journal."),
    "threads_died": ("bottin_tracker_thread_failures", "Threads that failed and came back."),
    "http_connections": ("bottin_tracker_connections", "TCP connections taken."),
    "ws_offers": ("bottin_tracker_offers", "WebRTC offers passed on."),
    "ws_answers": ("bottin_tracker_offers_answered", "Answers to them passed back."),
    "torrents_refused": ("bottin_tracker_torrents_refused", "New torrents refused, open mode."),
    "lists_over_quota": ("bottin_tracker_lists_over_quota", "Answers emptied by a quota."),
    "lists_cut_short": (
        "bottin_tracker_lists_cut_short",
        "Lists cut short for accounts that moved nothing.",
    ),
    "many_networks": ("bottin_tracker_many_networks", "Keys seen in one network too many."),
    "shed_scrapes": ("bottin_tracker_shed_scrapes", "Scrapes put off under overload."),
    "shed_unknown": ("bottin_tracker_shed_unknown", "Unlisted announces put off under overload."),
    "torrents_evicted": ("bottin_tracker_torrents_evicted", "Torrents that made room, open mode."),
}
_MICROSECONDS: Final = 1e-6
STALE_S: Final = 30.0


def families(figures: Figures) -> Iterator[Metric]:
    """Yield every figure with its labels."""
    counters = figures["counters"]
    sizes = dict(figures["sizes"]) | dict(figures.get("gauges", {}))
    yield _answers(counters)
    yield _by_family("bottin_tracker_announces", "Announces by verdict.", counters)
    yield _drops(counters)
    for name, (metric, help_text) in _SIZES.items():
        if name in sizes:
            yield GaugeMetricFamily(metric, help_text, value=sizes[name])
    if sizes.get("peers") and "memory_bytes" in sizes:
        yield GaugeMetricFamily(
            "bottin_tracker_bytes_per_peer",
            "Memory of the process by peer held.",
            value=sizes["memory_bytes"] / sizes["peers"],
        )
    totals = {name: sum(pair) for name, pair in counters.items()} | sizes
    for name, (metric, help_text) in _COUNTED.items():
        if name in totals:
            yield CounterMetricFamily(metric, help_text, value=totals[name])
    yield from _histograms(figures["histograms"])
    yield InfoMetricFamily("bottin_tracker_build", "What runs.", value=figures.get("build", {}))


def figures_of(plane: "DataPlane") -> dict[str, Any]:
    """Give all figures of a data plane that runs in this process."""
    build = {"version": _version(), "python": platform.python_version()}
    return plane.figures() | {"gauges": {"memory_bytes": memory_bytes()}, "build": build}


def write_figures(plane: "DataPlane", path: Path) -> None:
    """Leave the figures in a file, whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(figures_of(plane)), encoding="utf-8")
    beside.replace(path)


class FileCollector(Collector):
    """Hands on the figures that a tracker of another process left, while they are fresh."""

    def __init__(self, path: Path) -> None:
        """Name the file; it may not be there."""
        self._path = path

    def collect(self) -> Iterator[Metric]:
        """Yield what the file holds; nothing when it is old, for a dead tracker has no figures."""
        try:
            age_s = time.time() - self._path.stat().st_mtime
            figures = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if age_s < STALE_S:
            yield from families(figures)


def _version() -> str:
    try:
        return version("bottin")
    except PackageNotFoundError:
        return "0.1.0"


def memory_bytes() -> int:
    """Tell the resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _answers(counters: Mapping[str, list[int]]) -> Metric:
    family = CounterMetricFamily(
        "bottin_tracker_answers",
        "Answers sent.",
        labels=["protocol", "family", "action", "outcome"],
    )
    for protocol in _PROTOCOLS:
        for name, action, outcome in _ANSWERS:
            for ip, number in zip(FAMILIES, counters.get(f"{protocol}_{name}", ()), strict=False):
                family.add_metric([protocol, ip, action, outcome], number)
    return family


def _by_family(metric: str, help_text: str, counters: Mapping[str, list[int]]) -> Metric:
    family = CounterMetricFamily(metric, help_text, labels=["family", "outcome"])
    for outcome in _OUTCOMES:
        for ip, number in zip(FAMILIES, counters[f"announces_{outcome}"], strict=True):
            family.add_metric([ip, outcome], number)
    return family


def _drops(counters: Mapping[str, list[int]]) -> Metric:
    family = CounterMetricFamily(
        "bottin_tracker_drops", "Requests not answered.", labels=["protocol", "family", "reason"]
    )
    for protocol in _PROTOCOLS:
        for name, reason in _DROPS:
            for ip, number in zip(FAMILIES, counters.get(f"{protocol}_{name}", ()), strict=False):
                family.add_metric([protocol, ip, reason], number)
    return family


def _histograms(histograms: Mapping[str, Mapping[str, Any]]) -> Iterator[Metric]:
    lasted = HistogramMetricFamily(
        "bottin_tracker_answer_seconds",
        "From a batch's receipt until its answers have left.",
        labels=["protocol"],
    )
    taken = HistogramMetricFamily(
        "bottin_tracker_batch", "Requests answered together.", labels=["protocol"]
    )
    for name, histogram in histograms.items():
        protocol, _, measure = name.partition("_")
        family, unit = (lasted, _MICROSECONDS) if measure == "answer_us" else (taken, 1)
        family.add_metric([protocol], _buckets(histogram["classes"], unit), histogram["sum"] * unit)
    yield lasted
    yield taken


def _buckets(classes: list[int], unit: float) -> list[tuple[str, float]]:
    buckets, total = [], 0
    for power, met in enumerate(classes):
        total += met
        is_last = power == len(classes) - 1
        buckets.append(("+Inf" if is_last else f"{2**power * unit:.6g}", float(total)))
    return buckets
