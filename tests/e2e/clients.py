"""One face for real clients, and the first three: libtorrent, Transmission and aria2.

Every way by which peers could find each other without a tracker is off (DHT,
peer exchange, local discovery), so a transfer proves that Bottin introduced
them.
"""

import base64
import json
import socket
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import httpx

DEADLINE_S: Final = 60.0


def wait_until(claim: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Poll until `claim` holds; fails with `what` after the deadline."""
    end = time.monotonic() + deadline_s
    while not claim():
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s:.0f} s: {what}")
        time.sleep(0.05)


def free_port(family: socket.AddressFamily = socket.AF_INET) -> int:
    """Return a TCP port that was free a moment ago."""
    with socket.socket(family) as probe:
        probe.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Told:
    """What a client says of itself: payload bytes, and whether it has everything."""

    sent: int
    received: int
    is_complete: bool
    trouble: str


class Client(Protocol):
    """One client with one torrent."""

    def add(self, torrent: bytes, folder: Path) -> None: ...
    def told(self) -> Told: ...
    def announce(self) -> None: ...
    def leave(self) -> None: ...
    def close(self) -> None: ...


class LibtorrentClient:
    """libtorrent, in this process."""

    def __init__(self, folder: Path, address: str) -> None:
        import libtorrent

        del folder
        self.lt: Any = libtorrent  # its own types cover less than half of what it takes
        host = f"[{address}]" if ":" in address else address
        self.session = self.lt.session(
            {
                "listen_interfaces": f"{host}:0",
                "enable_dht": False,
                "enable_lsd": False,
                "enable_upnp": False,
                "enable_natpmp": False,
                "allow_multiple_connections_per_ip": True,
                "alert_mask": self.lt.alert.category_t.tracker_notification,
                "announce_to_all_tiers": False,
                # Else libtorrent refuses HTTP trackers on loopback with a key in the path.
                "ssrf_mitigation": False,
                "announce_to_all_trackers": False,
            }
        )
        self.handle: Any = None
        self.trouble, self.is_warned = "", False

    def add(self, torrent: bytes, folder: Path) -> None:
        params = self.lt.add_torrent_params()
        params.ti = self.lt.torrent_info(self.lt.bdecode(torrent))
        params.save_path = str(folder)
        flags = self.lt.torrent_flags
        # Its queue would start again what we stopped.
        params.flags &= ~(flags.auto_managed | flags.paused)
        params.flags |= flags.disable_dht | flags.disable_lsd | flags.disable_pex
        self.handle = self.session.add_torrent(params)

    def told(self) -> Told:
        for alert in self.session.pop_alerts():
            if isinstance(alert, self.lt.tracker_error_alert):
                self.trouble = alert.failure_reason() or alert.message()
            elif isinstance(alert, self.lt.tracker_warning_alert):
                self.trouble, self.is_warned = alert.message(), True
            elif isinstance(alert, self.lt.tracker_reply_alert):
                # It follows the warning that came with it.
                self.trouble = self.trouble if self.is_warned else ""
                self.is_warned = False
        status = self.handle.status()
        return Told(
            status.total_payload_upload,
            status.total_payload_download - status.total_redundant_bytes,
            bool(status.is_seeding),
            self.trouble,
        )

    def announce(self) -> None:
        ignore = self.lt.reannounce_flags_t.ignore_min_interval
        self.handle.force_reannounce(0, -1, ignore)

    def peers(self) -> int:
        """Count the peers that it knows of."""
        return int(self.handle.status().list_peers)

    def leave(self) -> None:
        self.handle.pause()

    def close(self) -> None:
        del self.session


class TransmissionClient:
    """transmission-daemon, driven by its RPC."""

    def __init__(self, folder: Path, address: str) -> None:
        folder.mkdir(parents=True)
        self.rpc = free_port()
        settings = {
            "dht-enabled": False,
            "pex-enabled": False,
            "lpd-enabled": False,
            "utp-enabled": False,
            "port-forwarding-enabled": False,
            "peer-port": free_port(socket.AF_INET6 if ":" in address else socket.AF_INET),
            # Transmission calls trackers from this address, so v6 ones need it open.
            "bind-address-ipv4": "0.0.0.0" if ":" in address else "127.0.0.1",  # noqa: S104
            "bind-address-ipv6": "::1",
            "rpc-port": self.rpc,
            "rpc-bind-address": "127.0.0.1",
            "rpc-whitelist-enabled": False,
            "watch-dir-enabled": False,
            "ratio-limit-enabled": False,
            "encryption": 0,
        }
        (folder / "settings.json").write_text(json.dumps(settings))
        command = ["transmission-daemon", "--foreground", "--config-dir", str(folder)]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.session_id = ""
        wait_until(self._answers, "transmission-daemon answers")
        self.id = 0

    def _answers(self) -> bool:
        try:
            self._call("session-get", {})
        except httpx.HTTPError:
            return False
        return True

    def _call(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.rpc}/transmission/rpc"
        body = {"method": method, "arguments": arguments}
        reply = httpx.post(url, json=body, headers={"X-Transmission-Session-Id": self.session_id})
        if reply.status_code == 409:
            self.session_id = reply.headers["X-Transmission-Session-Id"]
            return self._call(method, arguments)
        answer: dict[str, Any] = reply.json()
        assert answer["result"] == "success", answer
        arguments_told: dict[str, Any] = answer["arguments"]
        return arguments_told

    def add(self, torrent: bytes, folder: Path) -> None:
        told = self._call(
            "torrent-add",
            {"metainfo": base64.b64encode(torrent).decode(), "download-dir": str(folder)},
        )
        self.id = told["torrent-added"]["id"]

    def told(self) -> Told:
        fields = ["uploadedEver", "downloadedEver", "leftUntilDone", "errorString", "status"]
        wanted = {"ids": [self.id], "fields": [*fields, "haveValid", "sizeWhenDone"]}
        (row,) = self._call("torrent-get", wanted)["torrents"]
        complete = row["haveValid"] == row["sizeWhenDone"] > 0
        return Told(row["uploadedEver"], row["downloadedEver"], complete, row["errorString"])

    def announce(self) -> None:
        self._call("torrent-reannounce", {"ids": [self.id]})

    def restart(self) -> None:
        """Leave and come back."""
        self.leave()
        self._call("torrent-start-now", {"ids": [self.id]})

    def leave(self) -> None:
        self._call("torrent-stop", {"ids": [self.id]})

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(15)


class Aria2Client:
    """aria2c, driven by its XML-RPC."""

    def __init__(self, folder: Path, address: str) -> None:
        folder.mkdir(parents=True)
        self.rpc = free_port()
        command = [
            "aria2c", "--enable-rpc", f"--rpc-listen-port={self.rpc}", "--enable-dht=false",
            "--enable-dht6=false", "--enable-peer-exchange=false", "--bt-enable-lpd=false",
            "--seed-ratio=0", "--no-conf", "--quiet", "--bt-hash-check-seed=true",
            f"--listen-port={free_port(socket.AF_INET6 if ':' in address else socket.AF_INET)}",
            f"--disable-ipv6={'false' if ':' in address else 'true'}", "--check-integrity=true",
            "--file-allocation=none", "--bt-tracker-interval=2", f"--log={folder / 'log'}",
        ]  # fmt: skip
        self.process = subprocess.Popen(command, cwd=folder)
        self.server = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{self.rpc}/rpc")
        wait_until(self._answers, "aria2c answers")
        self.gid = ""
        self.sent = 0

    def _answers(self) -> bool:
        try:
            self.server.aria2.getVersion()
        except OSError:
            return False
        return True

    def add(self, torrent: bytes, folder: Path) -> None:
        options = {"dir": str(folder)}
        self.gid = str(self.server.aria2.addTorrent(xmlrpc.client.Binary(torrent), [], options))

    def told(self) -> Told:
        row: Any = self.server.aria2.tellStatus(self.gid)
        complete = row["completedLength"] == row["totalLength"] != "0"
        # A paused aria2 says that it sent nothing; it told its tracker better.
        self.sent = max(self.sent, int(row["uploadLength"]))
        return Told(
            self.sent,
            int(row["completedLength"]),
            complete,
            str(row.get("errorMessage", "")),
        )

    def announce(self) -> None:
        """aria2 announces by itself every two seconds here."""

    def leave(self) -> None:
        self.server.aria2.pause(self.gid)

    def close(self) -> None:
        self.server("close")()
        self.process.terminate()
        self.process.wait(20)
