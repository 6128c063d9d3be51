"""How late the index is, as `bottin doctor` tells it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bottin.catalog import actions
from bottin.search import tasks
from bottin.search.health import index_lag
from tests.factories import catalog as make
from tests.integration.tracker.ground import wait_until

pytestmark = pytest.mark.django_db


def test_without_an_index_there_is_no_lag_to_tell() -> None:
    assert index_lag() is None


@pytest.mark.django_db(transaction=True)
def test_an_index_that_was_just_built_is_not_late() -> None:
    make.published()

    def is_in_time() -> bool:
        tasks.index_changes()
        return index_lag() == timedelta()

    # Transactions of the neighbours hold back what may be called followed.
    wait_until(is_in_time, "the index has followed")


def test_the_lag_is_the_wait_of_the_oldest_change_that_was_not_followed() -> None:
    tasks.index_changes()
    hour_ago = timezone.now() - timedelta(hours=1)

    actions.touch([make.published().pk], at=hour_ago)

    lag = index_lag()
    assert lag is not None
    assert lag >= timedelta(hours=1)
