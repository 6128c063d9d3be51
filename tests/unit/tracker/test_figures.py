"""The figures: what Prometheus reads, and that dashboard and alerts ask for what there is."""

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from bottin.config.site_figures import GAUGES
from bottin.tracker.dataplane import DataPlane
from bottin.tracker.figures import STALE_S, FileCollector, families, figures_of, write_figures
from tools.make_dashboard import dashboard

ROOT: Final = Path(__file__).resolve().parents[3]
DASHBOARD: Final = ROOT / "deploy/grafana/bottin-tracker.json"
ALERTS: Final = ROOT / "deploy/prometheus/alerts.yml"
ELSEWHERE: Final = {"bottin_part_restarts_total", "bottin_part_up"} | set(GAUGES)  # of other parts
_NAME: Final = re.compile(r"\bbottin_[a-z_]+")
_BY: Final = re.compile(r"\bby \(([^)]*)\)")
_LEGEND: Final = re.compile(r"{{(\w+)}}")
_MATCHER: Final = re.compile(r'(\w+)=~?"([^"]*)"')
LABELS: Final = {"protocol", "family", "action", "outcome", "reason", "le", "version", "python"}


@pytest.fixture
def figures() -> Iterator[dict[str, Any]]:
    plane = DataPlane({"standalone": {}})
    yield figures_of(plane)
    plane.stop(5)


def samples(figures: dict[str, Any]) -> list[tuple[str, dict[str, str], float]]:
    return [
        (sample.name, sample.labels, sample.value)
        for family in families(figures)
        for sample in family.samples
    ]


def queries() -> list[str]:
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    drawn = [target["expr"] for panel in panels for target in panel["targets"]]
    groups = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    return drawn + [rule["expr"] for group in groups for rule in group["rules"]]


def legends() -> list[tuple[str, str]]:
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [(one["expr"], one["legendFormat"]) for panel in panels for one in panel["targets"]]


def test_no_label_names_a_member_a_key_or_a_torrent(figures: dict[str, Any]) -> None:
    assert {label for _, labels, _ in samples(figures) for label in labels} <= LABELS


def test_dashboard_and_alerts_ask_only_for_figures_that_exist(figures: dict[str, Any]) -> None:
    figures["sizes"]["peers"] = 1  # bytes by peer need a peer
    known = {name for name, _, _ in samples(figures)} | ELSEWHERE

    asked = {name for query in queries() for name in _NAME.findall(query)}

    assert asked - known == set()
    assert len(asked) > 20


def test_dashboard_and_alerts_ask_only_for_labels_and_values_that_exist(
    figures: dict[str, Any],
) -> None:
    known: dict[str, dict[str, set[str]]] = {"bottin_part_up": {"part": {"web"}}}
    for name, labels, _ in samples(figures):
        for label, value in labels.items():
            known.setdefault(name, {}).setdefault(label, set()).add(value)

    asked = 0
    for query, legend in [(query, "") for query in queries()] + legends():
        there: dict[str, set[str]] = {}
        for name in _NAME.findall(query):
            for label, values in known.get(name, {}).items():
                there.setdefault(label, set()).update(values)
        grouped = [label for labels in _BY.findall(query) for label in labels.split(", ")]
        for label in [*grouped, *_LEGEND.findall(legend)]:
            assert label in there, (query, label)
            asked += 1
        for label, values in _MATCHER.findall(query):
            assert set(values.split("|")) <= there.get(label, set()), (query, label)
            asked += 1
    assert asked > 20


def test_every_alert_says_what_and_what_to_do() -> None:
    for group in yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]:
        for rule in group["rules"]:
            assert set(rule["annotations"]) == {"summary", "what"}, rule["alert"]
            assert rule["labels"]["severity"] in {"page", "ticket"}


def test_the_dashboard_is_the_one_that_its_tool_writes() -> None:
    assert json.loads(DASHBOARD.read_text("utf-8")) == dashboard()


def test_buckets_add_up(figures: dict[str, Any]) -> None:
    figures["histograms"]["udp_answer_us"] = {"classes": [1, 0, 2] + 22 * [0] + [0], "sum": 9}

    found = {
        labels["le"]: value
        for name, labels, value in samples(figures)
        if name == "bottin_tracker_answer_seconds_bucket" and labels["protocol"] == "udp"
    }

    assert (found["1e-06"], found["2e-06"], found["4e-06"], found["+Inf"]) == (1, 1, 3, 3)


def test_run_12_figures_left_in_a_file_are_handed_on_while_fresh(tmp_path: Path) -> None:
    plane = DataPlane({"standalone": {}})
    path = tmp_path / "tracker.json"
    registry = CollectorRegistry()
    registry.register(FileCollector(path))
    assert generate_latest(registry) == b""

    write_figures(plane, path)
    fresh = generate_latest(registry).decode()
    old = time.time() - STALE_S - 1
    os.utime(path, (old, old))

    assert "bottin_tracker_policy_age_seconds 0.0" in fresh
    assert generate_latest(registry) == b""
    plane.stop(5)
