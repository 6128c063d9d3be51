"""Re-uploads of content that was taken down, each changed in one of the ways people try."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha1, sha256
from typing import Any, Final

from bottin.metainfo import bencode

MIB: Final = 1_048_576
VERSIONS: Final = ("v1", "v2", "hybrid")
# Name, size in bytes, and what stands for the content.
Entry = tuple[str, int, str]


@dataclass(frozen=True)
class Package:
    """A torrent to be. No file is longer than a piece, so v2 needs no layers."""

    version: str
    name: str = "Film libre (2019)"
    files: tuple[Entry, ...] = (
        ("film.mkv", 3 * MIB + 17, "film"),
        ("bonus/making-of.mkv", 2 * MIB + 5, "bonus"),
        ("lisezmoi.txt", 900, "text"),
    )
    piece_length: int = 4 * MIB
    info: tuple[tuple[str, Any], ...] = ()
    is_padded: bool = False

    def raw(self) -> bytes:
        """Write the `.torrent`."""
        info: dict[str, Any] = {"name": self.name, "piece length": self.piece_length}
        info |= dict(self.info)
        if self.version != "v1":
            info |= {"meta version": 2, "file tree": self._tree()}
        if self.version != "v2":
            stream = self._stream()
            info["files"] = [entry for entry, _content in stream]
            info["pieces"] = self._pieces(stream)
        return bencode.encode(_as_bytes({"info": info}))

    def _tree(self) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        for path, size, content in self.files:
            node = tree
            for part in path.split("/"):
                node = node.setdefault(part, {})
            node[""] = {"length": size, "pieces root": sha256(content.encode()).digest()}
        return tree

    def _stream(self) -> list[tuple[dict[str, Any], str]]:
        files = sorted(self.files) if self.version == "hybrid" else list(self.files)
        stream: list[tuple[dict[str, Any], str]] = []
        for number, (path, size, content) in enumerate(files, start=1):
            stream.append(({"length": size, "path": path.split("/")}, content))
            gap = -size % self.piece_length
            if gap and number < len(files) and (self.is_padded or self.version == "hybrid"):
                pad = {"attr": "p", "length": gap, "path": [".pad", str(gap)]}
                stream.append((pad, f"{gap} zeros"))
        return stream

    def _pieces(self, stream: list[tuple[dict[str, Any], str]]) -> bytes:
        count = -(-sum(entry["length"] for entry, _content in stream) // self.piece_length)
        content = repr([content for _entry, content in stream])
        digests = (f"{self.piece_length} {number} {content}" for number in range(count))
        return b"".join(sha1(text.encode(), usedforsecurity=False).digest() for text in digests)


Mutation = Callable[[Package], Package]


def _files(change: Callable[[Entry], Entry]) -> Mutation:
    return lambda package: replace(package, files=tuple(map(change, package.files)))


def _renamed(entry: Entry) -> Entry:
    path, size, content = entry
    return f"{sha256(path.encode()).hexdigest()[:9]}.bin", size, content


def _plus(*entries: Entry) -> Mutation:
    return lambda package: replace(package, files=(*package.files, *entries))


def _info(**keys: Any) -> Mutation:
    return lambda package: replace(package, info=tuple(keys.items()))


def _only(*wanted: int) -> Mutation:
    return lambda package: replace(package, files=tuple(package.files[at] for at in wanted))


def _then(*steps: Mutation) -> Mutation:
    def run(package: Package) -> Package:
        for step in steps:
            package = step(package)
        return package

    return run


_NOTE: Final[Entry] = ("note.txt", 77, "note")
_OTHER_NAMES: Final = _files(_renamed)

# Always refused or held, from any version to any version.
CAUGHT: Final[dict[str, Mutation]] = {
    "as it was": lambda package: package,
    "other name of the torrent": lambda package: replace(package, name="Vacances"),
    "private flag": _info(private=1),
    "source": _info(source="elsewhere"),
    "private flag and source": _info(private=1, source="elsewhere"),
    "a key of its own": _info(entropy="7f3a"),
    "other pieces": lambda package: replace(package, piece_length=8 * MIB),
    "larger pieces": lambda package: replace(package, piece_length=16 * MIB),
    "padding": lambda package: replace(package, is_padded=True),
    "other order": lambda package: replace(package, files=package.files[::-1]),
    "files renamed": _OTHER_NAMES,
    "names in capitals": _files(lambda entry: (entry[0].upper(), *entry[1:])),
    "moved to a folder": _files(lambda entry: (f"a/b/{entry[0]}", *entry[1:])),
    "folders flattened": _files(lambda entry: (entry[0].rpartition("/")[2], *entry[1:])),
    "a note added": _plus(_NOTE),
    "a large file added": _plus(("other.mkv", 3 * MIB, "other")),
    "the text left out": _only(0, 1),
    "the film alone": _only(0),
    "the bonus alone": _only(1),
    "renamed, other pieces": _then(
        _OTHER_NAMES, lambda package: replace(package, name="x", piece_length=8 * MIB)
    ),
    "renamed, private, source": _then(_OTHER_NAMES, _info(private=1, source="x")),
    "a note added, other pieces": _then(
        _plus(_NOTE), lambda package: replace(package, piece_length=8 * MIB)
    ),
}
# Caught where both sides have v2 roots; v1 keeps nothing that would show it.
CAUGHT_BY_ROOTS: Final[dict[str, Mutation]] = {
    "renamed, a note added": _then(_OTHER_NAMES, _plus(_NOTE)),
    "the film alone, renamed": _then(_only(0), _OTHER_NAMES),
}
# Other bytes under other names: no digest of a `.torrent` can tell.
NOT_CAUGHT: Final[dict[str, Mutation]] = {
    "encoded again, renamed": _then(
        _OTHER_NAMES, _files(lambda entry: (entry[0], entry[1] - 3, f"{entry[2]} again"))
    ),
    "in an archive": lambda package: replace(package, files=(("a.zip", 3 * MIB, "zip"),)),
}


def _as_bytes(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.encode(): _as_bytes(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_bytes(inner) for inner in value]
    return value.encode() if isinstance(value, str) else value
