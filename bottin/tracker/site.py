"""What the tracker takes from the site's settings: addresses, secrets, folders, limits."""

import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.conf import settings

if TYPE_CHECKING:
    from bottin.config.options import Options

MAX_LOCATIONS: Final = 3  # peers of one member in one swarm (ID-13)
POLICY_MAX_AGE_S: Final = 60  # without word from the database no new swarm begins (TRK-6)


def announce_host() -> str:
    """Give `host:port` as written in `.torrent` files."""
    options = settings.BOTTIN
    if options.tracker_host:
        return str(options.tracker_host)
    host = urlsplit(options.origin).hostname or "localhost"
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{options.tracker_listen[0].port}"


def web_origin() -> str | None:
    """Give where browsers announce, `ws://host:port`; None when that is not to be known."""
    options = settings.BOTTIN
    if options.tracker_ws_url or not options.tracker_ws_connections:
        return None if options.tracker_ws_url in {"", "off"} else str(options.tracker_ws_url)
    if not options.tracker_tls_listen:
        return f"ws://{announce_host()}"
    return f"wss://{_tls_host()}"


def https_origin() -> str | None:
    """Give where clients announce over HTTPS, `https://host:port`; None where they cannot."""
    options = settings.BOTTIN
    if options.tracker_https_url:
        return None if options.tracker_https_url == "off" else str(options.tracker_https_url)
    return f"https://{_tls_host()}" if options.tracker_tls_listen else None


def _tls_host() -> str:
    host = urlsplit(f"//{announce_host()}").hostname or "localhost"
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{settings.BOTTIN.tracker_tls_listen[0].port}"


def key_secret() -> bytes:
    """Give the 32 bytes that announce keys are made under."""
    return bytes(settings.BOTTIN_ANNOUNCE_SECRET)


def journal_folder() -> Path:
    """Give the folder of the journal."""
    return Path(settings.BOTTIN.data_dir) / "journal"


def peer_expiry_s() -> int:
    """Give the seconds after which a silent peer leaves its swarm."""
    return int(settings.BOTTIN.peer_expiry_s)


def journal_keep_s() -> int:
    """Give the seconds for which applied journal segments are kept, for restored backups."""
    return int(settings.BOTTIN.journal_keep_h) * 3600


def holds_excess() -> bool:
    """Say whether credit that members claim too much is held until a person decides."""
    return bool(settings.BOTTIN.ledger_holds)


def interval_s() -> int:
    """Give the usual wait between two announces."""
    return int(settings.BOTTIN.announce_interval_s)


def longest_interval_s() -> int:
    """Give the longest wait between two announces that a client is told, overload apart."""
    return int(settings.BOTTIN.announce_interval_s + settings.BOTTIN.announce_jitter_s)


def node_name() -> str:
    """Name this tracker among those of the site."""
    return str(settings.BOTTIN.tracker_node)


def denied_file() -> Path:
    """Give the file of the tracker's own denied list."""
    return Path(settings.BOTTIN.data_dir) / "tracker" / "denied"


def swarms_file() -> Path:
    """Give the file that carries swarms over a graceful restart; it is gone once it was read.

    In memory where systemd or the session has a folder for that, or else with the data.
    """
    folder = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    if folder:
        return Path(folder) / "swarms"
    data = Path(settings.BOTTIN.data_dir).absolute()
    session = Path(os.environ.get("XDG_RUNTIME_DIR", "") or "/nowhere")
    if session.is_dir() and session.stat().st_uid == os.getuid():
        return session / f"bottin-{sha256(os.fsencode(data)).hexdigest()[:16]}" / "swarms"
    return data / "tracker" / "swarms"


def clients_file() -> Path | None:
    """Give the file of rules about clients, if there is one."""
    path: Path | None = settings.BOTTIN.tracker_clients_file
    return path.expanduser() if path else None


def figures_file() -> Path:
    """Give the file in which the tracker leaves its figures for Prometheus."""
    return Path(settings.BOTTIN.data_dir) / "metrics" / "tracker.json"


def data_plane_configuration() -> dict[str, object]:
    """Write the settings of the data plane, by its own names."""
    return serving(settings.BOTTIN) | {
        "key_secret": bytes(settings.BOTTIN_ANNOUNCE_SECRET).hex(),
        "connection_secret": bytes(settings.BOTTIN_CONNECTION_SECRET).hex(),
        "session_secret": bytes(settings.BOTTIN_SESSION_SECRET).hex(),
        "journal_dir": str(journal_folder()),
        "policy_max_age_s": POLICY_MAX_AGE_S,
    }


def serving(options: "Options") -> dict[str, object]:
    """Write those that a tracker has with a site and without."""
    return {
        "listen": [str(address) for address in options.tracker_listen],
        "tls_listen": [str(address) for address in options.tracker_tls_listen],
        "tls_certificate": _path(options.tracker_tls_cert),
        "tls_key": _path(options.tracker_tls_key),
        "unix_listen": list(options.tracker_unix_listen),
        "threads": options.tracker_threads,
        "interval_s": options.announce_interval_s,
        "interval_jitter_s": options.announce_jitter_s,
        "min_interval_s": options.announce_min_interval_s,
        "peer_timeout_s": options.peer_expiry_s,
        "numwant_default": min(options.tracker_peers_default, options.tracker_peers_max),
        "numwant_max": options.tracker_peers_max,
        "max_peers_per_swarm": options.tracker_max_peers_per_torrent,
        "max_peers": options.tracker_max_peers,
        "max_locations_per_user": MAX_LOCATIONS,
        "trusted_proxies": list(options.tracker_trusted_proxies),
        "proxy_protocol": list(options.tracker_proxy_protocol),
        "proxy_protocol_udp": options.tracker_proxy_protocol_udp,
        "allowed_clients": list(options.tracker_allowed_clients),
        "warned_clients": list(options.tracker_warned_clients),
        "denied_clients": list(options.tracker_denied_clients),
        "list_quotas": [
            {"lists": quota.count, "seconds": quota.window_s}
            for quota in options.tracker_list_quotas
        ],
        "networks_per_hour": options.tracker_networks_per_hour,
        "lists_in_vain": options.tracker_lists_in_vain,
        "sheds_load": options.tracker_sheds_load,
        "site_name": options.site_name,
        "limits": {
            "max_connections": options.tracker_http_connections,
            "max_connections_per_host": options.tracker_connections_per_host,
            "http_timeout_s": options.tracker_request_timeout_s,
        },
        "web": {
            "max_connections": options.tracker_ws_connections,
            "max_swarms": options.tracker_ws_swarms,
            "interval_s": options.tracker_ws_interval_s,
            "peer_timeout_s": options.tracker_ws_peer_expiry_s,
            "offer_timeout_s": options.tracker_ws_offer_expiry_s,
            "idle_timeout_s": options.tracker_ws_idle_s,
            "max_message_bytes": options.tracker_ws_message,
            "max_offers": options.tracker_ws_offers,
            "max_scrape": options.tracker_ws_scrape,
        },
    }


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path.expanduser())
