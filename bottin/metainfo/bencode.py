"""Bencoding (BEP 3): a strict, bounded scanner, and the canonical encoder."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import bencode2

from bottin.metainfo.errors import (
    InfoNotCanonical,
    IntegerOutOfRange,
    MalformedBencode,
    MetainfoRefusal,
    NestedTooDeep,
    TooManyTokens,
)
from bottin.metainfo.limits import Limits

# What BEP 3 allows, once decoded: dict[bytes, Bencoded] | list | int | bytes.
Bencoded = Any

_TOKEN: Final = re.compile(rb"(0|[1-9][0-9]{0,9}):|i(0|[1-9][0-9]{0,18})e|([dl])|(e)")
_STRING, _INTEGER, _OPEN, _CLOSE = 1, 2, 3, 4
# Many values in a row that need no look at each: small integers and empty strings.
_RUN: Final = re.compile(rb"(?:i(?:0|[1-9][0-9]{0,17})e|0:){16,4096}")
_SMALL: Final = 10**18 - 1

# Why nothing matched, tried in order at the offending byte.
_FAULTS: Final = (
    (re.compile(rb"\Z"), "truncated"),
    (re.compile(rb"i-"), "negative_integer"),
    (re.compile(rb"i0[0-9]|0[0-9]"), "leading_zero"),
    (re.compile(rb"i[0-9]{20}"), "integer_too_large"),
    (re.compile(rb"[0-9]{11}"), "string_too_long"),
    (re.compile(rb"i?[0-9]*\Z"), "truncated"),
)
_RANGE_FAULTS: Final = frozenset({"negative_integer", "integer_too_large"})
# What decoding a file of this size costs is bounded by its size alone.
_QUICK_BYTES: Final = 262_144
_REPAIR_HINT: Final = "remake the torrent with a current client; its info-hash will change"


@dataclass(frozen=True, slots=True)
class Outline:
    """Where the values of the outermost dictionary stand, as byte offsets.

    `slices` maps each key to (start, end) of its value. `end` is the offset
    after the dictionary; what follows is `trailing_bytes` long. `is_sorted`
    says whether the outermost keys are in canonical order.
    """

    slices: dict[bytes, tuple[int, int]]
    end: int
    trailing_bytes: int
    is_sorted: bool
    tokens: int
    # The dictionary itself, where it was decoded to be checked.
    values: dict[bytes, Bencoded] | None = field(default=None, compare=False, repr=False)


def scan(raw: bytes, limits: Limits) -> Outline:
    """Check that `raw` holds one bencoded dictionary, and say where its values are.

    Linear in `len(raw)`, without recursion. Below the outermost dictionary the
    encoding must be canonical: keys sorted as bytes and never repeated, integers
    in 0..`limits.integer` without leading zeros. The outermost keys may come in
    any order (never twice) and bytes may follow the dictionary: clients accept
    both and neither touches the info-hash.

    Raises MalformedBencode, or InfoNotCanonical inside the value of `info`, with
    the byte offset (a file cut short is malformed wherever it ends);
    NestedTooDeep, TooManyTokens and IntegerOutOfRange past the limits.
    """
    return _canonical_outline(raw, limits) or _Scanner(raw, limits).run()


def decode(raw: bytes) -> Bencoded:
    """Decode canonical bencoding: bytes, int, list, and dict with bytes keys.

    For values that `scan` has already bounded. Raises MalformedBencode, offset 0,
    when `raw` is not canonical.
    """
    try:
        return bencode2.bdecode(raw)
    except (bencode2.BencodeDecodeError, ValueError) as error:
        raise MalformedBencode(offset=0, reason="not_canonical") from error


def encode(value: Bencoded) -> bytes:
    """Encode canonically bytes, str (as UTF-8), int, list, tuple and dict.

    Raises TypeError for anything else: that is a bug of the caller.
    """
    return bencode2.bencode(value)


def encode_around(values: dict[bytes, Bencoded], slices: dict[bytes, bytes]) -> bytes:
    """Encode a dictionary in which the values of `slices` are already encoded.

    Keys are sorted over both; those bytes are copied untouched (DL-1).
    """
    parts = slices | {key: encode(value) for key, value in values.items()}
    body = b"".join(encode(key) + parts[key] for key in sorted(parts))
    return b"d" + body + b"e"


def _canonical_outline(raw: bytes, limits: Limits) -> Outline | None:
    """Say the same of a file of few tokens in which nothing is wrong, much faster; else None.

    It is decoded, and encoded again: equal bytes are canonical in all their parts.
    """
    if raw[:1] != b"d" or (len(raw) > _QUICK_BYTES and _most_tokens(raw) > limits.tokens):
        return None
    try:
        values = decode(raw)
    except MalformedBencode:
        return None
    tokens = _counted(values, limits)
    if tokens is None:
        return None
    slices: dict[bytes, tuple[int, int]] = {}
    parts, at = [b"d"], 1
    for key, value in values.items():
        name, part = encode(key), encode(value)
        start = at + len(name)
        at = start + len(part)
        slices[key] = (start, at)
        parts += name, part
    if b"".join(parts) + b"e" != raw or [*slices] != sorted(slices):
        return None
    return Outline(slices, at + 1, 0, is_sorted=True, tokens=tokens, values=values)


def _most_tokens(raw: bytes) -> int:
    """Return a number that its tokens cannot exceed: of all bytes that begin or end one."""
    return sum(map(raw.count, (b":", b"i", b"l", b"d")))


def _counted(values: dict[bytes, Bencoded], limits: Limits) -> int | None:
    """Count the tokens of a decoded dictionary; None when it is past a limit."""
    tokens, depth = 1, 0
    level: list[Bencoded] = [values]
    while level:
        depth += 1
        below: list[Bencoded] = []
        for node in level:
            is_dict = type(node) is dict
            tokens += 2 * len(node) if is_dict else len(node)
            for value in node.values() if is_dict else node:
                if type(value) is int:
                    if not 0 <= value <= limits.integer:
                        return None
                elif type(value) is not bytes:
                    below.append(value)
        level = below
    return tokens if depth <= limits.depth and tokens <= limits.tokens else None


class _Scanner:
    """One pass over the bytes. `frames` holds, per open container, the last key or `_LIST`."""

    __slots__ = (
        "end",
        "frames",
        "in_dict",
        "is_sorted",
        "limits",
        "pos",
        "raw",
        "slices",
        "tokens",
        "value_at",
        "value_due",
    )

    _LIST: Final = b"\xff list"  # compared by identity only

    def __init__(self, raw: bytes, limits: Limits) -> None:
        self.raw = raw
        self.limits = limits
        self.pos = self.tokens = self.value_at = self.end = 0
        self.frames: list[bytes | None] = []
        self.in_dict = self.value_due = False
        self.is_sorted = True
        self.slices: dict[bytes, tuple[int, int]] = {}

    def run(self) -> Outline:
        raw, match, max_tokens = self.raw, _TOKEN.match, self.limits.tokens
        steps = (None, self._string, self._integer, self._open, self._close)
        if raw[:1] != b"d":
            raise self._fault("not_a_dictionary")
        while not self.end:
            token = match(raw, self.pos)
            if token is None:
                raise self._no_token()
            kind = token.lastindex or 0
            if kind != _CLOSE:
                self.tokens += 1
                if self.tokens > max_tokens:
                    raise TooManyTokens(offset=self.pos, limit=max_tokens)
            step = steps[kind]
            assert step is not None  # noqa: S101 - the pattern has groups 1 to 4 only
            step(token)
        trailing = len(raw) - self.end
        return Outline(self.slices, self.end, trailing, self.is_sorted, self.tokens)

    def _string(self, token: re.Match[bytes]) -> None:
        start = token.end()
        end = start + int(token[_STRING])
        if end > len(self.raw):
            raise self._fault("truncated")
        if self.in_dict and not self.value_due:
            self._key(self.raw[start:end])
            self.pos = end
            if len(self.frames) == 1:
                self.value_at = end
        else:
            self.pos = end
            self._value_done()

    def _key(self, key: bytes) -> None:
        last = self.frames[-1]
        if last is not None and key <= last:
            if len(self.frames) > 1:
                raise self._fault("duplicate_key" if key == last else "unsorted_keys")
            if key in self.slices:
                raise self._fault("duplicate_key")
            self.is_sorted = False
        self.frames[-1] = key
        self.value_due = True

    def _integer(self, token: re.Match[bytes]) -> None:
        if self.in_dict and not self.value_due:
            raise self._fault("key_is_not_a_string")
        if int(token[_INTEGER]) > self.limits.integer:
            raise IntegerOutOfRange(offset=self.pos, key=self._top_key())
        self.pos = token.end()
        self._value_done()

    def _open(self, token: re.Match[bytes]) -> None:
        if self.in_dict and not self.value_due:
            raise self._fault("key_is_not_a_string")
        if len(self.frames) >= self.limits.depth:
            raise NestedTooDeep(offset=self.pos, limit=self.limits.depth)
        self.pos = token.end()
        self.in_dict = token[_OPEN] == b"d"
        self.value_due = False
        self.frames.append(None if self.in_dict else self._LIST)
        if not self.in_dict:
            self._skip_runs()

    def _skip_runs(self) -> None:
        """Pass over what stands first in a list and cannot be wrong, as far as limits allow."""
        while run := _RUN.match(self.raw, self.pos) if self.limits.integer >= _SMALL else None:
            found = self.raw.count(b"e", self.pos, run.end())
            found += self.raw.count(b":", self.pos, run.end())
            if self.tokens + found > self.limits.tokens:
                return
            self.tokens += found
            self.pos = run.end()

    def _close(self, token: re.Match[bytes]) -> None:
        if self.in_dict and self.value_due:
            raise self._fault("key_without_value")
        self.pos = token.end()
        self.frames.pop()
        if not self.frames:
            self.end = self.pos
            return
        self.in_dict = self.frames[-1] is not self._LIST
        self._value_done()

    def _value_done(self) -> None:
        self.value_due = False
        if len(self.frames) == 1:
            self.slices[self.frames[0] or b""] = (self.value_at, self.pos)

    def _top_key(self) -> str:
        key = self.frames[0] if self.frames else None
        return (key or b"").decode("ascii", "backslashreplace")

    def _no_token(self) -> MetainfoRefusal:
        for pattern, reason in _FAULTS:
            if pattern.match(self.raw, self.pos):
                if reason in _RANGE_FAULTS:
                    return IntegerOutOfRange(offset=self.pos, key=self._top_key())
                return self._fault(reason)
        return self._fault("unexpected_byte")

    def _fault(self, reason: str) -> MetainfoRefusal:
        is_inside = self._top_key() == "info" and (len(self.frames) > 1 or self.value_due)
        if is_inside and reason != "truncated":
            return InfoNotCanonical(offset=self.pos, reason=reason, hint=_REPAIR_HINT)
        return MalformedBencode(offset=self.pos, reason=reason)
