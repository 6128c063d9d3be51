"""What a tracker counts and should not is said by the doctor, the worst first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bottin.config import doctor, env
from bottin.tracker.models import TrackerNode

pytestmark = pytest.mark.django_db


def examined() -> doctor.Finding:
    (check,) = (check for check in doctor.CHECKS if check.name == "tracker")
    return check.run(env.load())


def node(name: str, *, heard_ago: timedelta = timedelta(), **statistics: int) -> None:
    now = timezone.now()
    TrackerNode.objects.create(
        name=name, seen_at=now - heard_ago, started_at=now, statistics=statistics
    )


def test_a_tracker_without_trouble_is_well() -> None:
    node("main", peers=12, journal_backlog=0)

    assert examined() == doctor.Finding(doctor.Status.OK, "1 live, 12 peers.")


@pytest.mark.parametrize(
    ("counter", "status"),
    [
        ("journal_dropped", "FAIL"),
        ("journal_backlog", "FAIL"),
        ("journal_errors", "WARN"),
        ("threads_died", "WARN"),
    ],
)
def test_a_trouble_is_said_with_its_number_and_what_to_do(counter: str, status: str) -> None:
    node("well", peers=1)
    node("ill", heard_ago=timedelta(), **{counter: 7})

    found = examined()

    assert (found.status, found.says.startswith("ill: 7 ")) == (status, True)
    assert found.remedy


def test_the_worst_is_said_first() -> None:
    node("main", threads_died=1, journal_errors=9, journal_dropped=3)

    assert examined().says == "main: 3 facts given up: the disk takes none."


def test_a_tracker_that_is_gone_has_no_troubles_left() -> None:
    node("gone", heard_ago=timedelta(hours=1), journal_dropped=3)

    assert examined().status == "OK"
