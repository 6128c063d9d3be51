"""How many copies of a release are online, as far as the tracker can know."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bottin.catalog.models import Release
from bottin.ledger import parts
from bottin.tracker import site


@dataclass(frozen=True, slots=True)
class Availability:
    """Whole copies, and what downloaders hold beside them.

    `whole` are the seeders: at least so many copies. `parts` adds up the shares that
    `known` of the `leechers` hold, as they say themselves; two may hold the same
    share, so that it is the most that they could have together. Of those who announce
    without account no share is known.
    """

    whole: int
    parts: float
    known: int
    leechers: int

    @property
    def may_be_complete(self) -> bool | None:
        """Whether all of it may be online; False when it cannot, None when nobody can tell."""
        if self.whole or self.parts >= 1:
            return True
        return False if self.known >= self.leechers else None


def of(release: Release, *, at: datetime) -> Availability:
    """Tell how available a release is; `release` comes with its swarm. One query, none for none."""
    if not release.leechers or not release.size_bytes:
        return Availability(release.seeders, 0.0, 0, release.leechers)
    since = at - timedelta(seconds=site.peer_expiry_s())
    held = parts.held_of(release.pk, release.size_bytes, since=since)
    return Availability(release.seeders, held.copies, held.clients, release.leechers)
