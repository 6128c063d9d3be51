"""The one way out to addresses that people give: guarded against reaching into our own network.

A name is resolved once, every address it has must be public, and the connection goes to the
address that was looked at (SEC-17). No redirect is followed; time and size are bounded.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Ways through a translator or a tunnel into whatever the rest of the address says.
_THROUGH: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
_CHUNK: Final = 65_536


class OutgoingError(Exception):
    """Nothing usable came back. `reason`: `address`, `name`, `timeout`, `connection`, `answer`."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


def is_public(address: Address) -> bool:
    """Whether an address is on the Internet: not private, local, shared, multicast or a tunnel."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _THROUGH):
            return False
    return address.is_global and not address.is_multicast


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be reached, and how much it may take."""

    ports: frozenset[int] | None = frozenset({80, 443})
    may_reach: Callable[[Address], bool] = is_public
    timeout_s: float = 5.0
    limit_bytes: int = 1 << 20


PUBLIC: Final = Guard()


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers with lower-case names, at most `limit_bytes` of body, the time it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    took_s: float


def fetch(url: str, headers: Mapping[str, str] | None = None, guard: Guard = PUBLIC) -> Answer:
    """GET an http or https address, once, without following redirects.

    `timeout_s` holds for all of it. A body that goes on after the limit is cut.

    Raises OutgoingError.
    """
    return _asked(Request("GET", url, headers or {}), guard)


def send(url: str, body: bytes, headers: Mapping[str, str], guard: Guard = PUBLIC) -> Answer:
    """POST a body to an http or https address, once, without following redirects.

    Raises OutgoingError.
    """
    return _asked(Request("POST", url, headers, body), guard)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of an address."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


def _asked(request: Request, guard: Guard) -> Answer:
    started = time.monotonic()
    parts, port = _parts(request.url, guard)
    deadline = started + guard.timeout_s
    try:
        with _connected(parts, port, guard) as link, _cut_off(link, guard.timeout_s):
            connection = http.client.HTTPConnection(parts.hostname or "", port)
            connection.sock = link
            told = {"User-Agent": "Bottin", "Accept-Encoding": "identity"} | dict(request.headers)
            connection.request(request.method, _target(parts), body=request.body, headers=told)
            response = connection.getresponse()
            body = _body(response, link, deadline, guard.limit_bytes)
    except TimeoutError as error:
        raise OutgoingError("timeout") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        is_late = time.monotonic() >= deadline
        raise OutgoingError("timeout" if is_late else "connection") from error
    found = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, found, body, time.monotonic() - started)


@contextmanager
def _cut_off(link: socket.socket, after_s: float) -> Iterator[None]:
    """End a connection whose other side sends a byte now and then, for ever."""
    timer = threading.Timer(after_s, _end, [link])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end(link: socket.socket) -> None:
    with suppress(OSError):
        # Below TLS as well: a reader that waits is woken by it.
        socket.socket.shutdown(link, socket.SHUT_RDWR)


def _parts(url: str, guard: Guard) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise OutgoingError("address") from error
    is_fine = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None
    if not is_fine or (guard.ports is not None and port not in guard.ports):
        raise OutgoingError("address")
    return parts, port


def _connected(parts: SplitResult, port: int, guard: Guard) -> socket.socket:
    address = _resolved(parts.hostname or "", port, guard)
    link = socket.create_connection((str(address), port), timeout=guard.timeout_s)
    if parts.scheme != "https":
        return link
    try:
        return ssl.create_default_context().wrap_socket(link, server_hostname=parts.hostname)
    except OSError:
        link.close()
        raise


def _resolved(host: str, port: int, guard: Guard) -> Address:
    """Return the first address of a name, once all of them were found to be allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutgoingError("name") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses or not all(map(guard.may_reach, addresses)):
        raise OutgoingError("address")
    return addresses[0]


def _target(parts: SplitResult) -> str:
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


def _body(
    response: http.client.HTTPResponse, link: socket.socket, deadline: float, limit: int
) -> bytes:
    found = bytearray()
    while len(found) < limit:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        if link.fileno() >= 0:
            link.settimeout(left_s)
        chunk = response.read1(min(_CHUNK, limit - len(found)))
        if not chunk:
            break
        found += chunk
    return bytes(found)
