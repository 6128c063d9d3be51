"""From paths and options to releases: every field with its origin, nothing sent yet.

The first that says a field is believed: the command line, the release's own sidecar
file, what the sidecar above says of it, what that one says of all, the files found in
the folder, the template, the name of the folder.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bottin.config.commands.publish_words import gettext as _
from bottin.config.publishing import found as finding
from bottin.config.publishing import sidecar
from bottin.config.publishing.said import BadMetadata, Description, Found, Said, merged, missing
from bottin.config.publishing.tables import Table, Wish
from bottin.metainfo.build import BuildOptions
from bottin.metainfo.model import Outside, Version

ALWAYS_LEFT_OUT: Final = tuple(f"/{name}" for name in sidecar.NAMES)
# Origins that are no option and no file.
NAME: Final = "name"
DEFAULT: Final = "default"
_DEFAULTS: Final[dict[str, str | int | bool]] = {
    "version": "hybrid",
    "piece_length": 0,
    "is_private": False,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says, of every release alike."""

    given: Table
    template: Table = field(default_factory=Table)
    sidecar: Path | None = None
    is_each: bool = False
    is_found_read: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """A release to be made of `path`, absolute, and how its torrent is to be made."""

    path: Path
    described: Description
    torrent: Mapping[str, Wish]
    notes: tuple[str, ...] = ()

    def check_complete(self) -> None:
        """Raise BadMetadata when something that every site asks for is not said."""
        if lacking := missing(self.described):
            raise incomplete(self.path, lacking)

    @property
    def options(self) -> BuildOptions:
        """How to make the torrent; sidecar files at the top are no content."""
        wish = {name: each.value for name, each in self.torrent.items()}
        exclude, announce = wish.get("exclude", ()), wish.get("announce", ())
        trackers = announce if isinstance(announce, tuple) else ()
        return BuildOptions(
            version=_version(wish["version"]),
            piece_length=int(str(wish["piece_length"])),
            is_private=wish["is_private"] is True,
            exclude=(*(exclude if isinstance(exclude, tuple) else ()), *ALWAYS_LEFT_OUT),
            outside=Outside(trackers=tuple((address,) for address in trackers)),
        )


def releases_of(path: Path, asked: Asked) -> Iterator[Path]:
    """Return the paths that become releases: `path`, or each of its subfolders.

    Raises BadMetadata when there is none.
    """
    if not asked.is_each:
        yield path
        return
    folders = []
    if path.is_dir():
        folders = [entry for entry in sorted(path.iterdir()) if _is_release(entry)]
    if not folders:
        raise BadMetadata(path.name, _("has no subfolder to publish."))
    yield from folders


def left_out(path: Path, asked: Asked) -> Iterator[str]:
    """Say what stands beside the subfolders, and so is in no release."""
    if asked.is_each and path.is_dir():
        for entry in sorted(path.iterdir()):
            if not _is_release(entry) and not entry.name.endswith(sidecar.NAMES):
                yield _("%s is in no subfolder: it is in no release.") % entry.name


def plan_of(path: Path, asked: Asked) -> Plan:
    """Gather what is said of a release. Raises BadMetadata."""
    tables = [asked.given, *_sidecars(path, asked)]
    found = finding.of_path(path) if asked.is_found_read else Found()
    name = path.name if path.is_dir() else path.stem
    layers = [
        *(table.fields for table in tables),
        found.fields,
        asked.template.fields,
        {"title": Said(name, NAME)},
    ]
    wishes: dict[str, Wish] = {}
    for table in (*tables, asked.template):
        for key, wish in table.torrent.items():
            wishes.setdefault(key, wish)
    for key, value in _DEFAULTS.items():
        wishes.setdefault(key, Wish(value, DEFAULT))
    return Plan(path, merged(layers), wishes, tuple(found.notes))


def incomplete(path: Path, lacking: Sequence[str]) -> BadMetadata:
    """Return the refusal that names what nothing says, by the names of the form."""
    words = _("nothing says its %s: use an option, a bottin.toml or a template.")
    return BadMetadata(path.name, words % ", ".join(lacking))


def _sidecars(path: Path, asked: Asked) -> Iterator[Table]:
    """Yield what describes this release, the closest first."""
    own = asked.sidecar or sidecar.find(path)
    if own is not None:
        yield sidecar.load(own)
    above = sidecar.find(path.parent) if asked.is_each else None
    if above is not None:
        table = sidecar.load(above)
        _check_parts(table, path.parent, above.name)
        if path.name in table.releases:
            yield table.releases[path.name]
        yield table


def _check_parts(table: Table, folder: Path, origin: str) -> None:
    """Refuse a table of a subfolder that is not there: it is most likely misspelt."""
    for name in table.releases:
        if "/" in name or not _is_release(folder / name):
            raise BadMetadata(origin, _("releases.%s: there is no such subfolder.") % name)


def _is_release(entry: Path) -> bool:
    return entry.is_dir() and not entry.is_symlink() and not entry.name.startswith(".")


def _version(value: object) -> Version:
    match value:
        case "v1" | "v2":
            return value
        case _:
            return "hybrid"
