"""T-26: whatever is changed in a line of the chain, by a single bit, is found."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bottin.audit import log
from bottin.audit.models import AuditEvent

EDITS: Final = 1_000
_BEGAN: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)


def chain(count: int) -> list[AuditEvent]:
    """Seal lines one after the other, as they would be stored."""
    lines: list[AuditEvent] = []
    for number in range(count):
        line = AuditEvent(
            pk=number,
            at=_BEGAN + timedelta(microseconds=number),
            actor_id=number + 1,
            action="release.published",
            subject=f"release:{number}",
            reason="parce que",
            detail={"n": number, "deep": ["é", None]},
            previous_digest=lines[-1].digest if lines else log.GENESIS,
        )
        line.digest = log.digest_of(line)
        lines.append(line)
    return lines


def in_text(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + chr(ord(text[at]) ^ 1 << chance.randrange(5)) + text[at + 1 :]


def in_bytes(raw: bytes, chance: random.Random) -> bytes:
    number = int.from_bytes(raw, "big") ^ 1 << chance.randrange(8 * len(raw))
    return number.to_bytes(len(raw), "big")


def in_number(number: int, chance: random.Random) -> int:
    return number ^ 1 << chance.randrange(40)


def in_time(at: datetime, chance: random.Random) -> datetime:
    return at + timedelta(microseconds=1 << chance.randrange(40))


def in_detail(detail: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    return {**detail, "n": in_number(detail["n"], chance)}


FLIPS: Final[dict[str, Callable[[Any, random.Random], object]]] = {
    "at": in_time,
    "actor_id": in_number,
    "action": in_text,
    "subject": in_text,
    "reason": in_text,
    "detail": in_detail,
    "previous_digest": in_bytes,
    "digest": in_bytes,
}


def test_every_edit_of_a_single_bit_is_found_where_it_was_made_or_right_after() -> None:
    chance = random.Random(26)
    lines = chain(30)
    assert log.follow(lines).is_whole

    for _ in range(EDITS):
        line, field = chance.choice(lines), chance.choice(list(FLIPS))
        before = getattr(line, field)
        setattr(line, field, FLIPS[field](before, chance))
        assert log.follow(lines).broken_at in {line.pk, line.pk + 1}, field
        setattr(line, field, before)

    assert log.follow(lines).is_whole
