"""Bytes, counts and durations in words, French or English."""

from typing import Final

NARROW_SPACE: Final = "\u202f"  # French: before a unit and between thousands
SPACE: Final = "\u00a0"  # English: before a unit, so that it stays with its number

_THOUSAND: Final = 1_000
_UNITS: Final = {
    "fr": ("o", "ko", "Mo", "Go", "To", "Po", "Eo"),
    "en": ("B", "kB", "MB", "GB", "TB", "PB", "EB"),
}
_ONE_DECIMAL_BELOW: Final = 100

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_YEAR: Final = 365 * _DAY
_SPANS: Final = {
    "fr": ((_YEAR, "an"), (_DAY, "j"), (_HOUR, "h"), (_MINUTE, "min"), (1, "s")),
    "en": ((_YEAR, "y"), (_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"), (1, "s")),
}


def format_bytes(size_bytes: int, language: str = "fr") -> str:
    """Return a size in decimal units: `1,5 Go` in French, `1.5 GB` in any other language.

    One decimal below 100 of a unit, none from there on nor for a zero. The space
    does not break: narrow (U+202F) in French, plain (U+00A0) in English.
    """
    units = _UNITS[_known(language)]
    value = float(abs(size_bytes))
    index = 0
    while index < len(units) - 1 and value >= _THOUSAND - (0.5 if index else 0):
        value /= _THOUSAND
        index += 1
    sign = "-" if size_bytes < 0 else ""
    return f"{sign}{_short(value, language)}{_space(language)}{units[index]}"


def format_number(number: int, language: str = "fr") -> str:
    """Return a count with its thousands apart: `1 234` (U+202F) in French, `1,234` in English."""
    separator = NARROW_SPACE if _known(language) == "fr" else ","
    return f"{number:,}".replace(",", separator)


def format_duration(seconds: float, language: str = "fr") -> str:
    """Return a duration by its two largest units: `3 j 4 h`, `3 d 4 h`; below a second, `0 s`.

    A year counts 365 days; fractions of the smaller unit are dropped.
    """
    left = int(abs(seconds))
    space = _space(language)
    parts: list[str] = []
    for length, unit in _SPANS[_known(language)]:
        count, left = divmod(left, length)
        if count:
            plural = "s" if unit == "an" and count > 1 else ""
            parts.append(f"{count}{space}{unit}{plural}")
        elif parts:
            break
        if len(parts) == 2:  # noqa: PLR2004 - the two units of the contract
            break
    sign = "-" if seconds <= -1 else ""
    return sign + (space.join(parts) or f"0{space}s")


def _short(value: float, language: str) -> str:
    rounded = round(value, 1)
    text = f"{value:.0f}" if rounded >= _ONE_DECIMAL_BELOW else f"{rounded:.1f}".removesuffix(".0")
    return text.replace(".", ",") if _known(language) == "fr" else text


def _known(language: str) -> str:
    return "fr" if language.startswith("fr") else "en"


def _space(language: str) -> str:
    return NARROW_SPACE if _known(language) == "fr" else SPACE
