"""Reads the mails that a demonstration wrote as files instead of sending them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Final

_SEPARATOR: Final = b"-" * 79
_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as a page shows it."""

    to: str
    subject: str
    text: str
    at: datetime


def newest_mails(folder: Path) -> list[Mail]:
    """Return the last fifty messages written in `folder`, newest first; none when it is absent."""
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    mails: list[Mail] = []
    for path in files[:_SHOWN]:
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        parts = path.read_bytes().split(_SEPARATOR)
        mails += [_parsed(part, at) for part in reversed(parts) if part.strip()]
    return mails[:_SHOWN]


def _parsed(raw: bytes, at: datetime) -> Mail:
    message = message_from_bytes(raw.lstrip(), policy=policy.default)
    body = message.get_body(("plain",))
    content = body.get_content() if body is not None else ""
    return Mail(str(message["To"] or ""), str(message["Subject"] or ""), str(content).strip(), at)
