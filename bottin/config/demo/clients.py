"""Real BitTorrent clients (libtorrent) that share demo releases by this site's tracker."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

try:
    import libtorrent as _libtorrent
except ImportError:  # the extra `demo` is not installed; the command says so
    _libtorrent = None  # type: ignore[assignment]

# Its own types cover less than half of what it takes.
libtorrent: Any = _libtorrent

# Everything by which clients find each other without a tracker is off: what moves here moves
# because Bottin introduced the peers.
_SETTINGS: Final = {
    "listen_interfaces": "127.0.0.1:0",
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "allow_multiple_connections_per_ip": True,
    "announce_to_all_trackers": False,
    "announce_to_all_tiers": False,
    "tracker_completion_timeout": 20,
    "stop_tracker_timeout": 5,
    "user_agent": "bottin-demo/1",
}


def is_installed() -> bool:
    """Whether libtorrent can be used here."""
    return libtorrent is not None


@dataclass(frozen=True, slots=True)
class Progress:
    """One client at one moment: bytes, bytes a second, releases."""

    sent: int
    received: int
    taken: int
    send_rate: int
    receive_rate: int
    complete: int
    releases: int
    peers: int
    fraction: float
    trouble: str


@dataclass(slots=True)
class DemoClient:
    """One member's client, with its own folder and port."""

    member: str
    folder: Path
    seeds: bool
    rate_limit: int = 0
    session: Any = field(init=False)
    handles: list[Any] = field(default_factory=list)
    trouble: str = ""

    def __post_init__(self) -> None:
        """Open the client's ports."""
        mask = libtorrent.alert.category_t.tracker_notification
        self.session = libtorrent.session({**_SETTINGS, "alert_mask": mask})

    def add(
        self, torrent: bytes, content_folder: Path, *, is_whole: bool = False, rate_limit: int = 0
    ) -> None:
        """Share the personal `.torrent`; `content_folder` is where its content is, or goes.

        What is whole is not read through first. `rate_limit` is of bytes a second, for this one.
        """
        params = libtorrent.add_torrent_params()
        params.ti = libtorrent.torrent_info(libtorrent.bdecode(torrent))
        params.save_path = str(content_folder)
        # libtorrent's queue would start again what we stopped.
        params.flags &= ~(libtorrent.torrent_flags.auto_managed | libtorrent.torrent_flags.paused)
        params.flags |= libtorrent.torrent_flags.disable_dht
        params.flags |= libtorrent.torrent_flags.disable_lsd
        params.flags |= libtorrent.torrent_flags.disable_pex
        if is_whole:
            params.flags |= libtorrent.torrent_flags.seed_mode
        handle = self.session.add_torrent(params)
        if rate_limit or self.rate_limit:
            handle.set_download_limit(rate_limit or self.rate_limit)
        self.handles.append(handle)

    def announce_again(self) -> None:
        """Tell the tracker the present counters, sooner than the interval asks."""
        for handle in self.handles:
            handle.force_reannounce(0, -1, libtorrent.reannounce_flags_t.ignore_min_interval)

    def progress(self) -> Progress:
        """Return what moves now."""
        self._hear_trouble()
        now = [handle.status() for handle in self.handles]
        wanted = sum(status.total_wanted for status in now)
        return Progress(
            sent=sum(status.total_payload_upload for status in now),
            received=sum(_kept(status) for status in now),
            taken=sum(status.total_payload_download for status in now),
            send_rate=sum(status.upload_payload_rate for status in now),
            receive_rate=sum(status.download_payload_rate for status in now),
            complete=sum(status.is_seeding for status in now),
            releases=len(now),
            peers=sum(status.num_peers for status in now),
            fraction=sum(status.total_wanted_done for status in now) / wanted if wanted else 0.0,
            trouble=self.trouble,
        )

    def _hear_trouble(self) -> None:
        for alert in self.session.pop_alerts():
            if isinstance(alert, libtorrent.tracker_error_alert):
                self.trouble = alert.error_message() or alert.message()
            elif isinstance(alert, libtorrent.tracker_reply_alert):
                self.trouble = ""

    def stop(self) -> None:
        """Leave every swarm: the tracker gets `stopped` with the last counters."""
        for handle in self.handles:
            handle.pause()


def _kept(status: Any) -> int:  # noqa: ANN401 - libtorrent has no types
    """Bytes received as a tracker is told in the end: without those that came twice or failed."""
    wasted = status.total_redundant_bytes + status.total_failed_bytes
    return int(status.total_payload_download - wasted)
