"""Who listens where the site would: this very site, another, another program; and as which user."""

import http.client
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Final

from bottin.config import keys
from bottin.config.options import Options
from bottin.config.parts import PROBE_S, answers_pages, reachable

MARK_HEADER: Final = "X-Bottin-Site"
_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LISTENING: Final = "0A"


class Occupant(Enum):
    """Who answers at the address of the pages."""

    NOBODY = "nobody"
    READY = "this site"
    NOT_READY = "this site, not ready"
    OTHER_SITE = "another site"
    OTHER_PROGRAM = "another program"


def occupant(options: Options) -> Occupant:
    """Ask whoever listens at the pages' address which site it is."""
    listen = reachable(options.web_listen)
    connection = http.client.HTTPConnection(listen.host, listen.port, timeout=PROBE_S)
    try:
        connection.request("GET", "/healthz", headers={"Host": options.host})
        mark = connection.getresponse().headers.get(MARK_HEADER)
    except ConnectionRefusedError:
        return Occupant.NOBODY
    except (OSError, http.client.HTTPException):
        return Occupant.OTHER_PROGRAM
    finally:
        connection.close()
    if mark is None:
        return Occupant.OTHER_PROGRAM
    if mark != keys.site_mark(keys.site_secret(options)):
        return Occupant.OTHER_SITE
    return Occupant.READY if answers_pages(options) else Occupant.NOT_READY


def users_of(options: Options) -> set[int]:
    """List the user numbers of the processes that listen on the site's TCP ports here."""
    wanted = [options.web_listen, options.metrics_listen, *options.tracker_listen]
    ports = {address.port for address in wanted}
    return {user for port, user in _listening() if port in ports}


def _listening() -> Iterator[tuple[int, int]]:
    """Yield port and user of each listening TCP socket, as the kernel tells them."""
    for table in _TABLES:
        if not table.exists():
            continue
        for line in table.read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENING:
                yield int(fields[1].rpartition(":")[2], 16), int(fields[7])
