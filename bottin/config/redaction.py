"""Takes secrets and addresses out of log lines: announce keys, passwords, tokens, IP addresses."""

import ipaddress
import re
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

HIDDEN: Final = "***"
HIDDEN_ADDRESS: Final = "[ip]"

_SECRET_NAME: Final = re.compile(
    r"pass(word|wd|phrase)|secret|token|authori[sz]ation|cookie|session_?(id|key)|csrf|otp|totp"
    r"|recovery_code|(^|_)key$|api_?key|announce_?key|private_?key|credential",
    re.IGNORECASE,
)
_NAMES: Final = (
    r"passw(?:or)?d|passphrase|secret|token|key|api_?key|announce_?key|passkey|sessionid|csrf\w*"
    r"|code|otp|signature"
)
_ADDRESS_LIKE: Final = re.compile(
    r"(?<![\w.:])"
    r"(?:(?:[0-9A-Fa-f]{0,4}:){2,8}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4})"
    r"|\d{1,3}(?:\.\d{1,3}){3})"
    r"(?![\w])"
)


def _hide_address(found: re.Match[str]) -> str:
    """Hide one address; the machine's own say nothing of anybody."""
    text = found[0]
    bare, tail = (text[:-1], ":") if text.endswith(":") and not text.endswith("::") else (text, "")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return text
    return text if address.is_loopback or address.is_unspecified else HIDDEN_ADDRESS + tail


_RULES: Final[tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    # An announce key: 24 bytes in base32, wherever it stands.
    (re.compile(r"(?<![A-Za-z0-9])[A-Za-z2-7]{39}(?![A-Za-z0-9])"), HIDDEN),
    (re.compile(r"\b(bearer|basic|digest|token)\s+[^\s,;'\"]+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"((?:set-)?cookie\"?'?\s*[:=]\s*)[^\r\n]+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"(://[^\s/:@]*):[^\s/@]+@"), rf"\1:{HIDDEN}@"),
    (
        re.compile(
            rf"(?<![A-Za-z])({_NAMES})(\"|')?(\s*[=:]\s*)(\"|')?[^\s&,;'\"]+", re.IGNORECASE
        ),
        rf"\1\2\3\4{HIDDEN}",
    ),
    (_ADDRESS_LIKE, _hide_address),
)


def redact_text(text: str) -> str:
    """Hide what a line must not tell, whatever surrounds it."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def redact(value: object) -> object:
    """Hide it in texts, bytes, lists and mappings, however nested; the shape stays."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return redact_text(bytes(value).decode("utf-8", "backslashreplace"))
    if isinstance(value, Mapping):
        return {redact(name): _redact_named(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact_text(str(value))


def _redact_named(name: str, value: object) -> object:
    is_secret = bool(_SECRET_NAME.search(name)) and not isinstance(value, bool | type(None))
    return HIDDEN if is_secret else redact(value)


def redact_event(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Redact a whole structlog event; the last step before it is written."""
    return {name: _redact_named(name, value) for name, value in event.items()}
