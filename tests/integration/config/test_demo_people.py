"""The demo's logins are printed, so they open nothing once the site is no demo."""

from datetime import UTC, datetime

import pytest

from bottin.accounts.models import Account, AccountState
from bottin.audit.models import AuditEvent
from bottin.config.demo import people
from bottin.tracker.models import Outbox

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_outside_demo_mode_its_people_are_suspended_and_the_tracker_is_told() -> None:
    people.ensure_people(NOON)
    told = Outbox.objects.count()

    shut = people.shut(NOON)

    assert shut == len(people.PEOPLE)
    assert not Account.objects.filter(state=AccountState.ACTIVE).exists()
    assert Outbox.objects.count() == told + shut
    assert AuditEvent.objects.filter(action="account.suspended").count() == shut
    assert people.shut(NOON) == 0


def test_back_in_demo_mode_they_are_let_in_again() -> None:
    people.ensure_people(NOON)
    people.shut(NOON)

    there = people.ensure_people(NOON)

    assert len(there) == len(people.PEOPLE)
    assert not Account.objects.exclude(state=AccountState.ACTIVE).exists()
