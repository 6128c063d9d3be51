"""Waiting for the transactions of others: tests side by side share one PostgreSQL."""

from django.db import connection

from tests.integration.tracker.ground import wait_until


def settle() -> None:
    """Wait until whatever ran before now, in any database of the server, has ended.

    Changes are followed up to the oldest transaction that still runs.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        mine: int = cursor.fetchone()[0]

        def has_passed() -> bool:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            oldest: int = cursor.fetchone()[0]
            return oldest > mine

        wait_until(has_passed, "the transactions of the neighbours have ended")
