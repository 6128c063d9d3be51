"""Signed heads of the audit chain, one file a day, so that a tail cut off is seen (AUD-3).

The chain alone cannot show that its last lines are gone, and whoever owns the database can make
it anew. A head names the last line of a moment; its Ed25519 signature needs the site's secret,
its verification only the public key. Copies of the files belong on another machine.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from bottin.audit.models import AuditEvent
from bottin.lib import clock

FOLDER: Final = "audit-heads"


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of the chain at a moment: its number, its digest (32 bytes), signed."""

    at: datetime
    line: int
    digest: bytes
    signature: bytes = b""

    def message(self) -> bytes:
        """Return what is signed."""
        return (
            f"bottin audit head\n{self.at.isoformat()}\n{self.line}\n{self.digest.hex()}\n".encode()
        )

    def text(self) -> str:
        """Write it as JSON, binary parts in hexadecimal."""
        facts = {
            "at": self.at.isoformat(),
            "line": self.line,
            "digest": self.digest.hex(),
            "signature": self.signature.hex(),
            "public_key": public_key().hex(),
        }
        return json.dumps(facts, indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class Seen:
    """A head that was kept, and what is wrong with it: "" when nothing is."""

    name: str
    trouble: str


def folder() -> Path:
    """Name the folder of the heads."""
    return Path(settings.BOTTIN.data_dir) / FOLDER


def public_key() -> bytes:
    """Return the key that verifies heads, 32 bytes (Ed25519, RFC 8032)."""
    return _private_key().public_key().public_bytes_raw()


def sign() -> Head | None:
    """Sign the chain's head of now; None while the chain is empty. Nothing is kept."""
    last = AuditEvent.objects.order_by("-pk").values_list("pk", "digest").first()
    if last is None:
        return None
    bare = Head(clock.now().astimezone(UTC), last[0], bytes(last[1]))
    return Head(bare.at, bare.line, bare.digest, _private_key().sign(bare.message()))


def keep_daily() -> bool:
    """Keep the head of today (UTC) unless there is one; whether one was written. Raises OSError."""
    path = folder() / f"{clock.now().astimezone(UTC):%Y-%m-%d}.json"
    if path.exists() or (head := sign()) is None:
        return False
    path.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("w", encoding="ascii") as file:
        file.write(head.text())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return True


def examine(where: Path) -> Iterator[Seen]:
    """Compare every head kept in a folder with the chain, the oldest first. Raises OSError."""
    for path in sorted(where.glob("*.json")):
        yield Seen(path.stem, _trouble_of(path.read_text(encoding="utf-8")))


def _trouble_of(text: str) -> str:
    head = _read(text)
    if head is None:
        return "it cannot be read"
    try:
        Ed25519PublicKey.from_public_bytes(public_key()).verify(head.signature, head.message())
    except InvalidSignature:
        return "this site did not sign it"
    if not AuditEvent.objects.filter(pk=head.line, digest=head.digest).exists():
        return f"line {head.line} is gone or another: lines were cut off or written anew"
    return ""


def _read(text: str) -> Head | None:
    try:
        facts = json.loads(text)
        return Head(
            datetime.fromisoformat(facts["at"]),
            int(facts["line"]),
            bytes.fromhex(facts["digest"]),
            bytes.fromhex(facts["signature"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(settings.BOTTIN_AUDIT_SECRET)
