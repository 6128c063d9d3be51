"""Who did what, to what, when and why: a chain of lines, each sealed with the one before.

The digest of a line is SHA-256 of the previous digest and the line's canonical JSON (AUD-1), so
that changing, dropping or moving any line but the last ones breaks all that follow. A trigger
forbids UPDATE, DELETE and TRUNCATE (AUD-2). Lines name accounts by number only (AUD-4).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from django.db import connection, transaction

from bottin.audit.models import AuditEvent
from bottin.lib import clock

GENESIS: Final = bytes(32)
# Any number, ours alone among the advisory locks of the database: "AUDT".
_LOCK: Final = 0x41554454
_BATCH: Final = 2000


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of the chain found: lines read, the last digest, the first wrong line."""

    lines: int
    head: bytes
    broken_at: int | None

    @property
    def is_whole(self) -> bool:
        """Whether every line follows from the one before it."""
        return self.broken_at is None


def record(
    action: str,
    *,
    actor_id: int | None,
    subject: str,
    reason: str = "",
    detail: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Append a line, in the transaction of the change it tells of.

    `action` is a past fact (`release.published`), `subject` what it touched
    (`release:12`), `detail` JSON without floats. Writers wait for one another
    from here to their commit: call it last.

    Raises TypeError when `detail` holds what JSON does not give back as it was.
    """
    facts = _plain(detail or {})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        line = AuditEvent(
            at=clock.now().astimezone(UTC),
            actor_id=actor_id,
            action=action,
            subject=subject,
            reason=reason,
            detail=facts,
            previous_digest=head(),
        )
        line.digest = digest_of(line)
        line.save(force_insert=True)
    return line


def head() -> bytes:
    """Return the digest of the last line, 32 bytes, zeros when there is none."""
    last = AuditEvent.objects.order_by("-pk").values_list("digest", flat=True).first()
    return last or GENESIS


def digest_of(line: AuditEvent) -> bytes:
    """Return SHA-256(previous digest ‖ canonical JSON of the line), 32 bytes."""
    return hashlib.sha256(line.previous_digest + canonical(line)).digest()


def canonical(line: AuditEvent) -> bytes:
    """Write a line in its one form: JSON, keys sorted, no spaces, UTF-8, times in UTC."""
    facts = {
        "action": line.action,
        "actor_id": line.actor_id,
        "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "detail": line.detail,
        "reason": line.reason,
        "subject": line.subject,
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def verify() -> Verification:
    """Read the whole chain and say whether it is whole, and if not, at which line it breaks.

    Lines cut off the end leave a chain that is whole but shorter: keep a past
    head elsewhere, and ask `contains` for it.
    """
    return follow(AuditEvent.objects.order_by("pk").iterator(chunk_size=_BATCH))


def follow(chain: Iterable[AuditEvent]) -> Verification:
    """Check lines in their order, each against its seal and the one before; stop at a wrong one."""
    expected, lines = GENESIS, 0
    for line in chain:
        if line.previous_digest != expected or line.digest != digest_of(line):
            return Verification(lines, expected, line.pk)
        expected, lines = line.digest, lines + 1
    return Verification(lines, expected, None)


def contains(digest: bytes) -> bool:
    """Whether a head noted earlier is still a line of the chain: nothing was cut off since."""
    return digest == GENESIS or AuditEvent.objects.filter(digest=digest).exists()


def _plain(detail: Mapping[str, object]) -> dict[str, object]:
    """Return `detail` as JSON gives it back; a float has several texts, and breaks the seal."""
    for value in _leaves(detail):
        if not isinstance(value, str | int | None):
            raise TypeError(f"an audit line cannot hold {type(value).__name__}")
    plain: dict[str, object] = json.loads(json.dumps(detail))
    return plain


def _leaves(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]
