"""Promises to seed: made, tracked against what clients do, ended; the other keepers are told."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.catalog import queries as catalog
from bottin.community.errors import BadOffer, NothingToPledge, PledgeUnknown, TooManyPledges
from bottin.community.models import Ending, LostKeeper, Offer, Pledge
from bottin.community.rules import LAPSE
from bottin.tracker import site

OFFER_MIN_BYTES: Final = 1_000_000_000
OFFER_MAX_BYTES: Final = 1_000_000_000_000_000
PLEDGES_MAX: Final = 2_000
AT_ONCE_MAX: Final = 500

_KEPT: Final = """
UPDATE community_pledge p SET kept_at = %(at)s
WHERE p.ended_at IS NULL AND EXISTS (
    SELECT 1 FROM ledger_peersession s
    WHERE s.user_id = p.account_id AND s.release_id = p.release_id
        AND s.is_running AND s."left" = 0 AND s.last_at >= %(since)s
)
"""


def offer_space(size_bytes: int, *, by: Viewer, at: datetime) -> None:
    """Note how much disk a member gives, from 1 GB to 1 PB. Raises BadOffer."""
    by.require(Permission.OWN_ACCOUNT)
    if not OFFER_MIN_BYTES <= size_bytes <= OFFER_MAX_BYTES:
        raise BadOffer(least_bytes=OFFER_MIN_BYTES, most_bytes=OFFER_MAX_BYTES)
    Offer.objects.update_or_create(
        account_id=_own(by), defaults={"size_bytes": size_bytes, "at": at}
    )


@transaction.atomic
def make_pledges(release_ids: Iterable[int], *, by: Viewer, at: datetime) -> int:
    """Promise to seed these releases; how many are new. Those promised already are left out.

    Raises NothingToPledge when none of them is published, TooManyPledges over 2,000.
    """
    by.require(Permission.OWN_ACCOUNT)
    wanted = list(dict.fromkeys(release_ids))[:AT_ONCE_MAX]
    listed = set(catalog.listed_of(by).filter(pk__in=wanted).values_list("pk", flat=True))
    if not listed:
        raise NothingToPledge
    mine = Pledge.objects.filter(account_id=_own(by), ended_at=None)
    promised = set(mine.values_list("release_id", flat=True))
    fresh = [pk for pk in wanted if pk in listed and pk not in promised]
    if len(promised) + len(fresh) > PLEDGES_MAX:
        raise TooManyPledges(limit=PLEDGES_MAX)
    rows = [Pledge(account_id=_own(by), release_id=pk, at=at) for pk in fresh]
    Pledge.objects.bulk_create(rows, ignore_conflicts=True)
    if fresh:
        detail = {"releases": fresh}
        subject = f"account:{by.user_id}"
        log.record("pledge.made", actor_id=by.user_id, subject=subject, detail=detail)
    return len(fresh)


@transaction.atomic
def release_pledge(release_id: int, *, by: Viewer, at: datetime) -> int:
    """End one's promise for a release; tell the others who keep it. How many they are.

    Raises PledgeUnknown.
    """
    by.require(Permission.OWN_ACCOUNT)
    mine = Pledge.objects.select_for_update().filter(
        account_id=_own(by), release_id=release_id, ended_at=None
    )
    pledge = mine.first()
    if pledge is None:
        raise PledgeUnknown(release_id=release_id)
    told = _end([pledge], Ending.RELEASED, at)
    log.record("pledge.released", actor_id=by.user_id, subject=f"release:{release_id}")
    return told


def note_kept(*, at: datetime) -> None:
    """Note which promises are kept now: those whose member has a client that seeds the release."""
    since = at - timedelta(seconds=site.peer_expiry_s())
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, {"at": at, "since": since})


@transaction.atomic
def end_idle(*, at: datetime) -> int:
    """End the promises not kept for two weeks; tell the others who keep them. How many ended."""
    open_ones = Pledge.objects.filter(ended_at=None, at__lt=at - LAPSE)
    idle = open_ones.filter(kept_at=None) | open_ones.filter(kept_at__lt=at - LAPSE)
    ended = list(idle.select_for_update(skip_locked=True).order_by("pk")[:1000])
    _end(ended, Ending.LAPSED, at)
    return len(ended)


def see_lost_keepers(*, by: Viewer, at: datetime) -> None:
    """Note that a member has read which releases lost a keeper."""
    LostKeeper.objects.filter(account_id=_own(by), seen_at=None).update(seen_at=at)


def forget_lost_keepers(*, before: datetime) -> int:
    """Delete what members were told before of keepers who left; how many."""
    return LostKeeper.objects.filter(at__lt=before).delete()[0]


def _end(pledges: list[Pledge], ending: Ending, at: datetime) -> int:
    Pledge.objects.filter(pk__in=[one.pk for one in pledges]).update(ended_at=at, ending=ending)
    left: dict[int, list[int]] = {}
    keepers = Pledge.objects.filter(
        release_id__in={one.release_id for one in pledges}, ended_at=None
    )
    for release_id, account_id in keepers.values_list("release_id", "account_id"):
        left.setdefault(release_id, []).append(account_id)
    rows = [
        LostKeeper(account_id=keeper, release_id=one.release_id, left=len(others), at=at)
        for one in pledges
        for others in [left.get(one.release_id, [])]
        for keeper in others
    ]
    LostKeeper.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def _own(by: Viewer) -> int:
    """Return the account that acts; one that may keep things has a number."""
    return by.user_id or 0
