"""Which file and folder names may be shared (trust META-5, META-6)."""

import re
import unicodedata
from typing import Final

from bottin.metainfo.errors import BadPath, DuplicatePath, WrongType
from bottin.metainfo.limits import Limits

_SEPARATOR: Final = re.compile(r"[/\\]")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_BIDI: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_DEVICE: Final = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[1-9¹²³])\s*(?:\..*)?\Z", re.IGNORECASE
)
# One search says that a name is fine; only a refused one is looked at for the reason.
_SUSPECT: Final = re.compile(
    "[/\\\\\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]|[. ]\\Z|\\A\\Z"
)
# Nor is more asked of a short name of plain letters and signs, in bytes.
_PLAIN: Final = re.compile(rb"[ -.0-\[\]-~]{0,254}[!-\-0-\[\]-~]")
_DEVICE_INITIALS: Final = frozenset("cpanlCPANL")

RawPath = tuple[str, ...]


def fault_in(name: str, limits: Limits) -> str | None:
    """Return why `name` may not stand in a path, or None when it may."""
    if len(name.encode("utf-8", "surrogatepass")) > limits.component_bytes:
        return "name_too_long"
    if _SUSPECT.search(name):
        return _reason(name)
    if name[0] in _DEVICE_INITIALS and _DEVICE.match(name):
        return "device_name"
    return None


def component(raw: object, key: str, limits: Limits) -> str:
    """Return one name as written, decoded from UTF-8.

    Raises WrongType when it is not bytes and BadPath when it is not UTF-8 or
    not allowed by META-5 and META-6.
    """
    if not isinstance(raw, bytes):
        raise WrongType(key=key, expected="string")
    name = plain(raw, limits)
    if name is not None:
        return name
    try:
        name = raw.decode()
    except UnicodeDecodeError as error:
        shown = raw[: limits.component_bytes].decode("utf-8", "backslashreplace")
        raise BadPath(path=shown, reason="not_utf8") from error
    reason = fault_in(name, limits)
    if reason:
        raise BadPath(path=name[: limits.component_bytes], reason=reason)
    return name


def plain(raw: bytes, limits: Limits) -> str | None:
    """Return a name that is plainly fine; None for one that has to be looked at."""
    if not _PLAIN.fullmatch(raw) or len(raw) > limits.component_bytes:
        return None
    name = raw.decode("ascii")
    return None if name[0] in _DEVICE_INITIALS and _DEVICE.match(name) else name


def shown(path: RawPath) -> RawPath:
    """Return the path in NFC, as people are shown it (META-5)."""
    return path if "".join(path).isascii() else tuple(map(_nfc, path))


def _nfc(name: str) -> str:
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def fold(name: str) -> str:
    """Return what two names share when some file system takes them for one."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


class PathRegister:
    """Refuses a path that would meet another one on disk.

    Within one folder no two names, of files or folders, may be equal after NFC
    and case folding, and nothing is both a file and a folder.
    """

    _FILE: Final = -1

    def __init__(self) -> None:
        """Start with an empty root folder."""
        self._folders: dict[RawPath, int] = {(): 0}
        # (folder, folded name) to the name as written and its folder number, or `_FILE`.
        self._taken: dict[tuple[int, str], tuple[str, int]] = {}

    def add(self, path: RawPath) -> None:
        """Take `path`, names as written; linear in its depth. Raises DuplicatePath."""
        parent = self._folders.get(path[:-1])
        if parent is None:
            parent = 0
            for depth in range(1, len(path)):
                parent = self._enter(path, depth, parent)
            self._folders[path[:-1]] = parent
        name = path[-1]
        fresh = (name, self._FILE)
        taken = self._taken.setdefault((parent, fold(name)), fresh)
        if taken is not fresh:
            raise DuplicatePath(path="/".join(path), other="/".join((*path[:-1], taken[0])))

    def _enter(self, path: RawPath, depth: int, parent: int) -> int:
        name = path[depth - 1]
        fresh = (name, len(self._taken) + 1)
        written, number = self._taken.setdefault((parent, fold(name)), fresh)
        if number == self._FILE or written != name:
            other = "/".join((*path[: depth - 1], written))
            raise DuplicatePath(path="/".join(path), other=other)
        return number


def _reason(name: str) -> str:
    if not name:
        return "empty_name"
    if name in {".", ".."}:
        return "dot_name"
    if _SEPARATOR.search(name):
        return "separator"
    if _CONTROL.search(name):
        return "control_character"
    if _BIDI.search(name):
        return "bidi_control"
    return "trailing_dot_or_space"
