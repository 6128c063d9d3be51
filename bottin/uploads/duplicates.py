"""Other releases with the same files, in whole or in part, and how much they share (TOR-12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db.models import Q

from bottin.accounts.viewer import Viewer
from bottin.catalog.models import Release, StoredMetainfo
from bottin.catalog.queries import files_in
from bottin.catalog.states import ReleaseState
from bottin.metainfo import overlap
from bottin.metainfo.fingerprints import size_set_of
from bottin.metainfo.model import File
from bottin.uploads import fingerprints
from bottin.uploads.fingerprints import Fingerprints
from bottin.uploads.models import ContentKeys

SHOWN_MAX: Final = fingerprints.NEIGHBOURS_MAX
# A file below it is a licence text or an icon: thousands of packages share those.
KEY_FLOOR_BYTES: Final = 65_536
KEYS_MAX: Final = 64
_CANDIDATES: Final = 50
_KEY_BYTES: Final = 8
_FILLED_AT_ONCE: Final = 200


class Ground(StrEnum):
    """How it is known that content is shared, the surest first."""

    PIECES = "pieces"
    ROOTS = "roots"
    NAMES = "names"
    SIZES = "sizes"


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a release shares with another one.

    Shares are of bytes, from 0 to 1: of this one that the other has, and the
    other way round. `PIECES` and `ROOTS` are digests of the content, so certain;
    `NAMES` are equal names and sizes, `SIZES` the sizes of all files: likely.
    """

    release: Release
    ground: Ground
    shared_files: int
    shared_bytes: int
    share: float
    share_of_other: float

    @property
    def percent(self) -> int:
        """The share of this one, in whole per cent; 100 only when it is all of it."""
        return int(self.share * 100)

    @property
    def percent_of_other(self) -> int:
        """The share of the other one, in whole per cent."""
        return int(self.share_of_other * 100)


def keep_keys(release_id: int, files: Iterable[File]) -> None:
    """Keep by what a release's files are found in other packages. One statement."""
    ContentKeys.objects.bulk_create([keys_row(release_id, files)], ignore_conflicts=True)


def keys_row(release_id: int, files: Iterable[File]) -> ContentKeys:
    """Return the row, unsaved: keys of the 64 largest files of at least 64 KiB."""
    kept = [file for file in files if not file.is_pad]
    return ContentKeys(
        release_id=release_id,
        sizes_digest=size_set_of(file.size_bytes for file in kept),
        file_keys=file_keys_of(kept),
    )


def fill_missing_keys() -> int:
    """Keep the keys of releases that came by another way (import, demo); return how many."""
    rows = (
        StoredMetainfo.objects.filter(release__content_keys__isnull=True)
        .order_by("pk")
        .values_list("pk", "files")[:_FILLED_AT_ONCE]
    )
    made = [keys_row(release_id, files_in(text)) for release_id, text in rows]
    ContentKeys.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def overlaps_of(
    release: Release,
    viewer: Viewer,
    *,
    stored: StoredMetainfo | None = None,
    prints: Fingerprints | None = None,
    is_listed_only: bool = True,
) -> tuple[Overlap, ...]:
    """Return what shares files with a release, the largest share first, at most 10.

    `is_listed_only` leaves out what is not published; drafts of others are never
    in it. Three queries, one when `stored` and `prints` are at hand.
    """
    stored = stored or StoredMetainfo.objects.get(pk=release.pk)
    files = files_in(stored.files)
    prints = prints or Fingerprints.of_release(release, files=files)
    others = Release.objects.visible_to(viewer).exclude(pk=release.pk)
    others = others.listed() if is_listed_only else others.exclude(state=ReleaseState.DRAFT)
    near = Q(content_keys__sizes_digest=size_set_of(file.size_bytes for file in files))
    if keys := file_keys_of(files):
        near |= Q(content_keys__file_keys__overlap=keys)
    same = fingerprints.same_content(prints) | fingerprints.same_info(prints)
    rows = others.filter(same | near, metainfo__isnull=False)
    rows = rows.select_related("publisher", "category", "licence", "metainfo")
    # The pieces of a v1 torrent say nothing that its row does not.
    left_out = ["metainfo__info"] if release.version == "v1" else []
    rows = rows.defer("metainfo__piece_layers", *left_out).order_by("pk")[:_CANDIDATES]
    compared = (_compared(release, stored, row, row.metainfo) for row in rows)
    ranked = sorted(compared, key=lambda other: (-other.share, -other.share_of_other))
    return tuple(other for other in ranked if other.shared_bytes)[:SHOWN_MAX]


def file_keys_of(files: Iterable[File]) -> list[int]:
    """Return what the 64 largest files of at least 64 KiB are found by, whatever their folder."""
    large = [file for file in files if file.size_bytes >= KEY_FLOOR_BYTES]
    large.sort(key=lambda file: (-file.size_bytes, file.path))
    digests = (overlap.file_digest_of(f.path[-1], f.size_bytes) for f in large[:KEYS_MAX])
    return sorted({int.from_bytes(d[:_KEY_BYTES], "big", signed=True) for d in digests})


def _compared(
    one: Release, mine: StoredMetainfo, other: Release, theirs: StoredMetainfo
) -> Overlap:
    files, others = files_in(mine.files), files_in(theirs.files)
    ground = Ground.NAMES
    shared = overlap.shared(overlap.marks_by_name(files), overlap.marks_by_name(others))
    if one.content_digest and one.content_digest == other.content_digest:
        ground, shared = Ground.PIECES, (one.file_count, one.size_bytes)
    elif "v1" not in {one.version, other.version}:
        ground = Ground.ROOTS
        roots = overlap.marks_by_root(bytes(mine.info)), overlap.marks_by_root(bytes(theirs.info))
        shared = overlap.shared(*roots)
    elif shared[1] < one.size_bytes and _sizes(files) == _sizes(others):
        ground, shared = Ground.SIZES, (one.file_count, one.size_bytes)
    count, size = shared
    return Overlap(
        release=other,
        ground=ground,
        shared_files=count,
        shared_bytes=size,
        share=size / one.size_bytes,
        share_of_other=size / other.size_bytes,
    )


def _sizes(files: Iterable[File]) -> bytes:
    return size_set_of(file.size_bytes for file in files)
