"""Typed reads of decoded dictionaries, with the offending key in every refusal."""

from bottin.metainfo.bencode import Bencoded
from bottin.metainfo.errors import MissingKey, WrongType

Dictionary = dict[bytes, Bencoded]


def integer(values: Dictionary, key: bytes, where: str = "info") -> int:
    """Return the integer at `key`. Raises MissingKey, WrongType."""
    value = _required(values, key, where)
    if not isinstance(value, int):
        raise WrongType(key=named(key, where), expected="integer")
    return value


def string(values: Dictionary, key: bytes, where: str = "info") -> bytes:
    """Return the byte string at `key`. Raises MissingKey, WrongType."""
    value = _required(values, key, where)
    if not isinstance(value, bytes):
        raise WrongType(key=named(key, where), expected="string")
    return value


def sequence(values: Dictionary, key: bytes, where: str = "info") -> list[Bencoded]:
    """Return the list at `key`. Raises MissingKey, WrongType."""
    value = _required(values, key, where)
    if not isinstance(value, list):
        raise WrongType(key=named(key, where), expected="list")
    return value


def dictionary(values: Dictionary, key: bytes, where: str = "info") -> Dictionary:
    """Return the dictionary at `key`. Raises MissingKey, WrongType."""
    value = _required(values, key, where)
    if not isinstance(value, dict):
        raise WrongType(key=named(key, where), expected="dictionary")
    return value


def named(key: bytes, where: str) -> str:
    """Return `where.key` for a refusal's context."""
    shown = key.decode("utf-8", "backslashreplace")
    return f"{where}.{shown}" if where else shown


def _required(values: Dictionary, key: bytes, where: str) -> Bencoded:
    if key not in values:
        raise MissingKey(key=named(key, where))
    return values[key]
