"""What content is recognised by: duplicates of a listing, and content that stays down (STAY-1)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from bottin.catalog.models import FileRoot, Release
from bottin.catalog.queries import files_of
from bottin.metainfo.fingerprints import size_set_of
from bottin.metainfo.model import File, Metainfo
from bottin.metainfo.overlap import file_digest_of
from bottin.uploads.models import FingerprintKind, RefusedContent

# A smaller file (a licence text, an empty cover) is in lawful and unlawful packages alike:
# no root is kept of it, and none refuses another upload. Sizes alone say nothing below it either.
ROOT_FLOOR_BYTES: Final = 1_048_576
NEIGHBOURS_MAX: Final = 10
_MANY: Final = frozenset({FingerprintKind.ROOT, FingerprintKind.FILE})
# These resemble: they hold an upload for review and refuse nothing (STAY-1).
HOLD_ONLY: Final = frozenset({FingerprintKind.TREE, FingerprintKind.SIZES, FingerprintKind.FILE})


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """The digests of one torrent's content; those it cannot have are None."""

    v1: bytes | None
    v2: bytes | None
    content: bytes | None
    tree: bytes | None
    roots: tuple[bytes, ...] = ()
    sizes: bytes | None = None
    files: tuple[bytes, ...] = ()

    @classmethod
    def of_metainfo(cls, metainfo: Metainfo) -> "Fingerprints":
        """Take what the parser computed."""
        return cls(
            v1=metainfo.info_hash_v1,
            v2=metainfo.info_hash_v2,
            content=metainfo.fingerprints.content_v1,
            tree=metainfo.fingerprints.file_tree,
            roots=roots_of(metainfo),
            sizes=sizes_of(metainfo.content_files),
            files=files_in(metainfo.content_files),
        )

    @classmethod
    def of_release(
        cls,
        release: Release,
        *,
        roots: Iterable[bytes] | None = None,
        files: Sequence[File] | None = None,
    ) -> "Fingerprints":
        """Read back what was stored. Two queries, less what is at hand."""
        if roots is None:
            roots = FileRoot.objects.filter(release=release).values_list("root", flat=True)
        if files is None:
            files = files_of(release)
        return cls(
            v1=release.info_hash_v1,
            v2=release.info_hash_v2,
            content=release.content_digest,
            tree=release.tree_digest,
            roots=tuple(roots),
            sizes=sizes_of(files),
            files=files_in(files),
        )

    def by_kind(self) -> Iterator[tuple[FingerprintKind, bytes]]:
        """Yield each digest with its kind."""
        single = {
            FingerprintKind.V1: self.v1,
            FingerprintKind.V2: self.v2,
            FingerprintKind.CONTENT: self.content,
            FingerprintKind.TREE: self.tree,
            FingerprintKind.SIZES: self.sizes,
        }
        yield from ((kind, value) for kind, value in single.items() if value)
        yield from ((kind, value) for kind, values in self._lists() for value in values)

    def _lists(self) -> tuple[tuple[FingerprintKind, tuple[bytes, ...]], ...]:
        return (FingerprintKind.ROOT, self.roots), (FingerprintKind.FILE, self.files)


def refusing_prints(metainfo: Metainfo) -> Iterator[tuple[str, bytes]]:
    """Yield the digests that may refuse a torrent, with their kinds: all but those that hold."""
    prints = metainfo.fingerprints
    for kind, value in (
        (FingerprintKind.V1, metainfo.info_hash_v1),
        (FingerprintKind.V2, metainfo.info_hash_v2),
        (FingerprintKind.CONTENT, prints.content_v1),
    ):
        if value:
            yield kind.value, value
    for root in roots_of(metainfo):
        yield FingerprintKind.ROOT.value, root


def roots_of(metainfo: Metainfo) -> tuple[bytes, ...]:
    """Return the distinct v2 roots of files of at least 1 MiB, sorted."""
    files = metainfo.content_files
    return tuple(
        sorted({file.root for file in files if file.root and file.size_bytes >= ROOT_FLOOR_BYTES})
    )


def sizes_of(files: Iterable[File]) -> bytes | None:
    """Return what the sizes of all files are recognised by; None below 1 MiB in all."""
    sizes = [file.size_bytes for file in files if not file.is_pad]
    return size_set_of(sizes) if sum(sizes) >= ROOT_FLOOR_BYTES else None


def files_in(files: Iterable[File]) -> tuple[bytes, ...]:
    """Return the distinct digests of name and size of files of at least 1 MiB, sorted."""
    large = (file for file in files if not file.is_pad and file.size_bytes >= ROOT_FLOOR_BYTES)
    return tuple(sorted({file_digest_of(file.path[-1], file.size_bytes) for file in large}))


def refused(prints: Fingerprints, *, at: datetime) -> list[RefusedContent]:
    """Return the rows that refuse or hold this content, refusals first. One query."""
    matches = Q(pk__in=())
    for kind, value in prints.by_kind():
        if kind not in _MANY:
            matches |= Q(kind=kind, value=value)
    if prints.roots:
        matches |= Q(kind=FingerprintKind.ROOT, value__in=prints.roots)
    if prints.files:
        matches |= Q(kind=FingerprintKind.FILE, value__in=prints.files)
    in_force = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    return list(RefusedContent.objects.filter(matches & in_force).order_by("holds_only", "pk"))


def same_info(prints: Fingerprints) -> Q:
    """Match releases with one of the info-hashes."""
    found = Q(pk__in=())
    if prints.v1:
        found |= Q(info_hash_v1=prints.v1)
    if prints.v2:
        found |= Q(info_hash_v2=prints.v2)
    return found


def same_content(prints: Fingerprints) -> Q:
    """Match releases with equal pieces, an equal large file, or equal paths and sizes (TOR-12)."""
    found = Q(pk__in=())
    if prints.content:
        found |= Q(content_digest=prints.content)
    if prints.tree:
        found |= Q(tree_digest=prints.tree)
    if prints.roots:
        shared = FileRoot.objects.filter(root__in=prints.roots).values("release_id")
        found |= Q(pk__in=shared)
    return found
