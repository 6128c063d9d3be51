"""Decisions on held credit and flags: by others only, once, with a remark, told in the audit."""

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from bottin.accounts.errors import NotAllowed
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import Viewer, viewer_for
from bottin.audit.models import AuditEvent
from bottin.ledger import queries as ledger
from bottin.ledger.actions import LOCK_KEY, apply_batch
from bottin.ledger.checks import differences
from bottin.ledger.errors import FlagUnknown, HoldDecided, HoldUnknown, LedgerRunsElsewhere
from bottin.ledger.models import Flag, FlagKind, Hold, LedgerEntry, PeerSession
from bottin.lib.errors import DomainError
from bottin.lib.paging import BadCursor
from bottin.moderation import actions, cases
from bottin.moderation.cases import Wanted
from bottin.moderation.errors import OwnCredit, RemarkMissing
from tests.factories import cases as make_case
from tests.factories import catalog as make
from tests.factories.cases import HELD, MB, NOON
from tests.factories.ledger import STARTED, STREAM, fact

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

ALL = Wanted()
SOMEBODY = 10**9 + 7  # no number that an account of a test has


def _moderator() -> Viewer:
    return make.viewer(Role.MODERATOR)


def _give_back(hold_id: int, by: Viewer, *, gives_back: bool = True, remark: str = "fine") -> Hold:
    return actions.decide_held_credit(hold_id, gives_back=gives_back, remark=remark, by=by, at=NOON)


def _close(flag_id: int, by: Viewer, *, is_fault: bool = False, remark: str = "a seedbox") -> Flag:
    return actions.close_flag(flag_id, is_fault=is_fault, remark=remark, by=by, at=NOON)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.TRUSTED_PUBLISHER])
def test_members_read_and_decide_nothing(role: Role) -> None:
    hold, flag = make_case.hold(SOMEBODY, 1), make_case.flag(SOMEBODY, 1)
    by = make.viewer(role)

    for forbidden in (
        lambda: _give_back(hold.pk, by),
        lambda: _close(flag.pk, by),
        lambda: cases.open_cases(by, ALL, at=NOON),
        lambda: cases.hold_with_evidence(hold.pk, by),
        lambda: cases.flag_with_evidence(flag.pk, by),
    ):
        with pytest.raises(NotAllowed):
            forbidden()
    assert cases.open_count(by) == 0
    assert ledger.open_holds() == [hold]


def test_a_moderators_own_token_decides_nothing() -> None:
    hold = make_case.hold(SOMEBODY, 1)
    by = viewer_for(make.account(Role.MODERATOR), scopes=frozenset({"read", "publish"}))

    with pytest.raises(NotAllowed):
        _give_back(hold.pk, by)


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMINISTRATOR])
def test_nobody_decides_on_their_own_account(role: Role) -> None:
    person = make.account(role)
    hold, flag = make_case.hold(person.pk, 1), make_case.flag(person.pk, 1)
    before = ledger.balance_of(person.pk)

    with pytest.raises(OwnCredit):
        _give_back(hold.pk, viewer_for(person))
    with pytest.raises(OwnCredit):
        _close(flag.pk, viewer_for(person))

    assert ledger.balance_of(person.pk) == before
    assert (ledger.open_holds(), ledger.open_flags()) == ([hold], [flag])


@pytest.mark.parametrize("remark", ["", "  \n\t "])
def test_a_decision_says_why(remark: str) -> None:
    hold, flag = make_case.hold(SOMEBODY, 1), make_case.flag(SOMEBODY, 1)
    by = _moderator()

    with pytest.raises(RemarkMissing):
        _give_back(hold.pk, by, remark=remark)
    with pytest.raises(RemarkMissing):
        _close(flag.pk, by, remark=remark)

    assert (ledger.open_holds(), ledger.open_flags()) == ([hold], [flag])
    assert not AuditEvent.objects.filter(action__startswith="ledger.").exists()


def test_what_does_not_exist_is_said_to_be_unknown() -> None:
    by = _moderator()

    with pytest.raises(HoldUnknown):
        _give_back(987_654, by)
    with pytest.raises(FlagUnknown):
        _close(987_654, by)
    with pytest.raises(HoldUnknown):
        cases.hold_with_evidence(987_654, by)
    with pytest.raises(FlagUnknown):
        cases.flag_with_evidence(987_654, by)


@pytest.mark.parametrize(
    ("gives_back", "action", "credit"),
    [(True, "ledger.hold_given_back", 300 * MB), (False, "ledger.hold_kept", 300 * MB - HELD)],
)
def test_byte_12_a_decision_moves_the_credit_and_is_in_the_audit(
    action: str, credit: int, *, gives_back: bool
) -> None:
    hold, by = make_case.hold(SOMEBODY, 1), _moderator()

    _give_back(hold.pk, by, gives_back=gives_back, remark=" another tracker ")

    assert ledger.balance_of(SOMEBODY).credited_up == credit
    assert differences() == []
    line = AuditEvent.objects.get(action=action)
    assert (line.actor_id, line.subject, line.reason) == (
        by.user_id,
        f"account:{SOMEBODY}",
        "another tracker",
    )
    assert line.detail == {"hold": hold.pk, "release": 1, "credited_bytes": str(HELD)}
    decided = cases.hold_with_evidence(hold.pk, by)
    assert (decided.is_open, decided.hold and decided.hold.remark) == (False, "another tracker")


def test_byte_11_a_closed_flag_moves_no_credit_and_is_in_the_audit() -> None:
    flag, by = make_case.flag(SOMEBODY, None), _moderator()

    _close(flag.pk, by, is_fault=True, remark="a modified client")

    assert not LedgerEntry.objects.exists()
    line = AuditEvent.objects.get(action="ledger.flag_closed")
    assert (line.subject, line.reason) == (f"account:{SOMEBODY}", "a modified client")
    assert line.detail == {
        "flag": flag.pk,
        "kind": "upload_without_leecher",
        "release": None,
        "found": "fault",
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["hold", "flag"])
def test_of_two_moderators_at_once_one_decides_and_the_other_is_told(kind: str) -> None:
    case = make_case.hold(SOMEBODY, 1) if kind == "hold" else make_case.flag(SOMEBODY, 1)
    team = [_moderator(), _moderator()]
    gate, outcomes = threading.Barrier(2), []
    decide: Callable[[int, Viewer], object] = _give_back if kind == "hold" else _close

    def one(by: Viewer) -> None:
        try:
            gate.wait()
            decide(case.pk, by)
            outcomes.append("decided")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(by,)) for by in team]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    told = HoldDecided.code if kind == "hold" else FlagUnknown.code
    assert sorted(outcomes) == sorted(["decided", told])
    assert LedgerEntry.objects.filter(kind="given").count() == (kind == "hold")
    assert AuditEvent.objects.filter(action__startswith="ledger.").count() == 1
    assert differences() == []


@pytest.mark.django_db(transaction=True)
def test_a_decision_waits_for_the_batch_at_work_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hold, by = make_case.hold(SOMEBODY, 1), _moderator()
    monkeypatch.setattr("bottin.ledger.actions.WAIT_S", 1)
    is_held, may_end = threading.Event(), threading.Event()

    def batch() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
            is_held.set()
            may_end.wait()
        connection.close()

    worker = threading.Thread(target=batch)
    worker.start()
    is_held.wait()

    with pytest.raises(LedgerRunsElsewhere):
        _give_back(hold.pk, by)
    threading.Timer(0.2, may_end.set).start()
    decided = _give_back(hold.pk, by)
    worker.join()

    assert decided.is_given_back
    apply_batch([fact(0, event=STARTED)], stream=STREAM)


def _places(page: cases.CasePage) -> list[tuple[str, int]]:
    return [(row.kind, row.user_id) for row in page.rows]


def test_open_cases_stand_oldest_first_with_names() -> None:
    person, release = make.account(), make.published(title="Chansons")
    make_case.flag(person.pk, release.pk)
    make_case.hold(person.pk, release.pk)
    make_case.flag(987_654, 987_654, at=NOON - timedelta(days=9))
    make_case.flag(8, None, resolved_at=NOON)
    by = _moderator()

    page = cases.open_cases(by, ALL, at=NOON)

    assert [(row.kind, row.member, row.title) for row in page.rows] == [
        ("upload_without_leecher", "", ""),
        ("hold", person.name, "Chansons"),
        ("upload_without_leecher", person.name, "Chansons"),
    ]
    assert (page.total, cases.open_count(by)) == (3, 3)


def test_cases_are_narrowed_by_kind_age_and_member() -> None:
    ada, bob = make.account(), make.account()
    make_case.hold(ada.pk, 1)
    make_case.flag(ada.pk, 1)
    make_case.flag(bob.pk, 1, at=NOON - timedelta(days=8))
    make_case.flag(bob.pk, 1, kind=FlagKind.GHOST_LEECHER, at=NOON - timedelta(days=2))
    by = _moderator()

    def found(**wanted: object) -> list[tuple[str, int]]:
        return _places(cases.open_cases(by, Wanted(**wanted), at=NOON))  # type: ignore[arg-type]

    assert found(kind="hold") == [("hold", ada.pk)]
    assert found(kind="ghost_leecher") == [("ghost_leecher", bob.pk)]
    assert found(older_d=7) == [("upload_without_leecher", bob.pk)]
    assert [user for _, user in found(member=ada.name.upper())] == [ada.pk, ada.pk]
    assert found(member="nobody") == []
    assert found(member=bob.name, older_d=1, kind="hold") == []


def test_pages_go_forth_and_back_over_rows_of_the_same_moment() -> None:
    for number in range(7):
        make_case.flag(100 + number, 1, at=NOON)
    for number in range(3):
        make_case.hold(100 + number, 1, at=NOON)
    by = _moderator()

    first = cases.open_cases(by, ALL, at=NOON, limit=4)
    second = cases.open_cases(by, ALL, at=NOON, limit=4, cursor=first.next_cursor)
    third = cases.open_cases(by, ALL, at=NOON, limit=4, cursor=second.next_cursor)
    back = cases.open_cases(by, ALL, at=NOON, limit=4, cursor=third.previous_cursor)

    places = [_places(page) for page in (first, second, third)]
    assert [len(page) for page in places] == [4, 4, 2]
    assert len({place for page in places for place in page}) == 10
    assert _places(back) == places[1]
    assert (first.previous_cursor, third.next_cursor) == (None, None)
    assert cases.open_cases(by, ALL, at=NOON, cursor=second.previous_cursor, limit=4) == first


def test_a_cursor_is_good_for_its_own_list_only() -> None:
    for number in range(3):
        make_case.flag(number + 1, 1)
    by = _moderator()
    cursor = cases.open_cases(by, ALL, at=NOON, limit=1).next_cursor

    for wanted, forged in ((Wanted(kind="hold"), cursor), (ALL, "forged"), (ALL, "é")):
        with pytest.raises(BadCursor):
            cases.open_cases(by, wanted, at=NOON, cursor=forged)


def test_the_evidence_names_clients_shares_and_what_was_found_before() -> None:
    person, other, release = make.account(), make.account(), make.published()
    by = make.account(Role.MODERATOR)
    hold = make_case.hold(person.pk, release.pk)
    make_case.hold(other.pk, release.pk, raw_up=50 * MB)
    make_case.hold(other.pk, release.pk, begins_at=NOON, raw_up=1)
    earlier = make_case.flag(person.pk, release.pk)
    _close(earlier.pk, viewer_for(by), is_fault=True, remark="a modified client")
    past_hold = make_case.hold(person.pk, 987_654, begins_at=NOON)
    _give_back(past_hold.pk, viewer_for(by))
    PeerSession.objects.create(
        user_id=person.pk,
        release_id=release.pk,
        session=1,
        uploaded=9,
        downloaded=0,
        left=0,
        first_at=NOON,
        last_at=NOON,
        client="-qB4650-",
    )

    found = cases.hold_with_evidence(hold.pk, viewer_for(by))

    assert [(one.client, one.uploaded) for one in found.sessions] == [("qBittorrent 4.6.5", 9)]
    assert found.others == ((other.name, 50 * MB),)
    assert {(past.kind, past.is_against, past.decided_by) for past in found.past} == {
        ("upload_without_leecher", True, by.name),
        ("hold", False, by.name),
    }
    assert found.account == person
    assert found.transfer is not None
    assert found.transfer.raw_up == 300 * MB
    assert found.is_open
