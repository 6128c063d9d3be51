"""Every way to a tracker with one face: what is asked, and what is answered, field by field."""

import ipaddress
import socket
import struct
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, cast
from urllib.parse import quote_from_bytes

from bottin.metainfo import bencode

NONE, COMPLETED, STARTED, STOPPED = range(4)
EVENTS: Final = ("", "completed", "started", "stopped")
HOSTS: Final = {"IPv4": "127.0.0.1", "IPv6": "::1"}
_MAGIC: Final = 0x41727101980
TIMEOUT_S: Final = 2.0


class Refused(Exception):
    """The tracker said no, in words."""


@dataclass(frozen=True, slots=True)
class Ask:
    """An announce; counters absolute, in bytes; `wanted` None leaves the number out."""

    info_hash: bytes
    peer_id: bytes
    port: int
    left: int = 1_000
    uploaded: int = 0
    downloaded: int = 0
    event: int = NONE
    wanted: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; peers as (address, port)."""

    interval: int
    seeders: int
    leechers: int
    peers: list[tuple[str, int]]


Counts = tuple[int, int, int]  # seeders, completed, leechers


class Door(Protocol):
    """One protocol over one family of addresses, with one key or none."""

    def announce(self, ask: Ask) -> Answer: ...
    def scrape(self, *info_hashes: bytes) -> list[Counts]: ...
    def close(self) -> None: ...


def unpacked(raw: bytes, width: int) -> list[tuple[str, int]]:
    """Read packed peers, 6 or 18 bytes each."""
    assert len(raw) % width == 0, f"{len(raw)} bytes are no whole number of peers"
    rows = [raw[at : at + width] for at in range(0, len(raw), width)]
    return [(str(ipaddress.ip_address(row[:-2])), int.from_bytes(row[-2:], "big")) for row in rows]


@dataclass
class UdpDoor:
    """BEP 15 with the key in BEP 41's URL data."""

    host: str
    port: int
    key: str | None
    _socket: socket.socket = field(init=False)
    _id: bytes = b""

    def __post_init__(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.settimeout(TIMEOUT_S)
        self._socket.connect((self.host, self.port))
        self._id = self._exchange(0, struct.pack(">Q", _MAGIC), b"")[:8]

    def close(self) -> None:
        self._socket.close()

    def announce(self, ask: Ask) -> Answer:
        path = f"/{self.key}/announce".encode() if self.key else b"/announce"
        wanted = -1 if ask.wanted is None else ask.wanted
        body = ask.info_hash + ask.peer_id
        body += struct.pack(">QQQ", ask.downloaded, ask.left, ask.uploaded)
        body += struct.pack(">IIIiH", ask.event, 0, 7, wanted, ask.port)
        reply = self._exchange(1, self._id, body + bytes([2, len(path)]) + path)
        interval, leechers, seeders = struct.unpack_from(">III", reply)
        width = 18 if ":" in self.host else 6
        return Answer(interval, seeders, leechers, unpacked(reply[12:], width))

    def scrape(self, *info_hashes: bytes) -> list[Counts]:
        reply = self._exchange(2, self._id, b"".join(info_hashes))
        return list(struct.iter_unpack(">III", reply))

    def _exchange(self, action: int, head: bytes, body: bytes) -> bytes:
        self._socket.send(head + struct.pack(">II", action, 99) + body)
        reply = self._socket.recv(4096)
        if int.from_bytes(reply[:4], "big") != action:
            raise Refused(reply[8:].decode())
        assert reply[4:8] == (99).to_bytes(4, "big")
        return reply[8:]


@dataclass
class HttpDoor:
    """BEP 3 with compact peers, the key in the path; one connection for each request."""

    host: str
    port: int
    key: str | None

    def close(self) -> None:
        """Nothing is kept."""

    def announce(self, ask: Ask) -> Answer:
        said = {
            "info_hash": quote_from_bytes(ask.info_hash, safe=""),
            "peer_id": quote_from_bytes(ask.peer_id, safe=""),
            "port": ask.port,
            "left": ask.left,
            "uploaded": ask.uploaded,
            "downloaded": ask.downloaded,
            "event": EVENTS[ask.event],
        }
        if ask.wanted is not None:
            said["numwant"] = ask.wanted
        reply = self._get("announce", "&".join(f"{name}={value}" for name, value in said.items()))
        peers = unpacked(reply[b"peers"], 6) + unpacked(reply.get(b"peers6", b""), 18)
        return Answer(reply[b"interval"], reply[b"complete"], reply[b"incomplete"], peers)

    def scrape(self, *info_hashes: bytes) -> list[Counts]:
        query = "&".join(f"info_hash={quote_from_bytes(one, safe='')}" for one in info_hashes)
        files = self._get("scrape", query)[b"files"]
        absent = {b"complete": 0, b"downloaded": 0, b"incomplete": 0}
        found = [files.get(one, absent) for one in info_hashes]
        return [(row[b"complete"], row[b"downloaded"], row[b"incomplete"]) for row in found]

    def _get(self, page: str, query: str) -> dict[bytes, Any]:
        path = f"/{self.key}/{page}" if self.key else f"/{page}"
        request = f"GET {path}?{query} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"
        with self._connect() as connection:
            connection.sendall(request.encode())
            raw = b"".join(iter(lambda: connection.recv(65_536), b""))
        head, _, body = raw.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        reply = cast("dict[bytes, Any]", bencode.decode(body))
        if b"failure reason" in reply:
            raise Refused(reply[b"failure reason"].decode())
        return reply

    def _connect(self) -> socket.socket:
        return socket.create_connection((self.host, self.port), TIMEOUT_S)
