"""The team's rules about clients: kept, written down, told to the data plane (ID-16)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from django.db import connection

from bottin.accounts.errors import NotAllowed
from bottin.accounts.permissions import Role
from bottin.accounts.viewer import Viewer, viewer_for
from bottin.audit.models import AuditEvent
from bottin.tracker import actions, queries
from bottin.tracker.errors import BadClientRule, ClientRuleGone
from bottin.tracker.follower import Follower
from bottin.tracker.models import ClientRule, ClientWelcome, Outbox, OutboxKind
from bottin.tracker.second_gate import SecondGate
from tests.factories.accounts import make_account
from tests.factories.tracker import RememberedPolicy

pytestmark = pytest.mark.django_db(transaction=True)

NOON: Final = datetime(2026, 5, 1, 12, tzinfo=UTC)
DENIED, WARNED, SERVED = ClientWelcome.DENIED, ClientWelcome.WARNED, ClientWelcome.FULL


@pytest.fixture
def staff() -> Viewer:
    """A super-moderator."""
    return viewer_for(make_account(role=Role.SUPER_MODERATOR))


@pytest.fixture
def rule(staff: Viewer) -> Callable[..., ClientRule]:
    """Write a rule as the team would."""

    def written(head: str, welcome: ClientWelcome = DENIED, reason: str = "why") -> ClientRule:
        return actions.set_client_rule(head, welcome, reason, by=staff, at=NOON)

    return written


@pytest.fixture
def policy() -> RememberedPolicy:
    return RememberedPolicy()


@pytest.fixture
def follower(policy: RememberedPolicy, tmp_path: Path) -> Follower:
    return Follower(policy, SecondGate(tmp_path / "denied"))


def kept() -> dict[str, tuple[int, str]]:
    return {one.head: (one.welcome, one.reason) for one in queries.client_rules()}


Rule = Callable[..., ClientRule]


def test_a_rule_is_kept_written_down_and_told(rule: Rule, staff: Viewer) -> None:
    rule("-qB43", reason="Versions dépassées : prenez la 4.6")

    assert kept() == {"-qB43": (2, "Versions depassees : prenez la 4.6")}
    line = AuditEvent.objects.latest("pk")
    assert (line.action, line.subject, line.actor_id) == (
        "clients.ruled", "clients:-qB43", staff.user_id,
    )  # fmt: skip
    assert (line.reason, line.detail["welcome"]) == ("Versions depassees : prenez la 4.6", "denied")
    assert Outbox.objects.latest("pk").kind == "clients"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MODERATOR])
def test_only_super_moderators_and_administrators_rule(role: Role) -> None:
    by = viewer_for(make_account(role=role))

    for refused in (
        lambda: actions.set_client_rule("-XL", DENIED, "why", by=by, at=NOON),
        lambda: actions.remove_client_rule(1, by=by),
        lambda: actions.serve_listed_only("why", by=by, at=NOON),
        lambda: actions.serve_unlisted(by=by),
    ):
        with pytest.raises(NotAllowed):
            refused()


@pytest.mark.parametrize(
    ("head", "welcome", "reason", "why"),
    [
        ("-", DENIED, "why", "client_head"),
        ("", DENIED, "why", "client_head"),
        ("-qB4650-1", DENIED, "why", "client_head"),
        ("-q B", DENIED, "why", "client_head"),
        ("-qé", DENIED, "why", "client_head"),
        ("-XL", DENIED, "  ", "client_why"),
        ("-XL", DENIED, "устарел", "client_why_letters"),
        ("-XL", WARNED, "x" * 121, "client_why_length"),
    ],
)
def test_what_the_data_plane_could_not_read_is_not_kept(
    rule: Rule, head: str, welcome: ClientWelcome, reason: str, why: str
) -> None:
    with pytest.raises(BadClientRule) as refused:
        rule(head, welcome, reason)

    assert refused.value.context["reason"] == why
    assert not Outbox.objects.filter(kind=OutboxKind.CLIENTS).exists()


def test_abuse_03_rules_are_bounded_and_one_may_still_be_changed(
    rule: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "RULES_MOST", 2)
    rule("-XL")
    rule("-UT")
    with pytest.raises(BadClientRule) as refused:
        rule("-AZ")
    assert refused.value.context == {"reason": "client_rules", "limit": 2}

    rule("-XL", WARNED, "")

    assert kept() == {"-XL": (1, ""), "-UT": (2, "why")}


def test_snapshot_and_changes_say_the_same(
    rule: Rule, staff: Viewer, follower: Follower, policy: RememberedPolicy, tmp_path: Path
) -> None:
    gone = rule("-UT")
    rule("-qB", SERVED, "")
    follower.follow()
    assert policy.clients == kept() == {"-UT": (2, "why"), "-qB": (0, "")}

    rule("-XL", reason="too old")
    rule("-qB", WARNED, "soon")
    actions.remove_client_rule(gone.pk, by=staff)
    actions.serve_listed_only("not on our list", by=staff, at=NOON)
    assert follower.follow()

    anew = RememberedPolicy()
    Follower(anew, SecondGate(tmp_path / "denied-too")).follow()
    assert policy.commits == 1
    assert anew.clients == policy.clients == kept()
    assert kept() == {
        "-XL": (2, "too old"), "-qB": (1, "soon"), "": (2, "not on our list"),
    }  # fmt: skip

    actions.serve_unlisted(by=staff)
    follower.follow()
    assert "" not in policy.clients


def test_a_change_of_something_else_leaves_the_rules_alone(
    rule: Rule, follower: Follower, policy: RememberedPolicy
) -> None:
    rule("-XL")
    follower.follow()
    policy.clients = {"-as": (1, "they were")}
    make_account()

    follower.follow()

    assert policy.clients == {"-as": (1, "they were")}


def test_nobody_is_left_out_by_mistake(rule: Rule, staff: Viewer) -> None:
    rule("-XL")
    with pytest.raises(BadClientRule) as refused:
        actions.serve_listed_only("why", by=staff, at=NOON)
    assert refused.value.context["reason"] == "client_none_allowed"
    assert "" not in kept()

    served = rule("-qB", SERVED, "")
    actions.serve_listed_only("why", by=staff, at=NOON)

    for leaves_nobody in (
        lambda: actions.remove_client_rule(served.pk, by=staff),
        lambda: rule("-qB", DENIED),
    ):
        with pytest.raises(BadClientRule):
            leaves_nobody()
    assert kept()["-qB"] == (0, "")


def test_what_was_written_again_meanwhile_is_not_removed(rule: Rule, staff: Viewer) -> None:
    seen = rule("-XL", reason="the first")
    rule("-XL", reason="the second")

    with pytest.raises(ClientRuleGone):
        actions.remove_client_rule(seen.pk, by=staff)

    assert kept() == {"-XL": (2, "the second")}


def test_the_rule_for_all_others_is_not_removed_as_one_of_them(rule: Rule, staff: Viewer) -> None:
    rule("-qB", SERVED, "")
    others = actions.serve_listed_only("why", by=staff, at=NOON)

    with pytest.raises(ClientRuleGone):
        actions.remove_client_rule(others.pk, by=staff)

    assert actions.serve_unlisted(by=staff)
    assert not actions.serve_unlisted(by=staff)


def test_two_of_the_team_at_once_keep_the_bound_and_lose_no_rule(
    staff: Viewer, monkeypatch: pytest.MonkeyPatch, follower: Follower, policy: RememberedPolicy
) -> None:
    monkeypatch.setattr(actions, "RULES_MOST", 10)
    both = threading.Barrier(2)

    def write(names: str) -> list[BadClientRule]:
        refused = []
        try:
            for letter in names:
                both.wait(10)
                for head in ("-XL", f"-{letter}{letter}"):
                    try:
                        actions.set_client_rule(head, DENIED, letter, by=staff, at=NOON)
                    except BadClientRule as error:
                        refused.append(error)
        finally:
            connection.close()
        return refused

    with ThreadPoolExecutor(2) as pool:
        refused = [error for told in pool.map(write, ["abcdef", "ghijkl"]) for error in told]

    assert len(kept()) == 10
    assert [error.context["reason"] for error in refused] == ["client_rules"] * 3
    follower.follow()
    assert policy.clients == kept()
