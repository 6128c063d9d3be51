"""The file in which a publisher describes a release: `bottin.toml` or `bottin.json`."""

from pathlib import Path
from typing import Any, Final

from bottin.config.commands.publish_words import gettext as _
from bottin.config.publishing import files
from bottin.config.publishing.said import BadMetadata, Said
from bottin.config.publishing.tables import Table, read_table

NAMES: Final = ("bottin.toml", "bottin.json")


def find(path: Path) -> Path | None:
    """Return the sidecar of a path: in a folder, or beside as `<name>.bottin.toml` (or `.json`).

    Raises BadMetadata when there are several: none is more right than the other.
    """
    inside = [path / name for name in NAMES] if path.is_dir() else []
    beside = [path.with_name(f"{path.name}.{name}") for name in NAMES]
    there = [place for place in (*inside, *beside) if files.is_there(place)]
    if len(there) > 1:
        names = ", ".join(place.name for place in there)
        raise BadMetadata(path.name, _("several files describe it (%s): keep one.") % names)
    return there[0] if there else None


def load(path: Path) -> Table:
    """Read a sidecar file, and the description it points to. Raises BadMetadata."""
    table = parse(files.text_of(path), path.name)
    for part in (table, *table.releases.values()):
        _add_description(part, path)
    return table


def parse(text: str, name: str) -> Table:
    """Read TOML, or JSON when the name ends so. Raises BadMetadata."""
    reader = files.json_table if name.endswith(".json") else files.toml_table
    given: dict[str, Any] = reader(text, name)
    return read_table(given, name, has_parts=True)


def _add_description(table: Table, sidecar: Path) -> None:
    """Read the file that the description is in: beside the sidecar or below, nowhere else."""
    if not table.description_file:
        return
    parts = Path(table.description_file).parts
    target = sidecar.parent.joinpath(*parts)
    if Path(table.description_file).is_absolute() or ".." in parts:
        words = _("description_file %s must be beside it or below.")
        raise BadMetadata(sidecar.name, words % table.description_file)
    if not files.is_there(target):
        words = _("description_file %s is not there.")
        raise BadMetadata(sidecar.name, words % table.description_file)
    origin = f"{table.description_file} ({sidecar.name})"
    table.fields["description"] = Said(files.text_of(target).strip(), origin)
