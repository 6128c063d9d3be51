"""Rencode, which Deluge speaks: bencode whose type byte may hold a small value."""

import struct
from typing import Any, Final

_LIST, _DICT, _INT, _INT64, _TERM = 59, 60, 61, 65, 127
_CONSTANTS: Final = {67: True, 68: False, 69: None}
_NUMBERS: Final = {44: ">d", 62: ">b", 63: ">h", 64: ">i", _INT64: ">q", 66: ">f"}
# A small value in the type byte itself: where each kind begins.
_SMALL_INT, _SMALL_NEGATIVE, _SMALL_DICT, _SMALL_STRING, _SMALL_LIST = 0, 70, 102, 128, 192
_ENDS: Final = {_SMALL_INT: 44, _SMALL_NEGATIVE: 102, _SMALL_DICT: 127, _SMALL_STRING: 192}


def dumps(value: object) -> bytes:
    """Encode None, booleans, integers, strings, lists and dictionaries."""
    match value:
        case None | bool():
            byte = next(code for code, constant in _CONSTANTS.items() if constant is value)
            return bytes([byte])
        case int():
            return b"%c%s" % (_INT64, value.to_bytes(8, "big", signed=True))
        case str():
            raw = value.encode()
            return b"%d:%s" % (len(raw), raw)
        case list() | tuple():
            return b"%c%s%c" % (_LIST, b"".join(map(dumps, value)), _TERM)
        case dict():
            pairs = [part for pair in value.items() for part in pair]
            return b"%c%s%c" % (_DICT, b"".join(map(dumps, pairs)), _TERM)
    raise TypeError(type(value).__name__)


def loads(raw: bytes) -> Any:
    """Decode one value; strings are UTF-8."""
    return _Reader(raw).value()


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, 0

    def take(self, count: int) -> bytes:
        self.at += count
        return self.raw[self.at - count : self.at]

    def until(self, end: int) -> bytes:
        return self.take(self.raw.index(end, self.at) + 1 - self.at)[:-1]

    def value(self) -> Any:
        (code,) = self.take(1)
        if code in _CONSTANTS:
            return _CONSTANTS[code]
        if code in _NUMBERS:
            form = _NUMBERS[code]
            return struct.unpack(form, self.take(struct.calcsize(form)))[0]
        if chr(code).isdigit() and chr(code).isascii():
            self.at -= 1
            return self.take(int(self.until(ord(":")))).decode()
        if code == _INT:
            return int(self.until(_TERM))
        if code in {_LIST, _DICT}:
            return self.many(code)
        return self.small(code)

    def many(self, code: int) -> Any:
        values = []
        while self.raw[self.at] != _TERM:
            values.append(self.value())
        self.at += 1
        return values if code == _LIST else dict(zip(values[::2], values[1::2], strict=True))

    def small(self, code: int) -> Any:
        if code < _ENDS[_SMALL_INT]:
            return code
        if code < _ENDS[_SMALL_NEGATIVE]:
            return _SMALL_NEGATIVE - 1 - code
        if code < _ENDS[_SMALL_DICT]:
            return {self.value(): self.value() for _ in range(code - _SMALL_DICT)}
        if code < _ENDS[_SMALL_STRING]:
            return self.take(code - _SMALL_STRING).decode()
        return [self.value() for _ in range(code - _SMALL_LIST)]
