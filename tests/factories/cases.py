"""Held credit and flags, valid by default: a member who sent three times what others received."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import F

from bottin.ledger.models import Balance, EntryKind, Flag, FlagKind, Hold, LedgerEntry, Transfer

NOON: Final = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
MB: Final = 10**6
HELD: Final = 150 * MB


def hold(user_id: int, release_id: int, **given: Any) -> Hold:
    """Credit 300 MB, and hold 150 of them as the ledger does."""
    begins = NOON - timedelta(days=1)
    values: dict[str, Any] = {
        "begins_at": begins,
        "ends_at": begins + timedelta(hours=6),
        "raw_up": HELD,
        "credited_up": HELD,
        "at": begins + timedelta(hours=7),
        "detail": {
            "sent_by_all": str(400 * MB),
            "received_by_all": str(100 * MB),
            "excess": str(200 * MB),
            "sent": str(300 * MB),
        },
    } | given
    who = {"user_id": user_id, "release_id": release_id}
    for kind, credited in ((EntryKind.TRANSFER, 300 * MB), (EntryKind.HELD, -HELD)):
        raw = 300 * MB if kind is EntryKind.TRANSFER else 0
        LedgerEntry.objects.create(kind=kind, raw_up=raw, credited_up=credited, at=NOON, **who)
    moment = {"first_at": begins, "last_at": NOON}
    Transfer.objects.get_or_create(**who, defaults=moment)
    Balance.objects.get_or_create(user_id=user_id)
    for row in (
        Transfer.objects.filter(**who),
        Balance.objects.filter(user_id=user_id),
    ):
        row.update(raw_up=F("raw_up") + 300 * MB, credited_up=F("credited_up") + HELD)
    return Hold.objects.create(**who, **values)


def flag(user_id: int, release_id: int | None, **given: Any) -> Flag:
    """Raise a flag of bytes that were sent while nobody lacked anything."""
    values: dict[str, Any] = {
        "kind": FlagKind.UPLOAD_WITHOUT_LEECHER,
        "detail": {"uploaded": str(20 * MB), "client": "-qB4650-", "times": 2},
        "at": NOON - timedelta(hours=3),
    } | given
    return Flag.objects.create(user_id=user_id, release_id=release_id, **values)
