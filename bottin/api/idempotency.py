"""A write repeated with its `Idempotency-Key` is answered again, not done again (API-7)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from bottin.api.models import KeptAnswer
from bottin.api.refusals import BadIdempotencyKey, KeyReused, StillRunning
from bottin.lib.clock import now

KEPT_FOR: Final = timedelta(hours=24)
_KEY: Final = re.compile(r"[\x21-\x7e]{1,128}")
# Advisory locks of this kind, so that no other use of them can collide: "APIK".
_LOCK_KIND: Final = 0x4150494B


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of a write: whose, where, its key and the SHA-256 of what it carries."""

    account_id: int
    route: str
    key: str
    request_digest: bytes

    @property
    def lock(self) -> int:
        """A signed 32-bit number that stands for the account, the route and the key."""
        named = f"{self.account_id}\0{self.route}\0{self.key}".encode()
        return int.from_bytes(sha256(named).digest()[:4], signed=True)


def key_of(request: HttpRequest) -> str | None:
    """Return the `Idempotency-Key` of a request. Raises BadIdempotencyKey."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise BadIdempotencyKey
    return key


def once(attempt: Attempt, write: Callable[[], HttpResponse]) -> HttpResponse:
    """Run `write` unless this attempt was answered within the last 24 hours.

    The write and its answer are one transaction, held by a lock that ends with
    it: a process that dies leaves neither, and the next attempt starts afresh.
    Refusals are not kept: they change nothing, so asking again is harmless.

    Raises KeyReused when the key came with another body, StillRunning when
    another call with it has not ended.
    """
    with transaction.atomic():
        _hold(attempt)
        kept = _kept(attempt)
        if kept is not None:
            return _again(kept, attempt)
        response = write()
        KeptAnswer.objects.create(
            account_id=attempt.account_id,
            route=attempt.route,
            key=attempt.key,
            request_digest=attempt.request_digest,
            status=response.status_code,
            body=response.content.decode(),
            location=response.get("Location", ""),
            created_at=now(),
        )
    return response


def forget_old_answers() -> int:
    """Delete what is kept for more than 24 hours; return how many."""
    return KeptAnswer.objects.filter(created_at__lt=now() - KEPT_FOR).delete()[0]


def _hold(attempt: Attempt) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK_KIND, attempt.lock])
        if cursor.fetchone() != (True,):
            raise StillRunning


def _kept(attempt: Attempt) -> KeptAnswer | None:
    rows = KeptAnswer.objects.filter(
        account_id=attempt.account_id, route=attempt.route, key=attempt.key
    )
    rows.filter(created_at__lt=now() - KEPT_FOR).delete()
    return rows.first()


def _again(kept: KeptAnswer, attempt: Attempt) -> HttpResponse:
    if bytes(kept.request_digest) != attempt.request_digest:
        raise KeyReused
    response = HttpResponse(kept.body, status=kept.status, content_type="application/json")
    response["Idempotency-Replayed"] = "true"
    if kept.location:
        response["Location"] = kept.location
    return response
