"""What members of the demo keep, look for and promise, and what its team recommends."""

import random
from datetime import datetime, timedelta
from typing import Final

from bottin.accounts.models import Account
from bottin.accounts.viewer import viewer_for
from bottin.catalog.models import Category, Release
from bottin.community import actions, pledges, ranks
from bottin.community.actions import Wanted
from bottin.community.models import Bookmark, Match, Pace, Pick, SavedSearch
from bottin.ledger.models import PeerSession

# One of a family each, with why.
_PICKS: Final = {
    "video": ("Une copie propre, à revoir sur grand écran.", "A clean copy, for a large screen."),
    "audio": ("Une heure de calme, bien enregistrée.", "An hour of calm, well recorded."),
    "logiciels": ("Petit, complet, et il tourne partout.", "Small, whole, and it runs anywhere."),
    "donnees": ("Les données que tout le monde cite.", "The data that everybody quotes."),
}
_KEEPERS: Final = ("lea", "bruno", "chloe", "emma")
_OFFER_BYTES: Final = 200_000_000_000


def write(staff: dict[str, Account], at: datetime) -> None:
    """Invent it, once."""
    if Pick.objects.exists():
        return
    dice = random.Random("community")  # noqa: S311 - a demo
    listed = list(Release.objects.filter(is_demo=True).listed().order_by("pk"))
    if not listed:
        return
    _pick(listed, staff, at, dice)
    _keep(dice.sample(listed, k=min(7, len(listed))), staff["lea"], at)
    _search(listed, staff["lea"], at)
    _promise(listed, staff, at, dice)
    ranks.refresh_needs(at=at)
    ranks.refresh_charts((*ranks.SHORT, *ranks.LONG), at=at)
    ranks.refresh_tallies()


def _pick(
    listed: list[Release], staff: dict[str, Account], at: datetime, dice: random.Random
) -> None:
    mona = viewer_for(staff["mona"])
    for slug, (french, english) in _PICKS.items():
        family = Category.objects.filter(parent=None, slug__startswith=slug).first()
        ids = [
            one.pk
            for one in listed
            if family and (one.category_id or 0) // 10_000 == family.pk // 10_000
        ]
        if ids:
            actions.pick_release(
                dice.choice(ids), sentence_fr=french, sentence_en=english, by=mona, at=at
            )


def _keep(releases: list[Release], account: Account, at: datetime) -> None:
    Bookmark.objects.bulk_create(
        [Bookmark(account=account, release=release, at=at) for release in releases],
        ignore_conflicts=True,
    )


def _search(listed: list[Release], account: Account, at: datetime) -> None:
    """Keep two searches since a month; what the last weeks brought them is new."""
    since = at - timedelta(days=30)
    for name, text, pace in (("Linux", "linux", Pace.DAILY), ("Bach", "bach", Pace.NEVER)):
        wanted = Wanted(name, text, f"q={text}", pace=pace)
        if SavedSearch.objects.filter(account=account, parameters=wanted.parameters).exists():
            continue
        search = actions.save_search(wanted, by=viewer_for(account), at=since)
        recent = [
            release
            for release in listed
            if text in release.title.casefold()
            and release.published_at is not None
            and release.published_at > since
        ]
        Match.objects.bulk_create(
            [
                Match(search=search, release=release, at=release.published_at or at)
                for release in recent
            ]
        )
        if not recent and listed:
            Match.objects.create(search=search, release=listed[-1], at=at - timedelta(days=2))


def _promise(
    listed: list[Release], staff: dict[str, Account], at: datetime, dice: random.Random
) -> None:
    """Let some keep what they seeded in the last weeks, and one give it up today."""
    common = dice.sample(listed[:120], k=min(3, len(listed)))
    for name in _KEEPERS:
        by = viewer_for(staff[name])
        had = PeerSession.objects.filter(user_id=by.user_id or 0).order_by("release_id")
        ids = list(had.values_list("release_id", flat=True).distinct()[:4])
        pledges.offer_space(_OFFER_BYTES, by=by, at=at - timedelta(days=9))
        pledges.make_pledges(
            [*ids, *(release.pk for release in common)], by=by, at=at - timedelta(days=9)
        )
    leaver = viewer_for(staff["emma"])
    pledges.release_pledge(common[0].pk, by=leaver, at=at - timedelta(hours=5))
