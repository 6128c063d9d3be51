"""deluged, driven by its own protocol: rencode, deflated, over TLS."""

import base64
import json
import socket
import ssl
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any, Final

from tests.e2e import rencode
from tests.e2e.clients import Told, free_port, wait_until

_HEADER: Final = struct.Struct(">BI")  # version, length
_VERSION: Final = 1
_ANSWER, _ERROR = 1, 2
_STATUS: Final = [
    "total_payload_upload",
    "total_payload_download",
    "is_seed",
    "state",
    "tracker_status",
]


class DelugeClient:
    """Deluge: libtorrent inside, with its guard on: no key reaches an HTTP tracker on loopback."""

    def __init__(self, folder: Path, address: str) -> None:
        folder.mkdir(parents=True)
        self.port, peers = free_port(), free_port()
        settings = {
            "dht": False,
            "lsd": False,
            "utpex": False,
            "upnp": False,
            "natpmp": False,
            "random_port": False,
            "listen_ports": [peers, peers],
            "listen_interface": address,
        }
        head = '{"file": 1, "format": 1}'
        (folder / "core.conf").write_text(head + json.dumps(settings))
        (folder / "auth").write_text("localclient:secret:10\n")
        command = ["deluged", "--do-not-daemonize", "--config", str(folder)]
        command += ["--ui-interface", "127.0.0.1", "--port", str(self.port)]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.line: ssl.SSLSocket | None = None
        wait_until(self._answers, "deluged answers")
        self._call("daemon.login", "localclient", "secret", client_version="2.0.3")
        self.id = ""

    def _answers(self) -> bool:
        # A certificate of its own making, on loopback.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            plain = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        except OSError:
            return False
        self.line = context.wrap_socket(plain)
        return True

    def _call(self, method: str, *arguments: object, **options: object) -> Any:
        assert self.line is not None
        body = zlib.compress(rencode.dumps([[1, method, arguments, options]]))
        self.line.sendall(_HEADER.pack(_VERSION, len(body)) + body)
        while True:
            kind, *told = self._receive(self.line)
            assert kind != _ERROR, (method, told)
            if kind == _ANSWER:  # and not an event
                return told[1]

    def _receive(self, line: ssl.SSLSocket) -> Any:
        _, length = _HEADER.unpack(_exactly(line, _HEADER.size))
        return rencode.loads(zlib.decompress(_exactly(line, length)))

    def add(self, torrent: bytes, folder: Path) -> None:
        raw = base64.b64encode(torrent).decode()
        options = {"download_location": str(folder), "add_paused": False}
        self.id = str(self._call("core.add_torrent_file", "work.torrent", raw, options))

    def told(self) -> Told:
        row = self._call("core.get_torrent_status", self.id, _STATUS)
        return Told(
            row["total_payload_upload"],
            row["total_payload_download"],
            row["is_seed"] and row["state"] != "Checking",
            row["tracker_status"],
        )

    def announce(self) -> None:
        self._call("core.force_reannounce", [self.id])

    def leave(self) -> None:
        self._call("core.pause_torrent", self.id)

    def close(self) -> None:
        if self.line is not None:
            self.line.close()
        self.process.terminate()
        self.process.wait(20)


def _exactly(line: ssl.SSLSocket, count: int) -> bytes:
    raw = b""
    while len(raw) < count:
        part = line.recv(count - len(raw))
        assert part, "deluged hung up"
        raw += part
    return raw
