"""Finds releases by what their content is recognised by; only those that the viewer may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.db.models import Q, QuerySet

from bottin.accounts.viewer import Viewer
from bottin.catalog.models import FileRoot, Release, StoredMetainfo
from bottin.catalog.queries import files_in
from bottin.catalog.states import ReleaseState
from bottin.lib.text import nfc
from bottin.metainfo.fingerprints import file_tree_of, size_set_of
from bottin.metainfo.model import File, Metainfo
from bottin.metainfo.overlap import marks_by_name, shared
from bottin.uploads.duplicates import file_keys_of
from bottin.uploads.fingerprints import ROOT_FLOOR_BYTES, roots_of

FOUND_MAX: Final = 50
ALIKE_MAX: Final = 20
_SHA1_SIZE: Final = 20
_SHA256_SIZE: Final = 32
# By what a release was found: `exact` is equal paths and sizes, `renamed` equal sizes only,
# `roots` an equal large file (v2), `pieces` and `content` equal pieces, `part` some files of
# equal names and sizes, in whatever folder.
How = Literal["v1", "v2", "v2-truncated", "pieces", "content", "exact", "renamed", "roots", "part"]


@dataclass(frozen=True, slots=True)
class Match:
    """A release that was found, by which digest of it.

    `share` is the part of the bytes asked for that it holds, from 0 to 1; None where
    nothing was counted.
    """

    release: Release
    how: How
    digest: bytes = b""
    share: float | None = None

    @property
    def percent(self) -> int | None:
        """The share in whole per cent; 100 only when it is all of it."""
        return None if self.share is None else int(self.share * 100)


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file that somebody has: its path below the root folder, its size, its v2 root if known."""

    path: tuple[str, ...]
    size_bytes: int
    root: bytes | None = None


def by_info_hashes(viewer: Viewer, digests: Sequence[bytes]) -> list[Match]:
    """Find by info-hash: 20 bytes are v1 or v2 cut, 32 are v2. One query."""
    short = [digest for digest in digests if len(digest) == _SHA1_SIZE]
    wanted = Q(info_hash_v1__in=short)
    wanted |= Q(info_hash_v2__in=[digest for digest in digests if len(digest) == _SHA256_SIZE])
    for digest in short:
        wanted |= Q(info_hash_v2__range=(digest + b"\0" * 12, digest + b"\xff" * 12))
    found = []
    for release in _seen(viewer, wanted, FOUND_MAX + len(digests)):
        for digest in digests:
            how = _how(release, digest)
            if how is not None:
                found.append(Match(release, how, digest))
    return found


def by_pieces(viewer: Viewer, digests: Sequence[bytes]) -> list[Match]:
    """Find by the SHA-1 of `pieces`, 20 bytes each (XS-1). One query."""
    rows = _seen(viewer, Q(pieces_digest__in=list(digests)), FOUND_MAX + len(digests))
    return [Match(row, "pieces", row.pieces_digest or b"") for row in rows]


def by_root(viewer: Viewer, root: bytes) -> list[Match]:
    """Find by the v2 root of a file of at least 1 MiB, 32 bytes. One query."""
    holders = FileRoot.objects.filter(root=root).values("release_id")
    return [Match(row, "roots", root) for row in _seen(viewer, Q(pk__in=holders))]


def by_files(viewer: Viewer, files: Iterable[WantedFile]) -> list[Match]:
    """Find by a list of files, all or a part of a release's (XS-3). At most four queries.

    First what is equal, then what shares a large file (v2), what has the same sizes, and
    what holds some of them: files of at least 64 KiB are known by name and size.
    """
    wanted = [File(tuple(map(nfc, file.path)), file.size_bytes, file.root) for file in files]
    tree = file_tree_of((file.path, file.size_bytes) for file in wanted)
    roots = [file.root for file in wanted if file.root and file.size_bytes >= ROOT_FLOOR_BYTES]
    return _by_digests(viewer, Q(tree_digest=tree), wanted, roots)


def by_metainfo(viewer: Viewer, metainfo: Metainfo) -> list[Match]:
    """Find what a `.torrent` is here, and what has the same content under another hash."""
    hashes = [each for each in (metainfo.info_hash_v1, metainfo.info_hash_v2) if each]
    prints = metainfo.fingerprints
    same = by_info_hashes(viewer, hashes)
    if prints.content_v1:
        rows = _seen(viewer, Q(content_digest=prints.content_v1))
        same += [Match(row, "content") for row in rows]
    tree, roots = Q(tree_digest=prints.file_tree), list(roots_of(metainfo))
    return _once(same + _by_digests(viewer, tree, metainfo.content_files, roots))


def by_digest(viewer: Viewer, digest: bytes) -> list[Match]:
    """Find by any digest: of 20 bytes an info-hash or of `pieces`, of 32 an info-hash or a root."""
    found = by_info_hashes(viewer, [digest])
    found += by_pieces(viewer, [digest]) if len(digest) == _SHA1_SIZE else by_root(viewer, digest)
    return _once(found)


def _by_digests(viewer: Viewer, tree: Q, files: Sequence[File], roots: list[bytes]) -> list[Match]:
    found = [Match(row, "exact") for row in _seen(viewer, tree)]
    if roots:
        holders = FileRoot.objects.filter(root__in=roots).values("release_id")
        found += [Match(row, "roots") for row in _seen(viewer, Q(pk__in=holders))]
    return _once([*found, *_by_content_keys(viewer, files)])


def _by_content_keys(viewer: Viewer, files: Sequence[File]) -> list[Match]:
    """Return the published releases with the same sizes, then those with some of the files."""
    sizes = size_set_of(file.size_bytes for file in files)
    near = Q(content_keys__sizes_digest=sizes)
    if keys := file_keys_of(files):
        near |= Q(content_keys__file_keys__overlap=keys)
    rows = _seen(viewer, near & Q(state=ReleaseState.PUBLISHED)).select_related("content_keys")
    renamed = [row for row in rows if row.content_keys.sizes_digest == sizes]
    holders = {row.pk: row for row in rows if row.content_keys.sizes_digest != sizes}
    parts = _parts(holders, files) if holders else []
    return [Match(row, "renamed") for row in renamed[:ALIKE_MAX]] + parts


def _parts(holders: Mapping[int, Release], files: Sequence[File]) -> list[Match]:
    """Say how much of the files each release holds, the most first."""
    asked, whole = marks_by_name(files), sum(file.size_bytes for file in files)
    texts = StoredMetainfo.objects.filter(pk__in=holders).order_by("pk")
    found = []
    for pk, text in texts.values_list("pk", "files"):
        _count, held = shared(asked, marks_by_name(files_in(text)))
        if held:
            found.append(Match(holders[pk], "part", share=held / whole))
    return sorted(found, key=lambda match: -(match.share or 0))[:ALIKE_MAX]


def _seen(viewer: Viewer, wanted: Q, limit: int = FOUND_MAX) -> "QuerySet[Release]":
    return Release.objects.visible_to(viewer).filter(wanted).order_by("pk")[:limit]


def _how(release: Release, digest: bytes) -> How | None:
    if digest == release.info_hash_v1:
        return "v1"
    if release.info_hash_v2 is None:
        return None
    if digest == release.info_hash_v2:
        return "v2"
    return "v2-truncated" if digest == release.info_hash_v2[:_SHA1_SIZE] else None


def _once(found: Iterable[Match]) -> list[Match]:
    """Keep each release by the first and closest thing that it was found by."""
    kept: dict[int, Match] = {}
    for match in found:
        kept.setdefault(match.release.pk, match)
    return list(kept.values())
