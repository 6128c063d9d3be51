"""Values of settings: addresses, secrets, rates, sizes; each parses its text or refuses it."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

KIB: Final = 1024
MIB: Final = 1024 * KIB

_BYTE_UNITS: Final = {"": 1, "kib": KIB, "mib": MIB, "gib": 1024 * MIB}
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SIZE: Final = re.compile(r"(\d{1,12})\s*([a-z]*)", re.IGNORECASE)
_RATE: Final = re.compile(r"(\d{1,9})\s*/\s*(\d{0,6})\s*([smhd])")
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_PORT_MAX: Final = 65_535


class _Parsed:
    """A value with one text form: `parse` reads it, `str` gives it back."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: object) -> Self:
        raise NotImplementedError

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[object], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda given: given if isinstance(given, cls) else cls.parse(given),
            serialization=core_schema.to_string_ser_schema(),
        )


@dataclass(frozen=True, slots=True)
class Secret(_Parsed):
    """A text that never shows itself: `repr` and `str` are `***`."""

    _text: str

    @classmethod
    def parse(cls, text: object) -> Self:
        if not isinstance(text, str) or not text:
            raise ValueError("is empty")
        return cls(text)

    def reveal(self) -> str:
        """Give the text itself; call it where the secret is used and nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __str__(self) -> str:
        return "***"


@dataclass(frozen=True, slots=True)
class Address(_Parsed):
    """Where a program listens: `HOST:PORT`, an IPv6 address in brackets."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: object) -> Self:
        host, colon, port = str(text).strip().rpartition(":")
        if not colon or not port.isascii() or not port.isdigit() or int(port) > _PORT_MAX:
            raise ValueError(f"{text!r} is not an address such as 127.0.0.1:8411 or [::1]:8411")
        bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        if (":" in bare) != (bare != host) or not (bare == host or ":" in bare):
            raise ValueError(f"{text!r}: an IPv6 address goes in brackets, as in [::1]:8411")
        if ":" not in bare and not _HOST.fullmatch(bare):
            raise ValueError(f"{text!r} does not name a host")
        return cls(bare, int(port))

    @property
    def is_any(self) -> bool:
        """Whether it means every interface of the machine."""
        return self.host in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Rate(_Parsed):
    """How often something may happen: `10/5m` is ten times in five minutes."""

    count: int
    window_s: int

    @classmethod
    def parse(cls, text: object) -> Self:
        found = _RATE.fullmatch(str(text).strip())
        if found is None:
            raise ValueError(f"{text!r} is not a rate such as 10/5m (units: s, m, h, d)")
        window_s = int(found[2] or 1) * _SECONDS[found[3]]
        if int(found[1]) < 1 or window_s < 1:
            raise ValueError(f"{text!r} allows nothing: both numbers must be at least 1")
        return cls(int(found[1]), window_s)

    @property
    def window(self) -> timedelta:
        """The window as a duration."""
        return timedelta(seconds=self.window_s)

    def __str__(self) -> str:
        unit, length_s = next(
            (unit, seconds)
            for unit, seconds in reversed(_SECONDS.items())
            if self.window_s % seconds == 0
        )
        times = self.window_s // length_s
        return f"{self.count}/{'' if times == 1 else times}{unit}"


def parse_size(given: object) -> int:
    """Read a number of bytes: `4194304`, `4096 KiB` or `4MiB`."""
    found = _SIZE.fullmatch(str(given).strip())
    factor = _BYTE_UNITS.get(found[2].lower()) if found else None
    if found is None or factor is None:
        raise ValueError(f"{given!r} is not a size such as 4MiB (units: KiB, MiB, GiB)")
    return int(found[1]) * factor


def parse_bool(given: object) -> bool:
    """Read `true` or `false`, nothing else: a `no` taken for a yes is a hole."""
    if isinstance(given, bool):
        return given
    if given in {"true", "false"}:
        return given == "true"
    raise ValueError(f"{given!r} is neither true nor false")


def parse_origin(given: object) -> str:
    """Read `https://bottin.example` or `http://localhost:8411`: nothing after the port."""
    text = str(given).strip().rstrip("/")
    try:
        parts = urlsplit(text)
        rebuilt = f"{parts.scheme}://{parts.netloc}"
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        has_host, rebuilt = False, ""
    plain = rebuilt == text and "@" not in text and not any(c.isspace() for c in text)
    if not has_host or not plain or not text.startswith(("http://", "https://")):
        raise ValueError(f"{given!r} is not a site address such as https://bottin.example")
    return text


def split_list(given: object) -> object:
    """Split `a, b` at commas; lists (from TOML) pass through."""
    if isinstance(given, str):
        return [part.strip() for part in given.split(",") if part.strip()]
    return given


Bool = Annotated[bool, BeforeValidator(parse_bool)]
Size = Annotated[int, BeforeValidator(parse_size)]
Origin = Annotated[str, BeforeValidator(parse_origin)]
Texts = Annotated[tuple[str, ...], BeforeValidator(split_list)]
Rates = Annotated[tuple[Rate, ...], BeforeValidator(split_list)]
_Family = Annotated[str, Field(pattern=r"^[!-~]{2,8}$")]
ClientFamilies = Annotated[tuple[_Family, ...], BeforeValidator(split_list)]
Addresses = Annotated[tuple[Address, ...], BeforeValidator(split_list)]
