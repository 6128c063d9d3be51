"""PostgreSQL packs policy records exactly as the facade does."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from bottin.accounts.models import Account
from bottin.tracker import actions, outbox, snapshot
from bottin.tracker.dataplane import (
    AccountRecord,
    AccountState,
    Count,
    PolicyChange,
    ReleaseRecord,
    packed,
)
from bottin.tracker.models import ListingState
from bottin.tracker.outbox import ListingFacts

pytestmark = pytest.mark.django_db

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
quarters = st.integers(0, 15)
digest20 = st.binary(min_size=20, max_size=20).filter(any)
digest32 = st.binary(min_size=32, max_size=32).filter(any)


@st.composite
def release_records(draw: st.DrawFn) -> ReleaseRecord:
    v1 = draw(st.none() | digest20)
    return ReleaseRecord(
        release_id=draw(st.integers(1, 2**31 - 1)),
        info_hash_v1=v1,
        info_hash_v2=draw(digest32 if v1 is None else st.none() | digest32),
        state=draw(st.sampled_from(ListingState)),
        is_open=draw(st.booleans()),
        up_quarters=draw(quarters),
        down_quarters=draw(quarters),
        completed_open=draw(st.integers(0, 2**30 - 1)),
        completed_members=draw(st.integers(0, 2**30 - 1)),
    )


@given(st.lists(release_records(), max_size=5, unique_by=lambda r: r.release_id))
def test_releases(records: list[ReleaseRecord]) -> None:
    with transaction.atomic():
        outbox.list_releases(
            ListingFacts(
                r.release_id,
                r.info_hash_v1,
                r.info_hash_v2,
                ListingState(r.state),
                r.is_open,
                r.up_quarters,
                r.down_quarters,
            )
            for r in records
        )
        actions.store_counts(Count(r.release_id, 1, 1, r.completed_open) for r in records)
        actions.count_finished({r.release_id: r.completed_members for r in records})

        whole = read_all()
        by_name = named_releases([r.release_id for r in records])
        transaction.set_rollback(True)

    records.sort(key=lambda record: record.release_id)
    expected = packed(records)
    assert whole.releases == expected
    assert sorted(cut(by_name, 68)) == sorted(cut(expected, 68))


@given(
    st.lists(
        st.builds(
            AccountRecord,
            user_id=st.integers(1, 2**40 - 1),
            key_version=st.integers(0, 2**15 - 1),
            previous_key_version=st.integers(0, 2**15 - 1),
            grace_until=st.just(0) | st.integers(1, 4_000_000_000),
            state=st.sampled_from(AccountState),
            language=st.sampled_from([0, 1]),
        ),
        max_size=5,
        unique_by=lambda a: a.user_id,
    )
)
def test_accounts(records: list[AccountRecord]) -> None:
    states = {0: "active", 1: "suspended", 2: "closed"}
    with transaction.atomic():
        Account.objects.bulk_create(
            Account(
                pk=a.user_id,
                name=f"m{a.user_id}",
                name_skeleton=f"m{a.user_id}",
                email=f"{a.user_id}@example.org",
                key_version=a.key_version,
                previous_key_version=a.previous_key_version,
                key_grace_until=EPOCH + timedelta(seconds=a.grace_until) if a.grace_until else None,
                state=states[a.state],
                is_active=a.state == AccountState.ACTIVE,
                language="en" if a.language else "fr",
            )
            for a in records
        )
        whole = read_all()
        transaction.set_rollback(True)

    rights = {AccountState.ACTIVE: 3}
    expected = [
        AccountRecord(
            a.user_id,
            a.key_version,
            a.previous_key_version,
            a.grace_until,
            a.state,
            rights.get(a.state, 0),
            a.language,
        )
        for a in sorted(records, key=lambda a: a.user_id)
    ]
    assert whole.accounts == packed(expected)


def test_what_is_gone_is_to_be_forgotten() -> None:
    assert named_releases([9]) == ReleaseRecord(9, None, None, 0).packed()


def read_all() -> PolicyChange:
    with snapshot.binary_cursor(connection.connection) as cursor:
        parts = list(snapshot.read_all(cursor))
    return PolicyChange(
        releases=b"".join(part.releases for part in parts),
        accounts=b"".join(part.accounts for part in parts),
    )


def named_releases(ids: list[int]) -> bytes:
    connection.ensure_connection()
    with snapshot.binary_cursor(connection.connection) as cursor:
        return snapshot.read_releases(cursor, ids)


def cut(block: bytes, size: int) -> list[bytes]:
    return [block[i : i + size] for i in range(0, len(block), size)]
