"""What those who download hold of a release already."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

# By those who were heard lately on the release: its index, then their clients by key.
_HELD: Final = """
SELECT count(*), coalesce(sum(1 - least(s."left", %(size)s)::float8 / %(size)s), 0)
FROM ledger_transfer t
JOIN ledger_peersession s ON s.user_id = t.user_id AND s.release_id = t.release_id
WHERE t.release_id = %(release)s AND t.last_at >= %(since)s
    AND s.is_running AND s.last_at >= %(since)s AND s."left" > 0
"""


@dataclass(frozen=True, slots=True)
class Held:
    """How many clients lack something, and how many copies their parts add up to at most."""

    clients: int
    copies: float


def held_of(release_id: int, size_bytes: int, *, since: datetime) -> Held:
    """Add up what members' clients heard since then say that they hold. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"release": release_id, "size": size_bytes, "since": since})
        return Held(*cursor.fetchone())
