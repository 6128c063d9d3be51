"""qbittorrent-nox, driven by the API of its pages."""

import subprocess
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.clients import Told, free_port, wait_until

_SETTINGS = r"""
[LegalNotice]
Accepted=true

[Preferences]
WebUI\Address=127.0.0.1
WebUI\Port={rpc}
WebUI\LocalHostAuth=false

[Network]
PortForwardingEnabled=false

[BitTorrent]
Session\DHTEnabled=false
Session\PeXEnabled=false
Session\LSDEnabled=false
Session\InterfaceAddress={address}
Session\Port={port}
Session\QueueingSystemEnabled=false
Session\SSRFMitigation=false
"""


class QbittorrentClient:
    """qBittorrent: libtorrent inside, so UDP with a key, v2 and hybrids too."""

    def __init__(self, folder: Path, address: str) -> None:
        settings = folder / "qBittorrent" / "config" / "qBittorrent.conf"
        settings.parent.mkdir(parents=True)
        rpc = free_port()
        settings.write_text(_SETTINGS.format(rpc=rpc, address=address, port=free_port()))
        command = ["qbittorrent-nox", f"--profile={folder}"]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{rpc}/api/v2/", timeout=30)
        wait_until(self._answers, "qbittorrent-nox answers")
        self.hash = ""

    def _answers(self) -> bool:
        try:
            return self.api.get("app/version").status_code == 200
        except httpx.HTTPError:
            return False

    def _ask(self, path: str, **query: str) -> Any:
        reply = self.api.get(path, params=query)
        assert reply.status_code == 200, (path, reply.text)
        return reply.json()

    def _order(self, what: str, **fields: str) -> None:
        reply = self.api.post(f"torrents/{what}", data=fields)
        assert reply.status_code == 200, (what, reply.text)

    def add(self, torrent: bytes, folder: Path) -> None:
        files = {"torrents": ("work.torrent", torrent, "application/x-bittorrent")}
        reply = self.api.post("torrents/add", data={"savepath": str(folder)}, files=files)
        assert reply.text == "Ok.", reply.text
        wait_until(lambda: bool(self._ask("torrents/info")), "qBittorrent has read the torrent")
        (row,) = self._ask("torrents/info")
        self.hash = row["hash"]

    def told(self) -> Told:
        (row,) = self._ask("torrents/info", hashes=self.hash)
        seen = self._ask("torrents/properties", hash=self.hash)
        trackers = self._ask("torrents/trackers", hash=self.hash)
        return Told(
            seen["total_uploaded"],
            seen["total_downloaded"] - seen["total_wasted"],
            row["progress"] == 1 and "checking" not in row["state"],
            " ".join(one["msg"] for one in trackers if "://" in one["url"]),
        )

    def announce(self) -> None:
        self._order("reannounce", hashes=self.hash)

    def leave(self) -> None:
        self._order("pause", hashes=self.hash)

    def close(self) -> None:
        self.api.close()
        self.process.terminate()
        self.process.wait(20)
