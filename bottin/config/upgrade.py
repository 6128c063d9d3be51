"""Bringing the site up to the code: schema, shared cache table, static files."""

from collections.abc import Callable
from typing import Final

import psycopg
from django.core.management import call_command
from django.db import connection

from bottin.config import freshness
from bottin.config.connections import dsn
from bottin.config.demo import people
from bottin.config.options import Options
from bottin.lib.clock import now

# "bottin" in ASCII, for pg_advisory_lock: several machines may start at once.
LOCK: Final = 0x626F7474696E

Say = Callable[[str], object] | None


def bring_up_to_date(options: Options, *, say: Say) -> None:
    """Apply migrations under a lock that only one process holds, then collect static files.

    Outside demo mode, the demo's people (their password is public) are shut out.
    """
    with psycopg.connect(dsn(options), autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")  # building an index may take an hour
        call_command("migrate", interactive=False, verbosity=1 if say else 0)
        call_command("createcachetable", verbosity=0)
        # Without --clear: a page served a moment ago still names the former files.
        call_command("collectstatic", interactive=False, verbosity=0)
        if not options.demo:
            people.shut(now())
        freshness.note(options, holder)
    _tell(say, "The database is up to date.")


def _tell(say: Say, sentence: str) -> None:
    if say is not None:
        say(sentence)
