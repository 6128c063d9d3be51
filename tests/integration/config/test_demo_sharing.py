"""What the demo's own clients share: drawn once, the same at each start."""

import pytest

from bottin.catalog.models import Release
from bottin.config.demo import sharing
from bottin.config.demo.works import all_works
from tests.factories import catalog

pytestmark = pytest.mark.django_db
CLIENTS = 6


@pytest.fixture
def releases() -> int:
    works = all_works()[:24]
    for work in works:
        catalog.published(title=work.title)
    return Release.objects.update(is_demo=True)


def test_the_demos_clients_share_the_same_at_each_start(releases: int) -> None:
    first, again = list(sharing.shares(CLIENTS)), list(sharing.shares(CLIENTS))
    assert first == again
    assert len(first) == releases


@pytest.mark.usefixtures("releases")
def test_each_release_that_is_fetched_has_somebody_who_has_it() -> None:
    drawn = list(sharing.shares(CLIENTS))
    assert all(share.seeders for share in drawn)
    assert any(share.fetchers for share in drawn)
    assert all(not set(share.seeders) & set(share.fetchers) for share in drawn)
    assert {number for share in drawn for number in share.seeders} <= set(range(CLIENTS))


def test_a_site_with_no_demo_content_has_nothing_to_share() -> None:
    assert list(sharing.shares(CLIENTS)) == []
