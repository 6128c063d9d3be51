"""A `.torrent` at the door: pacing, parsing in a child process, named checks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from django.conf import settings

from bottin.accounts import throttle
from bottin.accounts.errors import NotAllowed
from bottin.accounts.models import Account
from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog.listings import RELEASES_HASH
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from bottin.metainfo.limits import Limits
from bottin.metainfo.model import Metainfo
from bottin.metainfo.sandbox import parse_in_worker
from bottin.uploads import fingerprints
from bottin.uploads.errors import DuplicateRelease, RefusedTorrent, TooManyDrafts, TooManyUploads
from bottin.uploads.fingerprints import Fingerprints

DRAFTS_MAX: Final = 50
YOUNG: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Pace:
    """So many in so many seconds."""

    count: int
    window_s: int


# TOR-27: a burst of 5, then one each 45 minutes.
YOUNG_PACE: Final = Pace(count=5, window_s=5 * 45 * 60)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A parsed `.torrent`, who hands it in, when."""

    metainfo: Metainfo
    by: Viewer
    at: datetime

    @property
    def prints(self) -> Fingerprints:
        """What its content is recognised by."""
        return Fingerprints.of_metainfo(self.metainfo)


def account_of(by: Viewer) -> int:
    """Return the account that publishes. Raises NotAllowed for a stranger."""
    by.require(Permission.PUBLISH)
    if by.user_id is None:
        raise NotAllowed(permission=Permission.PUBLISH.value, role=by.role.value)
    return by.user_id


def pace(by: Viewer, *, at: datetime) -> None:
    """Count one upload of the account. Raises TooManyUploads; call it outside a transaction."""
    if by.may(Permission.PUBLISH_AT_ONCE):
        return
    limits: list[tuple[str, throttle.Limit]] = [("upload", settings.BOTTIN_THROTTLE_UPLOAD)]
    joined_at = Account.objects.values_list("joined_at", flat=True).get(pk=account_of(by))
    if at - joined_at < YOUNG:
        limits.append(("upload-young", YOUNG_PACE))
    for act, limit in limits:
        key = throttle.key_of(act, str(by.user_id))
        if not throttle.allow(key, limit, at_s=at.timestamp()):
            wait_s = throttle.wait_s(key, limit, at_s=at.timestamp())
            raise TooManyUploads(retry_after_s=wait_s)


def parse(raw: bytes, *, by: Viewer) -> Metainfo:
    """Read the file in a child process, within the settings' limits (META-2 to META-11).

    Raises a MetainfoRefusal.
    """
    return parse_in_worker(raw, limits_for(is_trusted=by.may(Permission.PUBLISH_AT_ONCE)))


@cache
def limits_for(*, is_trusted: bool) -> Limits:
    """Return what the settings allow a `.torrent` to cost."""
    size = (
        settings.BOTTIN_TORRENT_MAX_SIZE_TRUSTED if is_trusted else settings.BOTTIN_TORRENT_MAX_SIZE
    )
    return Limits(
        upload_bytes=size,
        depth=settings.BOTTIN_METAINFO_DEPTH,
        tokens=settings.BOTTIN_METAINFO_TOKENS,
        piece_length_min=settings.BOTTIN_PIECE_MIN_SIZE,
        piece_length_max=settings.BOTTIN_PIECE_MAX_SIZE,
        pieces=settings.BOTTIN_PIECES_MAX,
        files=settings.BOTTIN_FILES_MAX,
        path_depth=settings.BOTTIN_PATH_DEPTH,
        component_bytes=settings.BOTTIN_PATH_COMPONENT_SIZE,
        memory_bytes=settings.BOTTIN_PARSE_MEMORY,
        cpu_s=settings.BOTTIN_PARSE_CPU_S,
    )


def content_is_not_refused(arrival: Arrival) -> None:
    """Raise RefusedTorrent when a fingerprint stays down (STAY-3)."""
    for row in fingerprints.refused(arrival.prints, at=arrival.at):
        if not row.holds_only:
            raise RefusedTorrent(kind=row.kind, reason=row.reason)


def info_hash_is_free(arrival: Arrival) -> None:
    """Raise DuplicateRelease when a release has one of its info-hashes (TOR-12)."""
    same = Release.objects.filter(fingerprints.same_info(arrival.prints))
    taken = same.exclude(state__in=RELEASES_HASH).order_by("pk").first()
    if taken is not None:
        raise duplicate_of(taken, arrival.by)


def drafts_are_few(arrival: Arrival) -> None:
    """Raise TooManyDrafts when this one would be one too many."""
    drafts = Release.objects.filter(publisher_id=arrival.by.user_id, state=ReleaseState.DRAFT)
    if drafts.count() >= DRAFTS_MAX:
        raise TooManyDrafts(limit=DRAFTS_MAX)


CHECKS: Final[tuple[Callable[[Arrival], None], ...]] = (
    content_is_not_refused,
    info_hash_is_free,
    drafts_are_few,
)


def duplicate_of(taken: Release, by: Viewer) -> DuplicateRelease:
    """Return the refusal that points at the existing release, as far as this viewer may see it."""
    is_seen = Release.objects.visible_to(by).filter(pk=taken.pk).exists()
    return DuplicateRelease(
        release_id=taken.pk if is_seen else None,
        title=str(taken) if is_seen else None,
        state=taken.state if is_seen else None,
        is_own=taken.publisher_id == by.user_id,
    )
