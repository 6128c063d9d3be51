"""What a person takes away: the personal `.torrent`, and the magnet link of an open release."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from bottin.accounts.models import Account, AccountState
from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog.errors import (
    AccountNeeded,
    AccountSuspended,
    NotDownloadable,
    ReleaseNotFound,
)
from bottin.catalog.listings import is_open_to_all
from bottin.catalog.models import Release, StoredMetainfo
from bottin.catalog.states import ReleaseState
from bottin.catalog.text import slug_of
from bottin.catalog.web_seeds import is_allowed_host
from bottin.metainfo.model import Outside
from bottin.metainfo.rebuild import MagnetParts, Variant, magnet
from bottin.metainfo.rebuild import personal_torrent as rebuilt
from bottin.tracker import keys

# Before it is published, its publisher makes ready to seed and the team looks at it.
_PREPARING: Final = frozenset({ReleaseState.PENDING, ReleaseState.CHANGES_REQUESTED})


@dataclass(frozen=True, slots=True)
class TorrentFile:
    """A `.torrent`: its name, ASCII, and its bytes, which may hold someone's key."""

    name: str
    content: bytes


def personal_torrent(
    release: Release, *, viewer: Viewer, account: Account | None = None
) -> TorrentFile:
    """Return the `.torrent` of a release for this viewer, around the untouched `info` (DL-1).

    It carries the viewer's key for this torrent; for a stranger, who gets open
    releases only, no key. Our trackers, the page's address, allowed web seeds.
    Two queries, one for a stranger; none for the metainfo that came with the release
    (`queries.fetched_release_for`), nor for the viewer's `account` where it was just read.

    Raises NotDownloadable unless the release is published (or pending, for its
    publisher and the team), AccountNeeded when a stranger asks for a release
    that is not open, AccountSuspended, NotAllowed, ReleaseNotFound.
    """
    _check_state(release, viewer)
    key = _key(release, viewer, account)
    try:
        stored = release.metainfo
    except StoredMetainfo.DoesNotExist:
        raise ReleaseNotFound(release_id=release.pk) from None
    outside = Outside(
        trackers=tuple(tuple(tier) for tier in keys.announce_tiers(key)),
        web_seeds=allowed_web_seeds(stored),
        comment=page_url(release),
        created_by=stored.created_by,
        creation_date=stored.creation_date,
    )
    layers = bytes(stored.piece_layers) if stored.piece_layers else b""
    content = rebuilt(bytes(stored.info), outside, layers)
    return TorrentFile(f"{slug_of(str(release))}.torrent", content)


def magnet_of(release: Release, variant: Variant = "all") -> str | None:
    """Return the magnet link of a published, open release, or None when it has none.

    Never with a key (MAG-3); none for a private torrent (MAG-4); None for a
    variant that the torrent lacks. One query.
    """
    return _magnets(release, [variant]).get(variant)


def plain_magnet_of(release: Release) -> str | None:
    """Return the magnet link of `magnet_of` without web seeds, for lists. No query."""
    if not release.is_published or release.is_private or not is_open_to_all(release):
        return None
    return magnet(_parts(release))


def magnets_of(release: Release, stored: StoredMetainfo | None = None) -> dict[Variant, str]:
    """Return the magnet links that make sense: one, or three for a hybrid (MAG-5).

    One query, none when `stored` was read already.
    """
    wanted: list[Variant] = ["all", "v1", "v2"] if release.version == "hybrid" else ["all"]
    return _magnets(release, wanted, stored)


def may_download(release: Release, viewer: Viewer) -> bool:
    """Whether `personal_torrent` would not refuse for the release's state or the viewer's role."""
    try:
        _check_state(release, viewer)
    except NotDownloadable:
        return False
    return is_open_to_all(release) or viewer.may(Permission.DOWNLOAD)


def page_url(release: Release) -> str:
    """Return the canonical address of the release's page, which any title leads to."""
    return f"{settings.BOTTIN.origin}/torrents/{release.pk}"


def allowed_web_seeds(stored: StoredMetainfo) -> tuple[str, ...]:
    """Return the web seeds to hand out: on a host that the operator allows, not found bad."""
    served = stored.web_seeds if stored.served_seeds is None else stored.served_seeds
    return tuple(url for url in served if is_allowed_host(url))


def _magnets(
    release: Release, variants: list[Variant], stored: StoredMetainfo | None = None
) -> dict[Variant, str]:
    if not release.is_published or release.is_private or not is_open_to_all(release):
        return {}
    lacking = {"v1": not release.info_hash_v1, "v2": not release.info_hash_v2}
    wanted = [variant for variant in variants if not lacking.get(variant)]
    if not wanted:
        return {}
    rows = StoredMetainfo.objects.only("web_seeds", "served_seeds").filter(pk=release.pk)
    found = stored or rows.first()
    parts = _parts(release, allowed_web_seeds(found) if found else ())
    return {variant: magnet(parts, variant) for variant in wanted}


def _parts(release: Release, web_seeds: tuple[str, ...] = ()) -> MagnetParts:
    return MagnetParts(
        name=release.name,
        info_hash_v1=release.info_hash_v1,
        info_hash_v2=release.info_hash_v2,
        size_bytes=release.size_bytes,
        trackers=tuple(url for tier in keys.announce_tiers(None) for url in tier),
        web_seeds=web_seeds,
    )


def _check_state(release: Release, viewer: Viewer) -> None:
    state = ReleaseState(release.state)
    is_own = viewer.user_id is not None and viewer.user_id == release.publisher_id
    may_prepare = state in _PREPARING and (is_own or viewer.is_moderator)
    if state is not ReleaseState.PUBLISHED and not may_prepare:
        raise NotDownloadable(release_id=release.pk, state=state.value)


def _key(release: Release, viewer: Viewer, account: Account | None) -> str | None:
    if viewer.user_id is None:
        if not is_open_to_all(release):
            raise AccountNeeded(release_id=release.pk)
        viewer.require(Permission.DOWNLOAD_OPEN)
        return None
    viewer.require(Permission.DOWNLOAD)
    if account is None or account.pk != viewer.user_id:
        account = Account.objects.get(pk=viewer.user_id)
    if account.state != AccountState.ACTIVE:
        raise AccountSuspended(state=account.state)
    return keys.torrent_key(account, release.canonical_info_hash)
