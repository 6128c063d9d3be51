"""Who keeps a release is told when its last other seeder is gone: once a week, as they wish."""

from datetime import datetime, timedelta

import pytest
from django.core import mail

from bottin.accounts.models import Account, AccountState
from bottin.accounts.viewer import viewer_for
from bottin.catalog.models import Release
from bottin.community import alerts, keepers, pledges
from bottin.community.errors import BadPace
from bottin.community.models import Loss, LostKeeper, Pace, Pledge
from bottin.ledger.models import PeerSession, Transfer
from bottin.tracker.models import SwarmCount, SwarmQuarter, slot_of
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def swarm(*counts: tuple[float, int], at: datetime = NOON) -> Release:
    """Publish what had so many seeders, so many hours ago; the last is there now."""
    release = make.published()
    live(release, *counts, at=at)
    return release


def live(release: Release, *counts: tuple[float, int], at: datetime) -> None:
    for hours, seeders in counts:
        slot = slot_of(at - hours * HOUR)
        SwarmQuarter.objects.create(release_id=release.pk, slot=slot, seeders=seeders)
    SwarmCount.objects.update_or_create(
        release_id=release.pk, defaults={"seeders": counts[-1][1], "updated_at": at}
    )


def seed(account: Account, release: Release, *, heard: timedelta = timedelta(minutes=5)) -> None:
    at = NOON - heard
    common = {"user_id": account.pk, "release_id": release.pk, "first_at": at, "last_at": at}
    Transfer.objects.create(**common)
    PeerSession.objects.create(**common, session=1, uploaded=0, downloaded=0, left=0)


def pledge(account: Account, release: Release) -> None:
    Pledge.objects.create(account=account, release=release, at=NOON - DAY)


def told() -> set[tuple[str, str]]:
    rows = LostKeeper.objects.select_related("account")
    return {(row.account.name, row.loss) for row in rows}


def test_the_last_seeder_and_those_who_pledged_are_told() -> None:
    release = swarm((5, 3), (2, 1))
    seeder, promiser, stranger = make.account(), make.account(), make.account()
    seed(seeder, release)
    seed(stranger, swarm((5, 3), (2, 2)))
    pledge(seeder, release)
    pledge(promiser, release)

    keepers.note_losses(at=NOON)

    assert told() == {(seeder.name, Loss.OTHERS), (promiser.name, Loss.ONE_LEFT)}


def test_when_nobody_seeds_all_who_kept_it_within_a_week_are_told() -> None:
    release = swarm((5, 2), (2, 0))
    lately, long_ago = make.account(), make.account()
    seed(lately, release, heard=2 * DAY)
    seed(long_ago, release, heard=8 * DAY)

    keepers.note_losses(at=NOON)

    assert told() == {(lately.name, Loss.ALL)}


@pytest.mark.parametrize(
    "counts",
    [
        [(5, 2), (0.5, 1)],
        [(5, 2), (4, 0), (3, 2)],
        [(30, 2), (28, 1)],
        [(20, 1), (10, 0), (2, 1)],
    ],
    ids=["low for half an hour", "came back", "lost long ago", "never had two"],
)
def test_what_only_flickers_or_is_old_is_no_news(counts: list[tuple[float, int]]) -> None:
    pledge(make.account(), swarm(*counts))

    assert keepers.note_losses(at=NOON) == 0


def test_a_release_is_told_once_a_week_to_each() -> None:
    release = swarm((5, 2), (2, 1))
    pledge(make.account(), release)

    noted = [keepers.note_losses(at=NOON) for _ in range(2)]
    for days in (3, 8):
        live(release, (5, 2), (2, 1), at=NOON + days * DAY)
        noted.append(keepers.note_losses(at=NOON + days * DAY))

    assert noted == [1, 0, 0, 1]


def test_suspended_accounts_are_told_nothing() -> None:
    account = make.account()
    pledge(account, swarm((5, 2), (2, 1)))
    Account.objects.filter(pk=account.pk).update(state=AccountState.SUSPENDED, is_active=False)

    assert keepers.note_losses(at=NOON) == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "vous en êtes la dernière source"),
        ("en", "you are the last one to seed it"),
    ],
)
def test_a_letter_tells_it_once_in_the_language_of_its_reader(language: str, words: str) -> None:
    account = make.account()
    Account.objects.filter(pk=account.pk).update(language=language)
    release = swarm((5, 2), (2, 1))
    seed(account, release)
    keepers.set_pace(Pace.AT_ONCE, by=viewer_for(account))
    keepers.note_losses(at=NOON)

    for minutes in range(3):
        keepers.write_letters(at=NOON + minutes * HOUR)
        alerts.send_letters(at=NOON + minutes * HOUR)

    [letter] = mail.outbox
    assert letter.to == [account.email]
    assert words in letter.body
    assert f"/torrents/{release.pk}" in letter.body


def test_a_keeper_who_left_is_told_by_letter_too() -> None:
    leaver, keeper, release = make.viewer(), make.account(), make.published()
    for account_id in (leaver.user_id, keeper.pk):
        Pledge.objects.create(account_id=account_id or 0, release=release, at=NOON - DAY)
    keepers.set_pace(Pace.AT_ONCE, by=viewer_for(keeper))
    pledges.release_pledge(release.pk, by=leaver, at=NOON)

    keepers.write_letters(at=NOON)
    alerts.send_letters(at=NOON)

    assert [letter.to for letter in mail.outbox] == [[keeper.email]]


@pytest.mark.parametrize(
    ("pace", "hours"), [(Pace.NEVER, None), (Pace.DAILY, 24), (None, 24), (Pace.WEEKLY, 24 * 7)]
)
def test_letters_come_as_their_reader_wishes(pace: Pace | None, hours: int | None) -> None:
    account = make.account()
    pledge(account, swarm((5, 2), (2, 1)))
    if pace:
        keepers.set_pace(pace, by=viewer_for(account))
    keepers.note_losses(at=NOON)

    written = [hour for hour in range(24 * 8) if keepers.write_letters(at=NOON + hour * HOUR)]

    assert not written if hours is None else 0 < written[0] <= hours


def test_what_was_read_on_the_site_needs_no_letter() -> None:
    account = make.account()
    pledge(account, swarm((5, 2), (2, 1)))
    keepers.note_losses(at=NOON)
    pledges.see_lost_keepers(by=viewer_for(account), at=NOON)

    assert keepers.write_letters(at=NOON + 2 * DAY) == 0


def test_a_pace_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadPace):
        keepers.set_pace("hourly", by=make.viewer())
