"""Pledges: made, held against what clients do, ended; the others are told."""

from datetime import timedelta

import pytest

from bottin.accounts.viewer import Viewer
from bottin.catalog.models import Release
from bottin.community import pledges, queries
from bottin.community.errors import BadOffer, NothingToPledge, PledgeUnknown, TooManyPledges
from bottin.community.models import Ending, LostKeeper, Pledge
from bottin.ledger.actions import apply_batch
from tests.factories import catalog as make
from tests.factories.catalog import NOON
from tests.factories.ledger import STOPPED, STREAM, fact

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def seed(member: Viewer, release: Release, position: int = 1, *, event: int = 0) -> None:
    """Let a client of the member announce that it has it all."""
    one = fact(
        position, user_id=member.user_id or 0, release_id=release.pk, left=0, event=event, second=0
    )
    apply_batch([one], stream=STREAM)


def test_a_pledge_is_made_once() -> None:
    member, release = make.viewer(), make.published()

    made = [pledges.make_pledges([release.pk, release.pk], by=member, at=NOON) for _ in range(2)]

    assert made == [1, 0]
    assert Pledge.objects.count() == 1


def test_what_is_not_published_cannot_be_pledged() -> None:
    with pytest.raises(NothingToPledge):
        pledges.make_pledges([make.pending().pk, 999_999], by=make.viewer(), at=NOON)


def test_pledges_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pledges, "PLEDGES_MAX", 1)
    releases = [make.published().pk for _ in range(2)]

    with pytest.raises(TooManyPledges):
        pledges.make_pledges(releases, by=make.viewer(), at=NOON)


@pytest.mark.parametrize("size_bytes", [0, 999_999_999, 10**15 + 1])
def test_an_offer_has_bounds(size_bytes: int) -> None:
    with pytest.raises(BadOffer):
        pledges.offer_space(size_bytes, by=make.viewer(), at=NOON)


def test_a_promise_says_what_the_clients_do() -> None:
    member, release = make.viewer(), make.published()
    pledges.make_pledges([release.pk], by=member, at=NOON)

    never = queries.promises(member)[0].state
    seed(member, release)
    seeding = queries.promises(member)[0].state
    seed(member, release, 2, event=STOPPED)

    assert [never, seeding, queries.promises(member)[0].state] == ["never", "seeding", "stopped"]


def test_a_kept_promise_is_noted_and_only_ones_own_client_keeps_it() -> None:
    keeper, idler, release = make.viewer(), make.viewer(), make.published()
    for member in (keeper, idler):
        pledges.make_pledges([release.pk], by=member, at=NOON)
    seed(keeper, release)

    pledges.note_kept(at=NOON)

    kept = dict(Pledge.objects.values_list("account_id", "kept_at"))
    assert kept == {keeper.user_id: NOON, idler.user_id: None}


def test_a_released_pledge_warns_the_other_keepers_only() -> None:
    leaver, other, release = make.viewer(), make.viewer(), make.published()
    for member in (leaver, other):
        pledges.make_pledges([release.pk], by=member, at=NOON)

    told = pledges.release_pledge(release.pk, by=leaver, at=NOON)

    assert told == 1
    assert [(one.account_id, one.left) for one in LostKeeper.objects.all()] == [(other.user_id, 1)]
    assert queries.lost_keepers(leaver) == []
    pledges.see_lost_keepers(by=other, at=NOON)
    assert queries.lost_keepers(other) == []


def test_nobody_ends_the_pledge_of_another() -> None:
    release = make.published()
    pledges.make_pledges([release.pk], by=make.viewer(), at=NOON)

    with pytest.raises(PledgeUnknown):
        pledges.release_pledge(release.pk, by=make.viewer(), at=NOON)


def test_a_pledge_not_kept_for_two_weeks_ends_once() -> None:
    idler, keeper, release = make.viewer(), make.viewer(), make.published()
    for member in (idler, keeper):
        pledges.make_pledges([release.pk], by=member, at=NOON - 15 * DAY)
    seed(keeper, release)
    pledges.note_kept(at=NOON)

    ended = [pledges.end_idle(at=NOON) for _ in range(2)]

    assert ended == [1, 0]
    assert Pledge.objects.get(account_id=idler.user_id or 0).ending == Ending.LAPSED
    assert [one.account_id for one in LostKeeper.objects.all()] == [keeper.user_id]


def test_a_release_can_be_pledged_again_after_its_end() -> None:
    member, release = make.viewer(), make.published()
    pledges.make_pledges([release.pk], by=member, at=NOON)
    pledges.release_pledge(release.pk, by=member, at=NOON)

    assert pledges.make_pledges([release.pk], by=member, at=NOON) == 1
    assert queries.pledged_releases(member) == (release,)
