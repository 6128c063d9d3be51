"""What clients were refused: few lines a member, counters for the team, no address."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bottin.tracker import clients, notices
from bottin.tracker.dataplane import IPV6, Notice
from bottin.tracker.models import AnnounceNotice, NoticeTotal
from bottin.tracker.notices import Total

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)


def notice(user_id: int = 7, code: str = "unlisted", subject: int = 3, times: int = 1) -> Notice:
    return Notice(user_id, code, subject, times, NOON_MS, b"-qB4650-", IPV6 | 16)


@pytest.mark.django_db
def test_a_member_sees_what_was_told_last_how_often_and_by_which_way() -> None:
    notices.store_notices([notice(), notice(), notice(subject=-99, times=4)], at=NOON)
    notices.store_notices([notice(times=2)], at=NOON)

    found = {one.release_id: one for one in notices.notices_of(7)}

    assert (found[3].times, found[None].times) == (4, 4)
    assert found[3].last_at == NOON
    assert (found[3].client, found[3].protocol, found[3].family) == (
        "qBittorrent 4.6.5",
        "HTTP",
        "IPv6",
    )


@pytest.mark.django_db
def test_abuse_03_a_member_has_so_many_lines_and_no_more() -> None:
    for at in range(3):
        told = [notice(subject=-1 - 100 * at - i) for i in range(30)]
        notices.store_notices(told, at=NOON)

    assert AnnounceNotice.objects.count() == notices.MOST_OF_ONE


@pytest.mark.django_db
def test_the_team_sees_totals_by_reason_and_make_of_strangers_too() -> None:
    strange = notice(user_id=0, code="key_wrong", times=5)._replace(client=bytes(range(8)))
    told = [notice(), notice(user_id=8), notice(user_id=0, code="key_wrong", times=3), strange]
    notices.store_notices(told, at=NOON)

    assert notices.totals(since=date(2026, 6, 1)) == [
        Total("key_wrong", "", 5),
        Total("key_wrong", "qBittorrent", 3),
        Total("unlisted", "qBittorrent", 2),
    ]
    assert notices.notices_of(0) == []


@pytest.mark.django_db
def test_what_is_old_is_forgotten() -> None:
    notices.store_notices([notice()], at=NOON)

    assert notices.forget_notices(before=NOON + timedelta(days=1)) == 1
    assert notices.totals(since=date(2026, 1, 1)) == []


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("-qB4650-", "qBittorrent 4.6.5"),
        ("-TR4000-", "Transmission 4.0"),
        ("A2-1-36-", "aria2 1.36"),
        ("-XY1A00-", "XY 1.10"),
        ("random!!", ""),
        ("", ""),
    ],
)
def test_a_client_has_the_name_that_people_know(head: str, name: str) -> None:
    assert clients.shown(head) == name


@pytest.mark.django_db
def test_each_day_is_added_up_and_quiet_ones_are_zeros() -> None:
    day = date(2026, 6, 1)
    for passed, make in ((0, "qB"), (0, "TR"), (2, "qB"), (3, "qB")):
        NoticeTotal.objects.create(
            day=day - timedelta(days=passed), code="unlisted", make=make, times=5
        )

    assert [one.times for one in notices.by_day(3, today=day)] == [5, 0, 10]
    assert notices.by_day(3, today=day)[-1].day == day
