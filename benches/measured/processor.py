"""Processor time, for benchmarks: of this process, of another, of the server's backend for us."""

import os
import resource
from pathlib import Path


def own_s() -> float:
    """Give the seconds of processor time that this process used."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def used_by(pid: int) -> float:
    """Give the seconds of processor time that another process used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def both_s() -> float:
    """Give those of this process and of the backend that serves its database connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    return used_by(backend) + own_s()
