"""rtorrent, driven by XML-RPC over SCGI on a Unix socket."""

import socket
import subprocess
import xmlrpc.client
from pathlib import Path
from typing import Any

from tests.e2e.clients import Told, free_port, wait_until

_SETTINGS = """
system.daemon.set = true
session.path.set = {folder}/session
directory.default.set = {folder}
network.scgi.open_local = {folder}/rpc
network.bind_address.set = {address}
network.port_range.set = {port}-{port}
network.port_random.set = no
dht.mode.set = disable
protocol.pex.set = no
trackers.use_udp.set = no
"""


class RtorrentClient:
    """rtorrent: HTTP trackers and v1 only, for it sends no URL data over UDP (BEP 41)."""

    def __init__(self, folder: Path, address: str) -> None:
        (folder / "session").mkdir(parents=True)
        settings = folder / "rc"
        settings.write_text(
            _SETTINGS.format(folder=folder, address=address, port=free_port()), encoding="ascii"
        )
        self.socket = folder / "rpc"
        command = ["rtorrent", "-n", "-o", f"import={settings}"]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(self._answers, "rtorrent answers")
        self.id = ""

    def _answers(self) -> bool:
        try:
            self._call("system.client_version")
        except OSError:
            return False
        return True

    def _call(self, method: str, *arguments: object) -> Any:
        body = xmlrpc.client.dumps(arguments, method).encode()  # type: ignore[arg-type]
        head = b"CONTENT_LENGTH\0%d\0SCGI\x001\0" % len(body)
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.socket))
            line.sendall(b"%d:%s,%s" % (len(head), head, body))
            with line.makefile("rb") as answer:
                told = answer.read()
        (value,), _ = xmlrpc.client.loads(told.partition(b"\r\n\r\n")[2].decode())
        return value

    def add(self, torrent: bytes, folder: Path) -> None:
        there = f'd.directory.set="{folder}"'
        self._call("load.raw_start", "", xmlrpc.client.Binary(torrent), there)
        wait_until(lambda: bool(self._call("download_list", "")), "rtorrent has read the torrent")
        (self.id,) = self._call("download_list", "")

    def told(self) -> Told:
        return Told(
            int(self._call("d.up.total", self.id)),
            int(self._call("d.down.total", self.id)),
            bool(self._call("d.complete", self.id)),
            str(self._call("d.message", self.id)),
        )

    def announce(self) -> None:
        self._call("d.tracker_announce", self.id)

    def leave(self) -> None:
        self._call("d.stop", self.id)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)
