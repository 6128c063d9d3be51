"""What a folder says of itself: `datapackage.json`, `CITATION.cff`, REUSE licences, a README."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from bottin.config.commands.publish_words import gettext as _
from bottin.config.publishing import citation, datapackage, files, licences
from bottin.config.publishing.said import BadMetadata, Found

# Of a description (META-14), of a title, of a label: longer ones are left for the person to say.
DESCRIPTION_BYTES: Final = 16 * 1024
TITLE_LENGTH: Final = 200
TAG_LENGTH: Final = 40
READMES: Final = ("README.md", "README.markdown", "LISEZMOI.md", "README.txt", "README")

Reader = Callable[[str], tuple[Found, list[tuple[str, str]]]]
# The first that says a field is believed; for the licence all have to agree.
_READERS: Final[tuple[tuple[str, Reader], ...]] = (
    (datapackage.NAME, datapackage.read),
    (citation.NAME, citation.read),
)


def of_path(path: Path) -> Found:
    """Return what is found in a folder, or beside a file; links are not followed.

    Raises BadMetadata when a file that describes it cannot be read.
    """
    found = Found()
    if not path.is_dir():
        licences.settle(list(licences.of_file(path)), found)
        return found
    stated: list[tuple[str, str]] = []
    try:
        for name, reader in _READERS:
            if files.is_there(path / name):
                part, licence = reader(files.text_of(path / name))
                _join(found, part)
                stated += licence
        stated += licences.in_folder(path)
        _take_readme(path, found)
    except OSError as error:
        words = _("cannot be read: %s.") % (error.strerror or "").lower()
        raise BadMetadata(path.name, words) from None
    licences.settle(stated, found)
    return found


def _join(found: Found, part: Found) -> None:
    found.notes += part.notes
    for name, said in part.fields.items():
        value, origin = said.value, said.origin
        if name == "title" and len(value) > TITLE_LENGTH:
            words = _("%(file)s: the title is longer than %(most)d characters; not taken.")
            found.notes.append(words % {"file": origin, "most": TITLE_LENGTH})
        elif name == "description":
            _take_description(str(value), origin, found)
        elif name == "tags" and not isinstance(value, str):
            found.take(name, _fitting(value, origin, found), origin)
        else:
            found.take(name, value, origin)


def _fitting(tags: tuple[str, ...], origin: str, found: Found) -> tuple[str, ...]:
    for tag in tags:
        if len(tag) > TAG_LENGTH:
            words = _("%(file)s: the keyword “%(tag)s…” is too long; not taken.")
            found.notes.append(words % {"file": origin, "tag": tag[:TAG_LENGTH]})
    return tuple(tag for tag in tags if len(tag) <= TAG_LENGTH)


def _take_readme(folder: Path, found: Found) -> None:
    """Take the first README, when nothing else describes the release."""
    if "description" in found.fields:
        return
    listed = {entry.name.lower(): entry for entry in folder.iterdir() if files.is_there(entry)}
    chosen = next((listed[name.lower()] for name in READMES if name.lower() in listed), None)
    if chosen is None:
        return
    try:
        _take_description(files.text_of(chosen).strip(), chosen.name, found)
    except BadMetadata as error:
        found.notes.append(_("%s It is not taken as the description.") % error)


def _take_description(text: str, origin: str, found: Found) -> None:
    if len(text.encode("utf-8", "replace")) > DESCRIPTION_BYTES:
        words = _("%(file)s: longer than %(most)d KiB; not taken as the description.")
        found.notes.append(words % {"file": origin, "most": DESCRIPTION_BYTES // 1024})
    else:
        found.take("description", text, origin)
