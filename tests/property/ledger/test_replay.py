"""The ledger equals a simple replay of the journal, however it is cut and repeated."""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from bottin.ledger.actions import GRACE_S, apply_batch
from bottin.ledger.checks import differences
from bottin.ledger.models import Balance, Flag, LedgerEntry, PeerSession, Transfer
from bottin.tracker import site
from bottin.tracker.dataplane import LATE, Fact
from tests.factories.ledger import NOON_MS, STARTED, STOPPED, STREAM

pytestmark = pytest.mark.django_db

GAP_MAX_S = site.longest_interval_s() + GRACE_S
LINE_BYTES_A_MS = 1_250_000


@dataclass
class Sums:
    """What a member did with a release."""

    raw_up: int = 0
    raw_down: int = 0
    credited_up: int = 0
    credited_down: int = 0
    seed_time_s: int = 0
    completed_ms: int | None = None
    is_flagged: bool = False


@dataclass
class Session:
    """The state of one client, one fact after the other."""

    last: Fact
    up: int
    down: int
    generation: int = 0


@dataclass
class Replay:
    """The plain reading of the rules: no SQL, no batches."""

    sessions: dict[tuple[int, int, int], Session] = field(default_factory=dict)
    sums: dict[tuple[int, int], Sums] = field(default_factory=lambda: defaultdict(Sums))

    def add(self, fact: Fact) -> None:
        key = (fact.user_id, fact.release_id, fact.session)
        session = self.sessions.get(key)
        is_running = session is not None and session.last.event != STOPPED
        if fact.flags & LATE and not is_running:
            return
        total = self.sums[fact.user_id, fact.release_id]
        if session is None:
            self.sessions[key] = Session(fact, fact.uploaded, fact.downloaded)
            return
        is_believed = fact.event != STOPPED or fact.downloaded >= max(session.down, 1)
        has_finished = session.last.left > 0 and fact.left == 0 and is_believed
        self._credit(session, fact, total)
        self._seed(session.last, fact, total)
        if has_finished and total.completed_ms is None:
            total.completed_ms = fact.time_ms
        session.last = fact

    def _credit(self, session: Session, fact: Fact, total: Sums) -> None:
        has_fallen = fact.uploaded < session.up or fact.downloaded < session.down
        if fact.event == STARTED and has_fallen:
            session.up, session.down = fact.uploaded, fact.downloaded
            session.generation += 1
            return
        passed_ms = fact.time_ms - session.last.time_ms
        line_ms = passed_ms + 1000 if passed_ms >= 0 else GAP_MAX_S * 1000
        line = line_ms * LINE_BYTES_A_MS
        up = min(max(fact.uploaded - session.up, 0), line)
        down = min(max(fact.downloaded - session.down, 0), line)
        total.is_flagged |= fact.uploaded - session.up > line
        total.is_flagged |= fact.downloaded - session.down > line
        total.raw_up += up
        total.raw_down += down
        total.credited_up += up * fact.up_quarters // 4
        total.credited_down += down * fact.down_quarters // 4
        session.up = max(session.up, fact.uploaded)
        session.down = max(session.down, fact.downloaded)

    def _seed(self, last: Fact, fact: Fact, total: Sums) -> None:
        if last.event != STOPPED and last.left == 0 and fact.left == 0:
            gap_s = fact.time_ms // 1000 - last.time_ms // 1000
            total.seed_time_s += min(max(gap_s, 0), GAP_MAX_S)


counter = st.one_of(st.integers(0, 5_000), st.integers(0, 10**13), st.just(2**63 - 1))


@st.composite
def journals(draw: st.DrawFn) -> list[Fact]:
    """Facts of few members, releases and clients, so that they meet; time may step back."""
    now_ms = NOON_MS
    facts = []
    for position in range(draw(st.integers(1, 40))):
        now_ms += draw(st.integers(-5_000, 4_000_000))
        event = draw(st.integers(0, 3))
        facts.append(
            Fact(
                position=position,
                release_id=draw(st.integers(1, 2)),
                user_id=draw(st.integers(1, 2)),
                session=draw(st.sampled_from([1, 2**64 - 1])),
                event=event,
                flags=LATE if event == STOPPED and draw(st.booleans()) else 0,
                up_quarters=draw(st.sampled_from([0, 4, 8, 3])),
                down_quarters=draw(st.sampled_from([0, 2, 4])),
                uploaded=draw(counter),
                downloaded=draw(counter),
                left=draw(st.sampled_from([0, 0, 1, 500, 2**63 - 1])),
                time_ms=now_ms,
            )
        )
    return facts


def batches(facts: list[Fact], cuts: list[int]) -> Iterator[list[Fact]]:
    """Cut the journal, and hand in again a part of what was applied, as after a lost answer."""
    bounds = sorted({0, *(cut % len(facts) for cut in cuts), len(facts)})
    for start, end in itertools.pairwise(bounds):
        yield facts[start:end]
        yield facts[start // 2 : end]


@given(facts=journals(), cuts=st.lists(st.integers(0, 1000), max_size=6))
def test_the_ledger_is_a_replay_of_the_journal(facts: list[Fact], cuts: list[int]) -> None:
    replay = Replay()
    for fact in facts:
        replay.add(fact)

    with transaction.atomic():
        for batch in batches(facts, cuts):
            apply_batch(batch, stream=STREAM)

        assert transfers() == dict(replay.sums)
        assert sessions() == {
            key: (s.up, s.down, s.last.left, s.last.event != STOPPED, s.generation)
            for key, s in replay.sessions.items()
        }
        assert differences() == []
        transaction.set_rollback(True)


@given(facts=journals(), cuts=st.lists(st.integers(0, 1000), max_size=6))
def test_where_a_batch_ends_changes_no_sum(facts: list[Fact], cuts: list[int]) -> None:
    with transaction.atomic():
        apply_batch(facts, stream=STREAM)
        whole = transfers()
        transaction.set_rollback(True)

    with transaction.atomic():
        for batch in batches(facts, cuts):
            apply_batch(batch, stream=STREAM)
        cut = transfers()
        transaction.set_rollback(True)

    assert cut == whole
    assert not LedgerEntry.objects.exists()
    assert not Balance.objects.exists()


def transfers() -> dict[tuple[int, int], Sums]:
    """Read the stored sums in the form of the replay."""
    flagged = set(Flag.objects.values_list("user_id", "release_id"))
    return {
        (row.user_id, row.release_id): Sums(
            row.raw_up,
            row.raw_down,
            row.credited_up,
            row.credited_down,
            row.seed_time_s,
            _milliseconds(row.completed_at),
            (row.user_id, row.release_id) in flagged,
        )
        for row in Transfer.objects.all()
    }


def _milliseconds(at: datetime | None) -> int | None:
    if at is None:
        return None
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def sessions() -> dict[tuple[int, int, int], tuple[int, int, int, bool, int]]:
    """Read the stored baselines in the form of the replay."""
    return {
        (row.user_id, row.release_id, row.session % 2**64): (
            row.uploaded,
            row.downloaded,
            row.left,
            row.is_running,
            row.generation,
        )
        for row in PeerSession.objects.all()
    }
