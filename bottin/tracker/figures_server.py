"""The figures of a tracker that stands alone: for Prometheus, for programs, for people."""

import gettext
import html
import json
import socket
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bottin.tracker.dataplane import DataPlane
from bottin.tracker.figures import families, figures_of, memory_bytes

_LOCALE: Final = Path(__file__).resolve().parents[1] / "locale"
_LANGUAGES: Final = ("fr", "en")
_JSON: Final = "application/json"
_HTML: Final = "text/html; charset=utf-8"
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:38rem;margin:2rem auto;padding:0 1rem;"
    "color-scheme:light dark}table{border-collapse:collapse;width:100%}"
    "th{text-align:left;font-weight:normal}td{text-align:right;font-variant-numeric:tabular-nums}"
    "tr{border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent)}"
)

log = structlog.get_logger(__name__)


class FiguresServer:
    """Answers /stats, /stats.json and /metrics on an address of its own (ABUSE-9)."""

    def __init__(self, host: str, port: int, *, language: str = "fr") -> None:
        """Name the address; nothing is opened before `serve`."""
        self._address = (host, port)
        self._language = language
        self._server: ThreadingHTTPServer | None = None

    def serve(self, plane: DataPlane) -> int:
        """Answer in threads of this process; the port. Raises OSError when it is taken."""
        handler = type("Handler", (_Handler,), {"plane": plane, "language": self._language})
        try:
            self._server = _Server(self._address, handler)
        except OSError as error:
            host, port = self._address
            raise OSError(f"the figures cannot be served on {host}:{port}: {error}") from None
        threading.Thread(target=self._server.serve_forever, name="figures", daemon=True).start()
        port = int(self._server.server_address[1])
        log.info("figures.listening", port=port)
        return port

    def close(self) -> None:
        """Stop answering."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()


def summary(plane: DataPlane) -> dict[str, int]:
    """Give what people ask first: sizes and totals since the start."""
    found = plane.statistics()
    over = ("udp", "http", "ws")
    return {
        "uptime_s": found["uptime_s"],
        "torrents": found["swarms"],
        "peers": found["peers"],
        "listed": found["policy_releases"],
        "denied": found["policy_denied"],
        "announces_udp": found["udp_announces"],
        "announces_http": found["http_announces"],
        "announces_websocket": found["ws_announces"],
        "announces": sum(found[f"{way}_announces"] for way in over),
        "scrapes": sum(found[f"{way}_scrapes"] for way in over),
        "connects": found["udp_connects"],
        "refused": found["udp_errors"] + found["http_failures"] + found["ws_failures"],
        "dropped": sum(
            found[name]
            for name in ("udp_malformed", "udp_bad_connection", "udp_limited", "http_malformed")
        ),
        "memory_bytes": memory_bytes(),
    }


def page(plane: DataPlane, language: str) -> str:
    """Make the page for people, in a language of the site."""
    texts = gettext.translation("django", _LOCALE, [language], fallback=True)
    figures = summary(plane)
    rows = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td>{figures[key]:,}</td></tr>'.replace(
            ",", "\N{NARROW NO-BREAK SPACE}"
        )
        for key, name in _named(texts.gettext)
    )
    title = html.escape(texts.gettext("The tracker in figures"))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1>"
        f"<table>{rows}</table></main></body></html>"
    )


def _named(_: Callable[[str], str]) -> Iterable[tuple[str, str]]:
    return (
        ("torrents", _("Torrents shared now")),
        ("peers", _("Peers now")),
        ("listed", _("Torrents listed")),
        ("denied", _("Torrents denied")),
        ("announces_udp", _("Announces answered over UDP")),
        ("announces_http", _("Announces answered over HTTP")),
        ("announces_websocket", _("Announces answered over WebSocket")),
        ("scrapes", _("Scrapes answered")),
        ("refused", _("Requests refused")),
        ("dropped", _("Requests met with silence")),
        ("memory_bytes", _("Memory, in bytes")),
        ("uptime_s", _("Running for, in seconds")),
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type["_Handler"]) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)


class _PlaneCollector(Collector):
    def __init__(self, plane: DataPlane) -> None:
        self._plane = plane

    def collect(self) -> Iterable[Metric]:
        return families(figures_of(self._plane))


class _Handler(BaseHTTPRequestHandler):
    plane: DataPlane
    language: str
    timeout = 10

    def do_GET(self) -> None:
        """Answer one of three addresses."""
        path = self.path.partition("?")[0]
        if path == "/stats":
            self._send(_HTML, page(self.plane, self._language()).encode())
        elif path == "/stats.json":
            self._send(_JSON, json.dumps(summary(self.plane)).encode())
        elif path == "/metrics":
            registry = CollectorRegistry(auto_describe=False)
            registry.register(_PlaneCollector(self.plane))
            self._send(_TEXT, generate_latest(registry))
        else:
            self.send_error(404)

    def _language(self) -> str:
        wanted = self.headers.get("Accept-Language", "")[:2].lower()
        return wanted if wanted in _LANGUAGES else self.language

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing: one line for each reading of Prometheus tells nobody anything."""
