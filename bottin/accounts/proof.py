"""The price of a registration: a proof of work, or time for who has no JavaScript (ACC-8).

Two ways lead in, on one page; decision record 0010 weighs them.

- *Work*: the page carries a challenge (altcha v2, SHA-256) and a script of ours solves it
  while the form is filled. The work doubles with each attempt of the same network in a day.
- *Time*: the page carries a ticket, signed and bound to the network, that ripens in
  `SLOW_WAIT_S`. Sent too early, the form comes back with the same ticket. The limits of
  this way are the stricter ones, per network and for the whole site.

Either counts once: what was spent is remembered until it would have expired anyway. Both are
refused when the form comes back faster than a person fills it, and a filled hidden field
is answered as if all were well.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import altcha.v2 as altcha
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from bottin.accounts.errors import ProofMissing, ProofRefused
from bottin.accounts.models import SpentProof
from bottin.accounts.network import keyed, near

MIN_FILL_S: Final = 3
SLOW_WAIT_S: Final = 60
LIFETIME: Final = timedelta(hours=1)
_ALGORITHM: Final = "SHA-256"
_ROUNDS: Final = 4  # hashes for each counter that is tried
_PREFIX_BITS: Final = 16  # 65,536 counters are tried on average: a second on a phone
_DOUBLINGS_MAX: Final = 4
_PAYLOAD_MAX: Final = 4096
_SALT: Final = "bottin.accounts.proof"


@dataclass(frozen=True, slots=True)
class Door:
    """What a registration page carries: a challenge (JSON) and a ticket (signed text)."""

    challenge: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came back: the solution (base64, may be empty), the ticket, and from where."""

    solution: str
    ticket: str
    address: str


def open_door(address: str, *, attempts: int, at: datetime) -> Door:
    """Make a challenge and a ticket for a page shown at `at`.

    `attempts` is how often this network tried today: each doubles the work,
    up to sixteen times.
    """
    challenge = altcha.create_challenge(
        _ALGORITHM,
        _ROUNDS << min(attempts, _DOUBLINGS_MAX),
        key_prefix="0" * (_PREFIX_BITS // 4),
        expires_at=at + LIFETIME,
        hmac_secret=_secret(),
    )
    ticket = {"at": int(at.timestamp()), "net": _network(address), "id": challenge.parameters.nonce}
    return Door(
        challenge=json.dumps(challenge.to_dict(), separators=(",", ":")),
        ticket=signing.dumps(ticket, salt=_SALT, compress=False),
    )


def is_worked(attempt: Attempt) -> bool:
    """Whether a solution came along: the way of work rather than the way of time."""
    return bool(attempt.solution)


def spend(attempt: Attempt, *, at: datetime) -> None:
    """Accept what a form brought, once.

    Raises ProofMissing with `wait_s` while the ticket is not ripe (or the form
    came back within three seconds), and ProofRefused when something is wrong,
    older than an hour, from another network or spent.
    """
    ticket = _ticket(attempt, at)
    age_s = at.timestamp() - ticket["at"]
    needed_s = MIN_FILL_S if is_worked(attempt) else SLOW_WAIT_S
    if age_s < needed_s:
        raise ProofMissing(wait_s=int(needed_s - age_s) + 1)
    nonce = _solved(attempt.solution) if is_worked(attempt) else ""
    # The challenge of the same page has the ticket's id: spending one spends the other.
    if nonce and nonce != ticket["id"]:
        raise ProofRefused
    _spend_once(str(ticket["id"]), at)


def purge(*, at: datetime) -> int:
    """Forget spent proofs that have expired; return how many."""
    return SpentProof.objects.filter(expires_at__lt=at).delete()[0]


def _ticket(attempt: Attempt, at: datetime) -> dict[str, Any]:
    try:
        ticket = signing.loads(attempt.ticket[:_PAYLOAD_MAX], salt=_SALT)
    except signing.BadSignature as error:
        raise ProofRefused from error
    is_stale = at.timestamp() - ticket["at"] > LIFETIME.total_seconds()
    if is_stale or ticket["net"] != _network(attempt.address):
        raise ProofRefused
    return dict(ticket)


def _solved(solution: str) -> str:
    """Return the nonce of the challenge that `solution` solves, or raise ProofRefused."""
    if len(solution) > _PAYLOAD_MAX:
        raise ProofRefused
    try:
        payload = json.loads(base64.b64decode(solution, validate=True))
        verdict = altcha.verify_solution(solution, _secret())
        nonce = payload["challenge"]["parameters"]["nonce"]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ProofRefused from error
    if not verdict.verified or not isinstance(nonce, str):
        raise ProofRefused
    return nonce


def _spend_once(proof_id: str, at: datetime) -> None:
    """Write the proof down; a second writer of the same, at the same time too, is refused."""
    digest = hashlib.sha256(proof_id.encode()).digest()
    try:
        with transaction.atomic():
            SpentProof.objects.create(digest=digest, expires_at=at + 2 * LIFETIME)
    except IntegrityError as error:
        raise ProofRefused from error


def _network(address: str) -> str:
    return keyed("proof", near(address))


def _secret() -> bytes:
    return salted_hmac(_SALT, "challenge", algorithm="sha256").digest()
