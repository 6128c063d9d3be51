"""What members bring from a former site: one opening row each, once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from bottin.ledger.models import Balance, EntryKind, LedgerEntry


@dataclass(frozen=True, slots=True)
class Opening:
    """What an account had sent and received, in bytes, and seeded, in seconds."""

    user_id: int
    uploaded_bytes: int
    downloaded_bytes: int
    seed_time_s: int


@transaction.atomic
def open_accounts(openings: Iterable[Opening], *, at: datetime) -> int:
    """Write one opening row for each account that has none; return how many were written.

    Raw and credited are the same: the former site's factors are its own.
    """
    wanted = {each.user_id: each for each in openings if _says_something(each)}
    opened = LedgerEntry.objects.filter(kind=EntryKind.OPENING, user_id__in=wanted)
    for user_id in set(opened.values_list("user_id", flat=True)):
        del wanted[user_id]
    LedgerEntry.objects.bulk_create([_entry(each, at) for each in wanted.values()])
    with connection.cursor() as cursor:
        cursor.executemany(_ADD, [_sums(each) for each in wanted.values()])
    return len(wanted)


_TABLE = Balance._meta.db_table  # noqa: SLF001 - Django's documented Model._meta
_ADD = f"""
INSERT INTO {_TABLE} AS had (user_id, raw_up, raw_down, credited_up, credited_down, seed_time_s)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (user_id) DO UPDATE SET
    raw_up = had.raw_up + EXCLUDED.raw_up,
    raw_down = had.raw_down + EXCLUDED.raw_down,
    credited_up = had.credited_up + EXCLUDED.credited_up,
    credited_down = had.credited_down + EXCLUDED.credited_down,
    seed_time_s = had.seed_time_s + EXCLUDED.seed_time_s
"""  # noqa: S608 - a constant


def _says_something(each: Opening) -> bool:
    return bool(each.uploaded_bytes or each.downloaded_bytes or each.seed_time_s)


def _entry(each: Opening, at: datetime) -> LedgerEntry:
    return LedgerEntry(
        at=at,
        user_id=each.user_id,
        kind=EntryKind.OPENING,
        raw_up=each.uploaded_bytes,
        raw_down=each.downloaded_bytes,
        credited_up=each.uploaded_bytes,
        credited_down=each.downloaded_bytes,
        seed_time_s=each.seed_time_s,
    )


def _sums(each: Opening) -> tuple[int, int, int, int, int, int]:
    up, down = each.uploaded_bytes, each.downloaded_bytes
    return each.user_id, up, down, up, down, each.seed_time_s
