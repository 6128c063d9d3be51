"""BEP 47: file attributes and symbolic links."""

from typing import Final

from bottin.metainfo import names
from bottin.metainfo.bencode import Bencoded
from bottin.metainfo.errors import BadAttr, BadSymlink, MissingKey, WrongType
from bottin.metainfo.fields import Dictionary, named
from bottin.metainfo.limits import Limits

_KNOWN: Final = frozenset(b"lxhp")


def attr_of(entry: Dictionary, path: names.RawPath, where: str) -> str:
    """Return the flags of a file entry, each once, in order. Raises BadAttr, WrongType."""
    value = entry.get(b"attr", b"")
    if not isinstance(value, bytes):
        raise WrongType(key=named(b"attr", where), expected="string")
    if not _KNOWN.issuperset(value):
        raise BadAttr(path="/".join(path), attr=value[:32].decode("ascii", "backslashreplace"))
    return "".join(dict.fromkeys(value.decode("ascii")))


def symlink_of(
    entry: Dictionary, path: names.RawPath, size_bytes: int, limits: Limits
) -> names.RawPath | None:
    """Return a link's target from the root folder, or None for an entry that is no link.

    Raises BadSymlink when the target is missing, leaves the root or is the link
    itself, and when a link has bytes.
    """
    if b"l" not in entry.get(b"attr", b""):
        return None
    shown = "/".join(path)
    if size_bytes:
        raise BadSymlink(path=shown, reason="has_bytes")
    target = entry.get(b"symlink path")
    if target is None:
        raise MissingKey(key="symlink path")
    if not isinstance(target, list) or not 0 < len(target) <= limits.path_depth:
        raise BadSymlink(path=shown, reason="bad_target")
    parts = tuple(_target_name(part, shown, limits) for part in target)
    if parts == path:
        raise BadSymlink(path=shown, reason="links_to_itself")
    return parts


def _target_name(raw: Bencoded, shown: str, limits: Limits) -> str:
    if not isinstance(raw, bytes):
        raise BadSymlink(path=shown, reason="bad_target")
    if raw in {b"..", b"."} or b"/" in raw or b"\\" in raw:
        raise BadSymlink(path=shown, reason="leaves_the_root")
    return names.component(raw, "symlink path", limits)
