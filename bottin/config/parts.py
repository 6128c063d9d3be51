"""The parts of the site as programs, and how one sees that they are ready."""

import http.client
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bottin.config.errors import ConfigError
from bottin.config.options import Options
from bottin.config.values import Address

_OK: Final = 200
PROBE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """One program of the site."""

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool]
    is_waited_for: bool = True  # by people or peers, who come first at the start


def program(*arguments: str) -> tuple[str, ...]:
    """Write the command that runs `bottin` with these arguments, in this very installation."""
    return (sys.executable, "-m", "bottin", *arguments)


def parts_of(options: Options) -> list[Part]:
    """List the parts that the supervisor runs beside PostgreSQL."""
    return [
        Part("web", _part("web"), lambda: answers_pages(options)),
        Part("tracker", _part("tracker"), lambda: accepts(options.tracker_listen[0])),
        Part("worker", _part("worker"), lambda: True, is_waited_for=False),
    ]


def _part(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "bottin.config.part", name, "--held")


def answers_pages(options: Options) -> bool:
    """Ask the web part whether it can serve pages."""
    listen = reachable(options.web_listen)
    connection = http.client.HTTPConnection(listen.host, listen.port, timeout=PROBE_S)
    try:
        connection.request("GET", "/readyz", headers={"Host": options.host})
        return connection.getresponse().status == _OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def accepts(address: Address) -> bool:
    """Whether something takes TCP connections there."""
    target = reachable(address)
    try:
        with socket.create_connection((target.host, target.port), timeout=PROBE_S):
            return True
    except OSError:
        return False


def reachable(address: Address) -> Address:
    """Give the address to call for one to listen on: `0.0.0.0` is called at `127.0.0.1`."""
    if not address.is_any:
        return address
    return Address("::1" if ":" in address.host else "127.0.0.1", address.port)


def refuse_taken_ports(options: Options) -> None:
    """Try each address before anything is started.

    Raises ConfigError, with the setting to change, when one is taken or is not ours.
    """
    wanted = [
        ("BOTTIN_WEB_LISTEN", socket.SOCK_STREAM, options.web_listen),
        ("BOTTIN_METRICS_LISTEN", socket.SOCK_STREAM, options.metrics_listen),
    ]
    for address in options.tracker_listen:
        wanted += [
            ("BOTTIN_TRACKER_LISTEN", kind, address)
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)
        ]
    wanted += [
        ("BOTTIN_TRACKER_TLS_LISTEN", socket.SOCK_STREAM, address)
        for address in options.tracker_tls_listen
    ]
    for variable, kind, address in wanted:
        why = cannot_bind(kind, address)
        if why:
            raise ConfigError(
                f"{variable}: {address} cannot be used: {why}. Stop the program that holds it, or"
                f" choose another address with {variable}."
            )


def cannot_bind(kind: int, address: Address) -> str:
    """Say why an address cannot be listened on; empty when it can."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:  # connections in TIME_WAIT do not count
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind((address.host, address.port))
            if kind == socket.SOCK_STREAM:
                probe.listen(1)
    except OSError as error:
        return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
    return ""
