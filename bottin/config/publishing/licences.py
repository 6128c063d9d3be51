"""Which licence a folder states: SPDX identifiers, REUSE, and the addresses of licences."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from bottin.config.commands.publish_words import gettext as _
from bottin.config.publishing import files
from bottin.config.publishing.said import BadMetadata, Found

LONGEST: Final = 200
_TAG: Final = re.compile(r"SPDX-License-Identifier:[ \t]*([^\r\n]{1,200})")
_TAG_ENDS: Final = re.compile(r"[ \t]*(?:-->|\*/|\"+|'+)?[ \t]*\Z")
_HEAD_BYTES: Final = 64 * 1024
_NAMED: Final = re.compile(
    r"(?:readme|lisezmoi|licen[cs]e|copying)(?:\.[a-z]{2,8})?\Z", re.IGNORECASE
)
_CREATIVE: Final = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/licenses/(by(?:-nc)?(?:-nd|-sa)?)/(\d\.\d)\b"
)
_ADDRESSES: Final = (
    (re.compile(r"https?://(?:www\.)?creativecommons\.org/publicdomain/zero/1\.0\b"), "CC0-1.0"),
    (re.compile(r"https?://(?:www\.)?opendatacommons\.org/licenses/pddl\b"), "PDDL-1.0"),
    (re.compile(r"https?://(?:www\.)?opendatacommons\.org/licenses/by\b"), "ODC-By-1.0"),
    (re.compile(r"https?://(?:www\.)?opendatacommons\.org/licenses/odbl\b"), "ODbL-1.0"),
)
_SPDX_PAGE: Final = re.compile(r"https?://spdx\.org/licenses/([A-Za-z0-9.+-]{1,60}?)(?:\.html)?\Z")
# Open Definition's names of what SPDX calls otherwise.
_OTHER_NAMES: Final = {"odc-pddl-1.0": "PDDL-1.0", "odc-by-1.0": "ODC-By-1.0"}


@cache
def _spdx() -> Any:  # noqa: ANN401 - the library has no types
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def normalised(stated: str) -> str | None:
    """Return an SPDX expression in its one form (`GPL-3.0+` → `GPL-3.0-or-later`), None if none.

    Knows identifiers in any case, Open Definition's names, addresses of licences.
    """
    from boolean.boolean import ParseError
    from license_expression import ExpressionError

    text = _OTHER_NAMES.get(stated.strip().lower(), stated.strip())
    text = _from_address(text) or text
    if not text or len(text) > LONGEST:
        return None
    try:
        parsed = _spdx().parse(text, validate=True)
        return str(parsed.simplify()) if parsed is not None else None
    except (ExpressionError, ParseError):
        return None
    except (AssertionError, AttributeError, TypeError, LookupError, RecursionError):
        return None  # what the library raises on brackets without a name


def is_single(expression: str) -> bool:
    """Say whether a normalised expression names one licence: no choice, no sum."""
    return " AND " not in expression and " OR " not in expression


def in_folder(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (file, what it states): REUSE's folder and table, and tags in the usual files.

    Raises BadMetadata for a REUSE.toml that cannot be read.
    """
    kept = folder / "LICENSES"
    if kept.is_dir() and not kept.is_symlink():
        names = sorted(entry.name for entry in kept.iterdir() if files.is_there(entry))
        for name in names:
            yield f"LICENSES/{name}", name.removesuffix(".txt")
    if files.is_there(folder / "REUSE.toml"):
        yield from _reuse_table(folder / "REUSE.toml")
    for entry in sorted(folder.iterdir()):
        if _NAMED.match(entry.name) and files.is_there(entry):
            yield from ((entry.name, stated) for stated in _tags(entry))


def of_file(path: Path) -> Iterator[tuple[str, str]]:
    """Yield what REUSE's `<name>.license` beside a file states."""
    beside = path.with_name(f"{path.name}.license")
    if files.is_there(beside):
        yield from ((beside.name, stated) for stated in _tags(beside))


def settle(stated: list[tuple[str, str]], found: Found) -> None:
    """Take the licence that all sources agree on; else leave a note that says who says what."""
    forms: dict[str, list[str]] = {}
    for origin, words in stated:
        form = normalised(words)
        if form is None:
            note = _("%(file)s: “%(words)s” is no SPDX identifier; not taken as the licence.")
            found.notes.append(note % {"file": origin, "words": words[:80]})
        elif origin not in forms.setdefault(form, []):
            forms[form].append(origin)
    if len(forms) == 1 and is_single(next(iter(forms))):
        form, origins = forms.popitem()
        found.take("licence", form, ", ".join(origins))
    elif forms:
        listed = "; ".join(f"{form} ({', '.join(origins)})" for form, origins in forms.items())
        found.notes.append(_("several licences are stated: %s. Say which with --licence.") % listed)


def _from_address(text: str) -> str | None:
    if creative := _CREATIVE.match(text):
        return f"CC-{creative[1].upper()}-{creative[2]}"
    if page := _SPDX_PAGE.match(text):
        return page[1]
    return next((known for pattern, known in _ADDRESSES if pattern.match(text)), None)


def _reuse_table(path: Path) -> Iterator[tuple[str, str]]:
    table = files.toml_table(files.text_of(path), path.name)
    for row in files.rows_of(table.get("annotations")):
        given = row.get("SPDX-License-Identifier")
        listed = given if isinstance(given, list) else [given]
        yield from ((path.name, words) for one in listed if (words := files.words_of(one)))


def _tags(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).decode("utf-8", "replace")
    except OSError as error:
        words = _("cannot be read: %s.") % (error.strerror or "").lower()
        raise BadMetadata(path.name, words) from None
    return [_TAG_ENDS.sub("", words) for words in _TAG.findall(head)]
