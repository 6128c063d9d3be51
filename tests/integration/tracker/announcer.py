"""A client that only announces, over UDP (BEP 15, BEP 41) or HTTP, from any loopback address."""

import random
import re
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_from_bytes

NONE, COMPLETED, STARTED, STOPPED = range(4)
_EVENTS: Final = ("", "completed", "started", "stopped")
_MAGIC: Final = 0x41727101980
_CONNECTION_S: Final = 50.0


class NotAnswered(Exception):
    """No reply in time, or one that refuses."""


@dataclass
class Announce:
    """What a client says; counters absolute, in bytes."""

    info_hash: bytes
    peer_id: bytes
    port: int = 50_000
    uploaded: int = 0
    downloaded: int = 0
    left: int = 1_000_000_000
    event: int = NONE


@dataclass
class UdpTracker:
    """The way to a tracker over UDP; keeps its connection id as clients do."""

    port: int
    key: str | None
    source: str = "127.0.0.1"
    timeout_s: float = 0.5
    _id: bytes = b""
    _since: float = -1e9
    _rng: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind((self.source, 0))
        self._socket.settimeout(self.timeout_s)
        self._socket.connect(("127.0.0.1", self.port))

    def close(self) -> None:
        self._socket.close()

    def announce(self, said: Announce) -> bytes:
        """Announce; the packed peers. Raises NotAnswered."""
        if time.monotonic() - self._since > _CONNECTION_S:
            self._id = self._ask(0, struct.pack(">Q", _MAGIC), b"")[:8]
            self._since = time.monotonic()
        path = f"/{self.key}/announce".encode() if self.key else b"/announce"
        body = said.info_hash + said.peer_id
        body += struct.pack(">QQQ", said.downloaded, said.left, said.uploaded)
        body += struct.pack(">IIIiH", said.event, 0, 7, -1, said.port)
        return self._ask(1, self._id, body + bytes([2, len(path)]) + path)[12:]

    def _ask(self, action: int, head: bytes, body: bytes) -> bytes:
        number = self._rng.getrandbits(32)
        try:
            self._socket.send(head + struct.pack(">II", action, number) + body)
            while True:
                reply = self._socket.recv(4096)
                if len(reply) >= 8 and reply[4:8] == number.to_bytes(4, "big"):
                    break
        except OSError as error:
            raise NotAnswered(str(error)) from error
        if int.from_bytes(reply[:4], "big") != action:
            raise NotAnswered(reply[8:].decode(errors="replace"))
        return reply[8:]


@dataclass
class HttpTracker:
    """The way to a tracker over HTTP, a connection for each announce."""

    port: int
    key: str | None
    source: str = "127.0.0.1"
    timeout_s: float = 0.5

    def close(self) -> None:
        """Nothing is kept."""

    def announce(self, said: Announce) -> bytes:
        """Announce; the packed peers. Raises NotAnswered."""
        query = (
            f"info_hash={quote_from_bytes(said.info_hash, safe='')}"
            f"&peer_id={quote_from_bytes(said.peer_id, safe='')}&port={said.port}"
            f"&uploaded={said.uploaded}&downloaded={said.downloaded}&left={said.left}&compact=1"
        )
        query += f"&event={_EVENTS[said.event]}" if said.event else ""
        path = f"/{self.key}/announce" if self.key else "/announce"
        request = f"GET {path}?{query} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"
        reply = self._exchange(request.encode())
        found = re.search(rb"14:failure reason(\d+):", reply)
        if found:
            start = found.end()
            raise NotAnswered(reply[start : start + int(found[1])].decode(errors="replace"))
        peers = re.search(rb"5:peers(\d+):", reply)
        if peers is None or not reply.endswith(b"e"):
            raise NotAnswered("half a reply")
        return reply[peers.end() : peers.end() + int(peers[1])]

    def _exchange(self, request: bytes) -> bytes:
        parts = []
        try:
            with socket.create_connection(
                ("127.0.0.1", self.port), self.timeout_s, (self.source, 0)
            ) as connection:
                connection.sendall(request)
                while part := connection.recv(65_536):
                    parts.append(part)
        except OSError as error:
            raise NotAnswered(str(error)) from error
        return b"".join(parts)


Way = UdpTracker | HttpTracker


@dataclass
class Client:
    """A member's client that goes through sessions; knows what it must be credited.

    `settled` is what finished sessions were answered for; the current session
    adds its counters once `is_settled`.
    """

    way: Way
    info_hash: bytes
    rng: random.Random
    settled: list[int] = field(default_factory=lambda: [0, 0])
    answered: int = 0

    def __post_init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.said = Announce(self.info_hash, b"-BT0001-" + self.rng.randbytes(12), event=STARTED)
        self.is_settled = False

    def step(self) -> None:
        """Say something new, or again what was not answered; sometimes stop and begin anew."""
        if self.is_settled:
            self._go_on()
        self._say()
        if self.is_settled and self.said.event == STOPPED:
            self._settle()
            self._begin()

    def finish(self) -> bool:
        """Say the last word again until it is answered; whether it was."""
        if not self.is_settled:
            self._say()
        return self.is_settled

    def expected(self) -> tuple[int, int]:
        """What the member must be credited, once `finish` was answered."""
        assert self.is_settled
        return self.settled[0] + self.said.uploaded, self.settled[1] + self.said.downloaded

    def _go_on(self) -> None:
        self.said.uploaded += self.rng.randrange(1_000_000)
        self.said.downloaded += self.rng.randrange(1_000_000)
        self.said.event = STOPPED if self.rng.random() < 0.1 else NONE

    def _say(self) -> None:
        try:
            self.way.announce(self.said)
        except NotAnswered:
            self.is_settled = False
            return
        self.is_settled = True
        self.answered += 1

    def _settle(self) -> None:
        self.settled[0] += self.said.uploaded
        self.settled[1] += self.said.downloaded
