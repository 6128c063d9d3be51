"""Torrents and releases, valid by default: a free song of a member's, published at noon."""

import hashlib
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from bottin.accounts.models import Account
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import Viewer, viewer_for
from bottin.catalog import actions
from bottin.catalog.models import FileRoot, Release, StoredMetainfo
from bottin.catalog.states import ReleaseState
from bottin.metainfo import bencode
from bottin.metainfo.merkle import next_power_of_two
from bottin.metainfo.model import Metainfo
from bottin.metainfo.parser import parse
from bottin.tracker.models import SwarmCount
from bottin.uploads import actions as uploads
from bottin.uploads import duplicates
from bottin.uploads.fields import ReleaseFields
from bottin.uploads.fingerprints import roots_of
from tests.factories.accounts import make_account

NOON: Final = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
MUSIC: Final = 130100
LINUX: Final = 110100
KIB: Final = 1024
PIECE: Final = 16 * KIB
SYSTEM: Final = Viewer(user_id=None, role=Role.ADMINISTRATOR)

_numbers = itertools.count(1)


def account(role: Role = Role.MEMBER, **given: Any) -> Account:
    """Save a member who joined a year ago."""
    values: dict[str, Any] = {"joined_at": datetime(2025, 6, 1, tzinfo=UTC)} | given
    made = make_account(role=role)
    for field, value in values.items():
        setattr(made, field, value)
    made.save()
    return made


def viewer(role: Role = Role.MEMBER, **given: Any) -> Viewer:
    """Save an account and stand for it."""
    return viewer_for(account(role, **given))


def torrent(
    name: str = "",
    files: Sequence[tuple[str, int]] = (("chanson.flac", 40_000), ("paroles.txt", 900)),
    *,
    version: str = "v1",
    **info: Any,
) -> bytes:
    """Make a `.torrent` of made-up content, another one at each call unless `name` is given."""
    name = name or f"album-{next(_numbers)}"
    content: dict[str, Any] = {"name": name, "piece length": PIECE, **info}
    layers: dict[bytes, bytes] = {}
    if version != "v2":
        content["files"] = [{"length": size, "path": path.split("/")} for path, size in files]
    if version == "hybrid":
        _align(content)
    if version != "v2":
        total = sum(file["length"] for file in content["files"])
        content["pieces"] = b"".join(
            hashlib.sha1(f"{name} {piece}".encode(), usedforsecurity=False).digest()
            for piece in range(-(-total // PIECE))
        )
    if version != "v1":
        content["meta version"] = 2
        content["file tree"] = _file_tree(name, files, layers)
    whole: dict[str, Any] = {"info": content} | ({"piece layers": layers} if layers else {})
    return bencode.encode(_bytes_keys(whole))


def metainfo(name: str = "", **given: Any) -> Metainfo:
    """Make a torrent and parse it, in this process."""
    return parse(torrent(name, **given))


def fields(**given: Any) -> ReleaseFields:
    """Fill the form of a release as it should be."""
    values: dict[str, Any] = {
        "title": "Chansons libres",
        "category_id": MUSIC,
        "licence_code": "CC-BY-SA-4.0",
        "provenance_url": "https://example.org/chansons",
        "description": "Des chansons **libres**.",
        "language": "fr",
        "tags": ("chanson", "guitare"),
    } | given
    return ReleaseFields(**values)


def draft(by: Viewer | None = None, *, of: Metainfo | None = None, at: datetime = NOON) -> Release:
    """Save a draft, as `receive_torrent` does but without its child process."""
    made = of or metainfo()
    release = Release.objects.create(
        publisher_id=(by or viewer()).user_id or 0, created_at=at, **uploads.facts_of(made)
    )
    StoredMetainfo.objects.create(release=release, **uploads.stored_of(made))
    FileRoot.objects.bulk_create(FileRoot(release=release, root=root) for root in roots_of(made))
    duplicates.keep_keys(release.pk, made.content_files)
    return release


def pending(by: Viewer | None = None, *, at: datetime = NOON, **given: Any) -> Release:
    """Hand a release in for review."""
    person = by or viewer()
    of = given.pop("of", None)
    return uploads.submit_release(draft(person, of=of, at=at).pk, fields(**given), by=person, at=at)


def published(by: Viewer | None = None, *, at: datetime = NOON, **given: Any) -> Release:
    """Hand a release in and have the team publish it."""
    release = pending(by, at=at, **given)
    if release.state == ReleaseState.PUBLISHED:
        return release
    return actions.change_state(release.pk, to=ReleaseState.PUBLISHED, by=SYSTEM, at=at)


def change(release: Release, to: ReleaseState, *, at: datetime = NOON) -> Release:
    """Move a release along the state table, as the team."""
    return actions.change_state(release.pk, to=to, by=SYSTEM, at=at, reason="parce que")


def swarm(release: Release, seeders: int = 1, leechers: int = 0, completed: int = 0) -> SwarmCount:
    """Let the tracker have said this of a release."""
    return SwarmCount.objects.update_or_create(
        release_id=release.pk,
        defaults={"seeders": seeders, "leechers": leechers, "completed": completed},
    )[0]


def _align(content: dict[str, Any]) -> None:
    """Put a padding file before each file that would not start a piece (BEP 47, BEP 52)."""
    aligned: list[dict[str, Any]] = []
    for file in content["files"]:
        offset = sum(before["length"] for before in aligned)
        if gap := -offset % PIECE:
            aligned.append({"attr": "p", "length": gap, "path": [".pad", str(gap)]})
        aligned.append(file)
    content["files"] = aligned


def _file_tree(
    name: str, files: Sequence[tuple[str, int]], layers: dict[bytes, bytes]
) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, size in files:
        node = tree
        for part in path.split("/"):
            node = node.setdefault(part, {})
        node[""] = {"length": size, "pieces root": _root(f"{name} {path}", size, layers)}
    return tree


def _root(seed: str, size: int, layers: dict[bytes, bytes]) -> bytes:
    count = -(-size // PIECE)
    leaves = [hashlib.sha256(f"{seed} {index}".encode()).digest() for index in range(count)]
    if count == 1:
        return leaves[0]
    # A piece of 16 KiB is one block, so that the layer of pieces is the layer of blocks.
    row = leaves + [bytes(32)] * (next_power_of_two(count) - count)
    while len(row) > 1:
        row = [hashlib.sha256(row[i] + row[i + 1]).digest() for i in range(0, len(row), 2)]
    layers[row[0]] = b"".join(leaves)
    return row[0]


def _bytes_keys(value: Any) -> Any:
    if isinstance(value, dict):
        pairs = {
            (key.encode() if isinstance(key, str) else key): _bytes_keys(item)
            for key, item in value.items()
        }
        return dict(sorted(pairs.items()))
    if isinstance(value, list):
        return [_bytes_keys(item) for item in value]
    return value.encode() if isinstance(value, str) else value
