"""Reads the small files beside or within content: bounded, never through a link, never twice a key.

What cannot be read ends in BadMetadata, with a sentence that says where.
"""

import json
import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from bottin.config.commands.publish_words import gettext as _
from bottin.config.publishing.said import BadMetadata

MOST_BYTES: Final = 1024 * 1024
YAML_BYTES: Final = 256 * 1024
_NULL_TAG: Final = "tag:yaml.org,2002:null"
_NUL: Final = "\x00"


def is_there(path: Path) -> bool:
    """Say whether a regular file stands there; a link does not count, wherever it leads."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def text_of(path: Path, most_bytes: int = MOST_BYTES) -> str:
    """Return a file as UTF-8 text, without its byte order mark. Raises BadMetadata."""
    try:
        if path.stat().st_size > most_bytes:
            raise BadMetadata(path.name, _("larger than %d KiB.") % (most_bytes // 1024))
        return decoded(path.read_bytes(), path.name)
    except OSError as error:
        words = _("cannot be read: %s.") % (error.strerror or "").lower()
        raise BadMetadata(path.name, words) from None


def decoded(raw: bytes, name: str) -> str:
    """Return bytes as text. Raises BadMetadata when they are not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        words = _("not UTF-8 text at byte %d.") % error.start
        raise BadMetadata(name, words) from None


def toml_table(text: str, name: str) -> dict[str, Any]:
    """Read a TOML document. Raises BadMetadata with line and column."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMetadata(name, _("not TOML: %s.") % _brief(error)) from None


def json_table(text: str, name: str) -> dict[str, Any]:
    """Read a JSON object in which no key comes twice. Raises BadMetadata with line and column."""
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadMetadata(name, _("not JSON: %s.") % _brief(error)) from None
    return _table(found, name)


def yaml_table(text: str, name: str) -> dict[str, Any]:
    """Read a YAML mapping: scalars as they are written, no key twice, no tags.

    Raises BadMetadata with line and column.
    """
    if len(text) > YAML_BYTES:
        raise BadMetadata(name, _("larger than %d KiB.") % (YAML_BYTES // 1024))
    try:
        found = yaml.load(text, Loader=_Written)  # noqa: S506 - a SafeLoader that reads less
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadMetadata(name, _("not YAML: %s.") % _brief(error)) from None
    return _table(found, name)


def words_of(value: object) -> str:
    """Return a scalar as trimmed text; "" for anything else."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return value.replace(_NUL, "").strip()
    return str(value) if isinstance(value, int) else ""


def rows_of(value: object) -> list[dict[str, Any]]:
    """Return the tables of a list, other things left out; [] for anything else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


class _Written(yaml.SafeLoader):
    """Reads `1.10`, `yes` and `2019-01-02` as the words they are; only null stays null."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - the library's own signature
        """Build a mapping; a key that comes twice is an error, not a loss."""
        seen: set[str] = set()
        for key, _value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key is no word", key.start_mark
                )
            if key.value in seen:
                problem = f"the key {key.value!r} comes twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_Written.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag == _NULL_TAG]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _value in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} comes twice")
    return found


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _table(found: object, name: str) -> dict[str, Any]:
    if not isinstance(found, Mapping):
        raise BadMetadata(name, _("holds no table of fields."))
    return {str(key): value for key, value in found.items()}


def _brief(error: Exception) -> str:
    """Return the reason in one line."""
    if isinstance(error, RecursionError):
        return _("nested too deep")
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        problem = getattr(error, "problem", None) or getattr(error, "context", None) or ""
        place = {"line": mark.line + 1, "column": mark.column + 1}
        return f"{problem} ({_('line %(line)d, column %(column)d') % place})"
    return " ".join(str(error).split()).rstrip(".")[:200]
