"""What an account reads of itself."""

from datetime import timedelta

import pytest

from bottin.ledger.models import Balance, LedgerEntry, PeerSession, Transfer
from tests.factories import catalog
from tests.factories.api import Caller

pytestmark = pytest.mark.django_db


def _give_entries(caller: Caller, count: int) -> None:
    assert caller.account is not None
    for number in range(count):
        LedgerEntry.objects.create(
            user_id=caller.account.pk, release_id=7, at=catalog.NOON, credited_up=100 + number
        )


def _give_transfer(caller: Caller, release_id: int, hours: int = 0) -> None:
    assert caller.account is not None
    at = catalog.NOON - timedelta(hours=hours)
    Transfer.objects.create(
        user_id=caller.account.pk, release_id=release_id, credited_up=5, first_at=at, last_at=at
    )


def test_totals_are_the_balance(member: Caller) -> None:
    assert member.account is not None
    Balance.objects.create(
        user_id=member.account.pk, raw_up=300, credited_up=600, credited_down=400, seed_time_s=60
    )

    totals = member.get("/me").json()["totals"]

    assert totals == {
        "raw_uploaded_bytes": 300,
        "raw_downloaded_bytes": 0,
        "uploaded_bytes": 600,
        "downloaded_bytes": 400,
        "ratio": 1.5,
        "seed_time_s": 60,
    }


def test_someone_who_never_shared_has_no_ratio(member: Caller) -> None:
    assert member.get("/me").json()["totals"]["ratio"] is None


def test_the_ledger_comes_newest_first_in_pages(member: Caller, other: Caller) -> None:
    _give_entries(member, 5)
    _give_entries(other, 2)

    first = member.get("/me/ledger", {"limit": 3}).json()
    rest = member.get("/me/ledger", {"limit": 3, "cursor": first["page"]["next"]}).json()

    shown = [row["uploaded_bytes"] for row in first["data"] + rest["data"]]
    assert shown == [104, 103, 102, 101, 100]
    assert rest["page"]["next"] is None
    assert first["data"][0]["release_id"] == "7"
    assert first["data"][0]["upload_factor"] == 1.0


def test_another_members_cursor_opens_nothing(member: Caller, other: Caller) -> None:
    _give_entries(member, 2)
    cursor = member.get("/me/ledger", {"limit": 1}).json()["page"]["next"]

    assert other.get("/me/ledger", {"cursor": cursor}).status_code == 422


def test_torrents_say_what_clients_do_now(member: Caller) -> None:
    assert member.account is not None
    release = catalog.published(title="Une chanson")
    _give_transfer(member, release.pk)

    before = member.get("/me/torrents").json()["data"][0]["now"]
    from django.utils import timezone

    PeerSession.objects.create(
        user_id=member.account.pk,
        release_id=release.pk,
        session=1,
        uploaded=0,
        downloaded=0,
        left=0,
        first_at=timezone.now(),
        last_at=timezone.now(),
    )
    row = member.get("/me/torrents").json()["data"][0]

    assert (before, row["now"]) == ("absent", "seeding")
    assert row["title"] == "Une chanson"
    assert row["release_id"] == str(release.pk)


def test_torrents_come_in_pages_the_latest_first(member: Caller) -> None:
    ids = [catalog.published().pk for _number in range(3)]
    for hours, release_id in enumerate(ids):
        _give_transfer(member, release_id, hours)

    first = member.get("/me/torrents", {"limit": 2}).json()
    rest = member.get("/me/torrents", {"limit": 2, "cursor": first["page"]["next"]}).json()

    shown = [row["release_id"] for row in first["data"] + rest["data"]]
    assert shown == [str(release_id) for release_id in ids]
    assert first["page"]["total"] == 3
