"""What the tracker takes from the site's settings: addresses, secrets, folders, limits."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

MAX_LOCATIONS: Final = 3  # peers of one member in one swarm (ID-13)


def announce_host() -> str:
    """Give `host:port` as written in `.torrent` files."""
    options = settings.BOTTIN
    if options.tracker_host:
        return str(options.tracker_host)
    host = urlsplit(options.origin).hostname or "localhost"
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{options.tracker_listen[0].port}"


def key_secret() -> bytes:
    """Give the 32 bytes that announce keys are made under."""
    return bytes(settings.BOTTIN_ANNOUNCE_SECRET)


def journal_folder() -> Path:
    """Give the folder of the journal."""
    return Path(settings.BOTTIN.data_dir) / "journal"


def peer_expiry_s() -> int:
    """Give the seconds after which a silent peer leaves its swarm."""
    return int(settings.BOTTIN.peer_expiry_s)


def longest_interval_s() -> int:
    """Give the longest wait between two announces that a client is told."""
    return int(settings.BOTTIN.announce_interval_s + settings.BOTTIN.announce_jitter_s)
