"""Doors within TLS, and that of browsers: WebTorrent's JSON messages in WebSocket frames."""

import itertools
import json
import os
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from tests.contract.tracker.doors import (
    EVENTS,
    TIMEOUT_S,
    Answer,
    Ask,
    Counts,
    HttpDoor,
    Refused,
    UdpDoor,
)

CERTIFICATES: Final = Path(__file__).resolve().parents[2] / "data/tls"
_TEXT: Final = 1


def within_tls(plain: socket.socket) -> socket.socket:
    """Shake hands as one who trusts the tests' certificate, made for this name."""
    trust = ssl.create_default_context(cafile=str(CERTIFICATES / "first.pem"))
    return trust.wrap_socket(plain, server_hostname="localhost")


def as_is(plain: socket.socket) -> socket.socket:
    """Speak as one finds it."""
    return plain


def latin(raw: bytes) -> str:
    """Write bytes as code points below 256."""
    return raw.decode("latin-1")


def masked(payload: bytes) -> bytes:
    """Make a whole text frame of a client, whose frames are masked."""
    length = len(payload)
    size = bytes([0x80 | length]) if length < 126 else b"\xfe" + struct.pack(">H", length)
    mask = os.urandom(4)
    hidden = bytes(one ^ key for one, key in zip(payload, itertools.cycle(mask), strict=False))
    return bytes([0x80 | _TEXT]) + size + mask + hidden


class HttpsDoor(HttpDoor):
    """BEP 3 within TLS."""

    def _connect(self) -> socket.socket:
        return within_tls(super()._connect())


@dataclass
class WebSocketDoor:
    """One connection, as a browser holds it; it is told of no addresses, and passes offers on."""

    host: str
    port: int
    key: str | None
    dress: Callable[[socket.socket], socket.socket] = as_is
    heard: list[dict[str, Any]] = field(default_factory=list)
    _socket: socket.socket = field(init=False)
    _received: bytes = b""

    def __post_init__(self) -> None:
        plain = socket.create_connection((self.host, self.port), TIMEOUT_S)
        self._socket = self.dress(plain)
        path = f"/{self.key}/announce" if self.key else "/announce"
        head = f"GET {path} HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n\r\n"
        self._socket.sendall(head.encode())
        while b"\r\n\r\n" not in self._received:
            self._receive()
        answer, _, self._received = self._received.partition(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 "), answer

    def close(self) -> None:
        self._socket.close()

    def announce(self, ask: Ask) -> Answer:
        """Announce with ten offers, or as many as peers are wanted; answered without addresses."""
        offers = [
            {"offer_id": f"{number:020}", "offer": {"type": "offer", "sdp": "v=0"}}
            for number in range(10)
        ]
        reply = self._ask(
            action="announce",
            info_hash=latin(ask.info_hash),
            peer_id=latin(ask.peer_id),
            uploaded=ask.uploaded,
            downloaded=ask.downloaded,
            left=ask.left,
            event=EVENTS[ask.event],
            offers=offers,
            **({} if ask.wanted is None else {"numwant": ask.wanted}),
        )
        return Answer(reply["interval"], reply["complete"], reply["incomplete"], [])

    def scrape(self, *info_hashes: bytes) -> list[Counts]:
        found = self._ask(action="scrape", info_hash=[latin(one) for one in info_hashes])["files"]
        absent = {"complete": 0, "downloaded": 0, "incomplete": 0}
        rows = [found.get(latin(one), absent) for one in info_hashes]
        return [(row["complete"], row["downloaded"], row["incomplete"]) for row in rows]

    def offers(self) -> list[str]:
        """Take the peer ids of those who offered since this was last asked.

        What was passed on before is here when the tracker answers this.
        """
        self.scrape(b"\0" * 20)
        taken = [one["peer_id"] for one in self.heard if "offer" in one]
        self.heard.clear()
        return taken

    def _ask(self, **message: Any) -> dict[str, Any]:
        self._socket.sendall(masked(json.dumps(message).encode()))
        while "offer" in (reply := self._hear()):
            self.heard.append(reply)
        if "failure reason" in reply:
            raise Refused(reply["failure reason"])
        assert reply["action"] == message["action"], reply
        return reply

    def _hear(self) -> dict[str, Any]:
        """Take one message: a text frame, whole and without a mask."""
        while (frame := self._frame()) is None:
            self._receive()
        return cast("dict[str, Any]", json.loads(frame))

    def _frame(self) -> bytes | None:
        if len(self._received) < 4:
            return None
        assert self._received[0] == 0x80 | _TEXT, self._received
        length, at = self._received[1], 2
        if length == 126:
            length, at = int.from_bytes(self._received[2:4], "big"), 4
        if len(self._received) < at + length:
            return None
        frame, self._received = self._received[at : at + length], self._received[at + length :]
        return frame

    def _receive(self) -> None:
        received = self._socket.recv(65_536)
        assert received, "the tracker closed the connection"
        self._received += received


class SecureWebSocketDoor(WebSocketDoor):
    """The same within TLS."""

    def __init__(self, host: str, port: int, key: str | None) -> None:
        super().__init__(host, port, key, within_tls)


ADDRESS_DOORS: Final[dict[str, type[UdpDoor | HttpDoor]]] = {
    "UDP": UdpDoor,
    "HTTP": HttpDoor,
    "HTTPS": HttpsDoor,
}
BROWSER_DOORS: Final[dict[str, type[WebSocketDoor]]] = {
    "WS": WebSocketDoor,
    "WSS": SecureWebSocketDoor,
}
DOORS: Final = {**ADDRESS_DOORS, **BROWSER_DOORS}
TLS: Final = {"HTTPS", "WSS"}
