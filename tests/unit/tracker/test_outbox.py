"""What a change writes for the data plane, in its own transaction."""

import pytest
from django.db import transaction

from bottin.accounts.signals import Change, tell
from bottin.tracker import outbox
from bottin.tracker.models import DeniedHash, Listing, ListingState, Outbox, OutboxKind
from bottin.tracker.outbox import ListingFacts
from tests.factories.tracker import listing, v1_hash

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, int | None]]:
    return list(Outbox.objects.values_list("kind", "subject_id"))


def test_a_listing_is_stored_and_told() -> None:
    outbox.list_release(listing(5, is_open=True, down_quarters=0))

    row = Listing.objects.get()
    assert (row.release_id, row.state, row.is_open) == (5, ListingState.PUBLISHED, True)
    assert row.info_hash_v1 == v1_hash(5)
    assert told() == [(OutboxKind.LISTING, 5)]


def test_a_listing_again_replaces_the_first() -> None:
    outbox.list_release(listing(5))

    outbox.list_release(listing(5, state=ListingState.PENDING))

    assert Listing.objects.get().state == ListingState.PENDING


def test_many_listings_take_few_statements(django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        outbox.list_releases(listing(i) for i in range(1, 1000))

    assert Listing.objects.count() == 999


def test_a_removed_release_keeps_its_row_and_its_reason() -> None:
    outbox.list_release(listing(5))

    outbox.delist_release(5, ListingState.REMOVED)

    assert Listing.objects.get().state == ListingState.REMOVED
    assert told() == [(OutboxKind.LISTING, 5)] * 2


def test_a_forgotten_release_leaves_no_row() -> None:
    outbox.list_release(listing(5))

    outbox.forget_release(5)

    assert not Listing.objects.exists()


@pytest.mark.parametrize("size", [20, 32])
def test_v2_04_a_denied_hash_is_cut_to_the_wire_form(size: int) -> None:
    outbox.deny(bytes(range(size)), "notice N-1")

    assert DeniedHash.objects.get().info_hash == bytes(range(20))


def test_a_permitted_hash_stays_known_as_lifted() -> None:
    outbox.deny(v1_hash(1), "notice N-1")

    outbox.permit(v1_hash(1))

    assert DeniedHash.objects.get().lifted_at is not None


def test_a_hash_denied_again_is_no_longer_lifted() -> None:
    outbox.deny(v1_hash(1), "notice N-1")
    outbox.permit(v1_hash(1))

    outbox.deny(v1_hash(1), "notice N-2")

    assert DeniedHash.objects.get().lifted_at is None


def test_a_change_that_is_rolled_back_tells_nothing() -> None:
    with transaction.atomic():
        outbox.list_release(listing())
        transaction.set_rollback(True)

    assert told() == []


def test_a_changed_account_is_told() -> None:
    with transaction.atomic():
        tell(Change(12, "account.key_renewed", 12))

    assert told() == [(OutboxKind.ACCOUNT, 12)]


@pytest.mark.parametrize(
    ("v1", "v2"), [(None, None), (bytes(19), None), (None, bytes(20)), (bytes(20), bytes(31))]
)
def test_a_listing_needs_info_hashes_of_the_right_size(v1: bytes | None, v2: bytes | None) -> None:
    with pytest.raises(ValueError, match="info-hash"):
        ListingFacts(1, v1, v2)


def test_a_denied_hash_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="20 bytes"):
        outbox.deny(bytes(21), "")
