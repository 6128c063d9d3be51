"""Which clients members use, counted over all of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

_SEEN: Final = """
SELECT client, count(*) FILTER (WHERE is_running AND last_at >= %s), count(*),
    count(DISTINCT user_id)
FROM ledger_peersession WHERE last_at >= %s
GROUP BY client ORDER BY count(*) DESC, client LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class ClientSeen:
    """Clients of members with one head of the peer id, "-qB4650-", "" where it names none.

    `running` are in a swarm now, `sessions` were heard since, each in one swarm; of
    `members` people.
    """

    head: str
    running: int
    sessions: int
    members: int


def clients_seen(*, since: datetime, running_since: datetime, limit: int) -> list[ClientSeen]:
    """Count members' clients by the head of their peer ids, the most frequent first.

    One query, which reads every session there is: for rare use.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [running_since, since, limit])
        return [ClientSeen(*row) for row in cursor.fetchall()]
