"""From a journal that the data plane wrote to balances: names, positions, gaps, pruning."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bottin.ledger import health, tasks
from bottin.ledger.errors import JournalGap
from bottin.ledger.models import JournalPosition
from bottin.ledger.queries import balance_of
from bottin.ledger.stream import stream_of
from bottin.tracker import site
from bottin.tracker.dataplane import (
    AccountRecord,
    DataPlane,
    KeyKind,
    PolicyChange,
    ReleaseRecord,
    announce_key,
    packed,
)
from tests.factories.tracker import v1_hash
from tests.integration.tracker.announcer import STARTED, Announce, UdpTracker

pytestmark = [pytest.mark.django_db, pytest.mark.loopback]

SECRET = bytes(range(32))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(site, "journal_folder", lambda: tmp_path / "journal")
    return tmp_path / "journal"


@pytest.fixture
def member(folder: Path) -> Iterator[UdpTracker]:
    """The way of member 7 to a tracker whose journal fills a segment with two facts."""
    plane = DataPlane(
        {
            "listen": ["127.0.0.1:0"],
            "key_secret": SECRET.hex(),
            "journal_dir": str(folder),
            "journal_segment_bytes": 192,
        }
    )
    releases = packed([ReleaseRecord(1, v1_hash(1), None, 1)])
    plane.load(PolicyChange(releases=releases, accounts=packed([AccountRecord(7, 1)])))
    plane.commit(1)
    port = int(plane.start()[0].rpartition(":")[2])
    way = UdpTracker(port, announce_key(SECRET, KeyKind.ACCOUNT, 7, 1), timeout_s=2)
    way.announce(Announce(v1_hash(1), b"-BT0001-a-client-abc", event=STARTED))
    yield way
    way.close()
    plane.stop(5)


def upload(way: UdpTracker, *counters: int) -> None:
    for uploaded in counters:
        way.announce(Announce(v1_hash(1), b"-BT0001-a-client-abc", uploaded=uploaded))


def test_what_was_announced_is_credited(member: UdpTracker) -> None:
    upload(member, 10, 30)

    tasks.apply_new_facts()

    assert balance_of(7).raw_up == 30


def test_a_second_pass_finds_nothing(member: UdpTracker) -> None:
    upload(member, 10)
    tasks.apply_new_facts()

    assert not tasks.apply_new_facts()
    assert balance_of(7).raw_up == 10


def test_a_full_batch_asks_to_be_called_again(
    member: UdpTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "BATCH", 2)
    upload(member, 10, 20, 30)

    assert [tasks.apply_new_facts() for _ in range(3)] == [True, True, False]
    assert balance_of(7).raw_up == 30


def test_without_a_journal_there_is_nothing_to_do() -> None:
    assert not tasks.apply_new_facts()
    assert tasks.prune_journal() == 0
    assert health.journal_lag() is None


def test_a_journal_keeps_its_name(member: UdpTracker, folder: Path) -> None:
    assert stream_of(folder) == stream_of(folder)
    assert stream_of(folder).startswith("main:")


def test_segments_are_pruned_once_applied_and_the_backup_window_is_over(
    member: UdpTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(member, 10, 20, 30, 40, 50)
    tasks.apply_new_facts()
    assert tasks.prune_journal() == 0

    monkeypatch.setattr(site, "journal_keep_s", lambda: -1)

    assert tasks.prune_journal() > 0
    upload(member, 60)
    tasks.apply_new_facts()
    assert balance_of(7).raw_up == 60


def test_facts_pruned_before_they_were_applied_stop_the_ledger(
    member: UdpTracker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "journal_keep_s", lambda: -1)
    upload(member, 10, 20, 30, 40, 50)
    tasks.apply_new_facts()
    tasks.prune_journal()
    JournalPosition.objects.update(position=0)  # a backup from before

    with pytest.raises(JournalGap):
        tasks.apply_new_facts()

    found = health.journal()
    assert found is not None
    assert found.lost > 0


def test_the_lag_is_that_of_the_oldest_fact(member: UdpTracker) -> None:
    upload(member, 10)
    lag = health.journal_lag()
    assert lag is not None
    assert lag.total_seconds() > 0
    found = health.journal()
    assert found is not None
    assert found.waiting == 2

    tasks.apply_new_facts()

    lag = health.journal_lag()
    assert lag is not None
    assert not lag


def test_jrn_05_a_journal_that_nobody_applies_is_an_alarm(member: UdpTracker) -> None:
    upload(member, 10)
    found = health.journal()
    assert found is not None
    assert not found.is_overfull

    assert replace(found, end=found.applied + 256 * 2**20 // 64 + 1).is_overfull
