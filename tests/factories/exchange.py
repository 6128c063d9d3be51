"""Lines of an import, valid by default."""

import base64
import itertools
import json
from collections.abc import Iterable
from typing import Any, Final

from bottin.exchange import imports
from bottin.exchange.imports import Plan, Totals
from bottin.exchange.preparing import Line
from tests.factories import catalog

_numbers: Final = itertools.count(1)
# “quatre lampes” hashed by PHP's password_hash: cost 4, so that a test is quick.
BCRYPT_PASSWORD: Final = "quatre lampes bleues"


def release(**given: Any) -> dict[str, Any]:
    """Make a record that lacks nothing."""
    torrent = given.pop("raw", None) or catalog.torrent()
    return {
        "kind": "release",
        "source_id": f"r{next(_numbers)}",
        "torrent": base64.b64encode(torrent).decode(),
        "title": "Chansons libres",
        "category": "musique",
        "licence": "CC-BY-SA-4.0",
        "provenance_url": "https://example.org/chansons",
        "description": "Des **chansons**.",
        "tags": ["chanson", "guitare"],
    } | given


def person(**given: Any) -> dict[str, Any]:
    """Make the record of an account."""
    number = next(_numbers)
    letters = "".join("abcdefghjk"[int(digit)] for digit in str(number))
    return {
        "kind": "account",
        "source_id": f"p{number}",
        "name": f"Ancien{letters}",
        "email": f"ancien{number}@example.org",
        "is_confirmed": True,
    } | given


def lines(records: Iterable[dict[str, Any] | bytes]) -> list[Line]:
    """Write records as lines; bytes go as they are."""
    return [
        Line(number, each if isinstance(each, bytes) else json.dumps(each).encode())
        for number, each in enumerate(records, 1)
    ]


def plan(**given: Any) -> Plan:
    """Plan an import without worker processes."""
    values: dict[str, Any] = {
        "source": "ancien",
        "at": catalog.NOON,
        "fallback": given.pop("fallback", None) or catalog.account(),
        "workers": 0,
    } | given
    return Plan(**values)


def take_in(records: Iterable[dict[str, Any] | bytes], **given: Any) -> Totals:
    """Import records."""
    report = given.pop("report", None)
    return imports.run(lines(records), plan(**given), report=report)
