"""The control: a ledger that adds up as most trackers do, and so must miscount under kills.

`x = x + delta` for each of a few facts, and a moment later how far it got; when in doubt
whether that arrived it is sent again. Everything else is right: it reads
the same journal, and knows every baseline.
"""

import threading
from typing import Final

from django.db import Error as DatabaseError
from django.db import connection

from bottin.tracker import site
from bottin.tracker.dataplane import Fact, Journal

TABLES: Final = """
CREATE TABLE IF NOT EXISTS naive_balance (user_id bigint PRIMARY KEY, up bigint, down bigint);
CREATE TABLE IF NOT EXISTS naive_position (id int PRIMARY KEY, position bigint);
INSERT INTO naive_position VALUES (1, 0) ON CONFLICT DO NOTHING;
"""
_ADD: Final = """
INSERT INTO naive_balance AS b VALUES (%s, %s, %s)
ON CONFLICT (user_id) DO UPDATE SET up = b.up + excluded.up, down = b.down + excluded.down
"""
_BATCH: Final = 1_000


def run(stop: threading.Event) -> None:
    """Add up until told to stop, over every loss of the database."""
    while not stop.is_set():
        try:
            _follow(stop)
        except (DatabaseError, OSError):
            connection.close()
            stop.wait(0.05)


def _follow(stop: threading.Event) -> None:
    journal = Journal(site.journal_folder())
    with connection.cursor() as cursor:
        cursor.execute("SELECT position FROM naive_position")
        position: int = cursor.fetchone()[0]
        tops = Tops()
        for fact in journal.read(0, position):
            tops.difference(fact)
        while not stop.is_set():
            for fact in journal.read(position, _BATCH):
                up, down = tops.difference(fact)
                cursor.execute(_ADD, [fact.user_id, up, down])
                position = fact.position + 1
            stop.wait(0.05)
            # Killed before this, it adds the same again.
            cursor.execute("UPDATE naive_position SET position = %s", [position])


class Tops:
    """The highest counters of each session, as far as read."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, int, int], tuple[int, int]] = {}

    def difference(self, fact: Fact) -> tuple[int, int]:
        """Take a fact in; what it adds. The first of a session is its baseline."""
        key = (fact.user_id, fact.release_id, fact.session)
        up, down = self._seen.get(key, (fact.uploaded, fact.downloaded))
        self._seen[key] = max(up, fact.uploaded), max(down, fact.downloaded)
        return max(fact.uploaded - up, 0), max(fact.downloaded - down, 0)
