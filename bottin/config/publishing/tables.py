"""The one schema in which a person describes releases: sidecar files and templates share it.

Fields have the names of the API's form; `[torrent]` says how the torrent is made.
Nothing is guessed: an unknown key or a value of another type is refused by its name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bottin.config.commands.publish_words import gettext as _
from bottin.config.publishing.said import LISTS, TEXTS, BadMetadata, Description, Said, Value

VERSIONS: Final = ("v1", "v2", "hybrid")
DESCRIPTION_FILE: Final = "description_file"


@dataclass(frozen=True, slots=True)
class Wish:
    """One choice of how to make the torrent, and its origin."""

    value: str | int | bool | tuple[str, ...]
    origin: str


@dataclass(slots=True)
class Table:
    """What a sidecar file or a template says: of the release, of the torrent, of its parts.

    `description_file` is the name of a file beside the table; `releases` are the
    tables of subfolders, by name.
    """

    fields: Description = field(default_factory=dict)
    torrent: dict[str, Wish] = field(default_factory=dict)
    releases: dict[str, "Table"] = field(default_factory=dict)
    description_file: str = ""


def read_table(given: Mapping[str, Any], origin: str, *, has_parts: bool = False) -> Table:
    """Check a table key by key. Raises BadMetadata, which names the first key at fault."""
    table = Table()
    for key, value in given.items():
        if key == "torrent":
            table.torrent = _torrent(_mapping(value, key, origin), origin)
        elif key == "releases" and has_parts:
            table.releases = {
                str(name): read_table(_mapping(row, f"releases.{name}", origin), origin)
                for name, row in _mapping(value, key, origin).items()
            }
        elif key == DESCRIPTION_FILE:
            table.description_file = _text(value, key, origin)
        elif key in _READERS:
            table.fields[key] = Said(_READERS[key](value, key, origin), origin)
        else:
            raise _fault(origin, key, _("is no field."))
    if table.description_file and "description" in table.fields:
        raise _fault(origin, DESCRIPTION_FILE, _("and description: say one of them."))
    return table


def _fault(origin: str, key: str, words: str) -> BadMetadata:
    return BadMetadata(origin, f"{key} {words}")


def _mapping(value: object, key: str, origin: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _fault(origin, key, _("must be a table."))
    return value


def _text(value: object, key: str, origin: str) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise _fault(origin, key, _("must be a text."))
    return value.strip()


def _category(value: object, key: str, origin: str) -> str:
    """Read an id as a number too."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else _text(value, key, origin)


def _texts(value: object, key: str, origin: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _fault(origin, key, _("must be a list of texts."))
    return tuple(_text(one, key, origin) for one in value)


def _flag(value: object, key: str, origin: str) -> str:
    if not isinstance(value, bool):
        raise _fault(origin, key, _("must be true or false."))
    return "true" if value else "false"


def _number(value: object, key: str, origin: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _fault(origin, key, _("must be a whole number."))
    if abs(value) >= 2**63:
        raise _fault(origin, key, _("is out of range."))
    return value


def _year(value: object, key: str, origin: str) -> str:
    return str(_number(value, key, origin))


def _facts(value: object, key: str, origin: str) -> tuple[str, ...]:
    pairs: list[str] = []
    for kind, given in _mapping(value, key, origin).items():
        where = f"{key}.{kind}"
        listed = given if isinstance(given, list) else [given]
        pairs += [f"{kind}={_category(one, where, origin)}" for one in listed]
    return tuple(pairs)


_READERS: Final[dict[str, Callable[[object, str, str], Value]]] = {
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(LISTS, _texts),
    "category": _category,
    "is_open": _flag,
    "year": _year,
    "facts": _facts,
}


def _torrent(given: Mapping[str, Any], origin: str) -> dict[str, Wish]:
    wishes: dict[str, Wish] = {}
    for key, value in given.items():
        where = f"torrent.{key}"
        if key not in _WISHES:
            raise _fault(origin, where, _("is no field."))
        wishes[key] = Wish(_WISHES[key](value, where, origin), origin)
    return wishes


def _version(value: object, key: str, origin: str) -> str:
    if value not in VERSIONS:
        raise _fault(origin, key, _("must be v1, v2 or hybrid."))
    return str(value)


def _bool(value: object, key: str, origin: str) -> bool:
    return _flag(value, key, origin) == "true"


_WISHES: Final[dict[str, Callable[[object, str, str], str | int | bool | tuple[str, ...]]]] = {
    "version": _version,
    "piece_length": _number,
    "is_private": _bool,
    "exclude": _texts,
    "announce": _texts,
}
