"""Write `deploy/grafana/bottin-tracker.json`: rows of panels over the tracker's figures."""

import json
from pathlib import Path
from typing import Any, Final

TARGET: Final = Path("deploy/grafana/bottin-tracker.json")
_T: Final = "bottin_tracker_"
_RATE: Final = "[$__rate_interval]"
_CLASSES: Final = f"sum by (le, protocol) (rate({_T}answer_seconds_bucket{_RATE}))"
_TAKEN: Final = f"rate({_T}batch_sum{_RATE})"
_BATCHES: Final = f"rate({_T}batch_count{_RATE})"
# Each panel: title, unit, queries with their legends.
PANELS: Final[tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]] = (
    (
        "Answers",
        "reqps",
        (
            (
                f"sum by (protocol, action, outcome) (rate({_T}answers_total{_RATE}))",
                "{{protocol}} {{action}} {{outcome}}",
            ),
        ),
    ),
    (
        "Answers by family",
        "reqps",
        ((f"sum by (family) (rate({_T}answers_total{_RATE}))", "{{family}}"),),
    ),
    (
        "Announces by verdict",
        "reqps",
        ((f"sum by (outcome) (rate({_T}announces_total{_RATE}))", "{{outcome}}"),),
    ),
    (
        "Dropped",
        "reqps",
        (
            (
                f"sum by (protocol, reason) (rate({_T}drops_total{_RATE}))",
                "{{protocol}} {{reason}}",
            ),
        ),
    ),
    (
        "Time to answer",
        "s",
        tuple(
            (
                f"histogram_quantile({q}, {_CLASSES})",
                f"{{{{protocol}}}} p{name}",
            )
            for q, name in ((0.5, "50"), (0.99, "99"), (0.999, "99.9"))
        ),
    ),
    (
        "Requests answered together (mean)",
        "short",
        (
            (
                f"sum by (protocol) ({_TAKEN}) / sum by (protocol) ({_BATCHES})",
                "{{protocol}}",
            ),
        ),
    ),
    ("Peers", "short", ((f"{_T}peers", "peers"),)),
    ("Swarms", "short", ((f"{_T}swarms", "swarms"),)),
    ("Memory", "bytes", ((f"{_T}memory_bytes", "resident"),)),
    ("Memory by peer", "bytes", ((f"{_T}bytes_per_peer", "bytes by peer"),)),
    (
        "Journal",
        "short",
        (
            (f"rate({_T}facts_total{_RATE})", "facts per second"),
            (f"{_T}journal_backlog_bytes", "backlog in bytes"),
            (f"increase({_T}journal_dropped_total{_RATE})", "dropped"),
            (f"increase({_T}journal_errors_total{_RATE})", "failed writes"),
        ),
    ),
    (
        "Behind",
        "s",
        (
            ("bottin_ledger_lag_seconds", "credit"),
            ("bottin_outbox_age_seconds", "changes on their way to the tracker"),
        ),
    ),
    (
        "Journal not credited yet",
        "bytes",
        (
            ("bottin_ledger_waiting_bytes", "waiting"),
            ("bottin_journal_bytes", "on disk"),
        ),
    ),
    (
        "Facts not credited yet",
        "short",
        (
            ("bottin_ledger_waiting_facts", "waiting"),
            ("bottin_ledger_lost_facts", "lost"),
        ),
    ),
    (
        "Cases for the team",
        "short",
        (("bottin_ledger_open_holds", "held credit"), ("bottin_ledger_open_flags", "flags")),
    ),
    ("Policy unconfirmed for", "s", ((f"{_T}policy_age_seconds", "seconds"),)),
    (
        "Policy",
        "short",
        (
            (f"{_T}policy_releases", "releases"),
            (f"{_T}policy_accounts", "accounts"),
            (f"{_T}policy_denied", "denied"),
        ),
    ),
    (
        "Connections taken",
        "cps",
        ((f"rate({_T}connections_total{_RATE})", "connections per second"),),
    ),
    (
        "Open mode",
        "short",
        (
            (f"rate({_T}torrents_refused_total{_RATE})", "refused"),
            (f"rate({_T}torrents_evicted_total{_RATE})", "evicted"),
        ),
    ),
    (
        "What runs",
        "short",
        (
            (f"{_T}build_info", "{{version}}"),
            (f"{_T}uptime_seconds", "uptime"),
            (f"{_T}thread_failures_total", "failed threads"),
        ),
    ),
)


def panel(
    number: int, title: str, unit: str, queries: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    """Make one panel, two in a row."""
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "gridPos": {"h": 8, "w": 12, "x": 12 * (number % 2), "y": 8 * (number // 2)},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(65 + at), "expr": query, "legendFormat": legend}
            for at, (query, legend) in enumerate(queries)
        ],
    }


def dashboard() -> dict[str, Any]:
    """Make the whole dashboard as Grafana imports it."""
    source = {"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
    return {
        "uid": "bottin-tracker",
        "title": "Bottin: the tracker",
        "tags": ["bottin"],
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [source]},
        "panels": [panel(at, *given) for at, given in enumerate(PANELS)],
    }


def main() -> None:
    """Write it."""
    TARGET.write_text(json.dumps(dashboard(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
