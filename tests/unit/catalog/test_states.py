"""The table of states is that of LAW-6."""

from bottin.catalog.states import NEEDS_REASON, NEXT, TOMBSTONES, ReleaseState, may_change

S = ReleaseState


def test_every_state_has_its_row() -> None:
    assert set(NEXT) == set(S)


def test_nothing_goes_back_to_a_draft_and_nothing_stands_still() -> None:
    assert all(S.DRAFT not in nexts and state not in nexts for state, nexts in NEXT.items())


def test_a_draft_is_published_through_the_queue_only() -> None:
    assert NEXT[S.DRAFT] == {S.PENDING}
    assert may_change(S.PENDING, S.PUBLISHED)


def test_what_left_the_list_comes_back_by_publication_only() -> None:
    for state in (S.REJECTED, S.WITHDRAWN, *TOMBSTONES):
        assert NEXT[state] == {S.PUBLISHED}


def test_whatever_hides_a_release_has_a_reason() -> None:
    assert set(S) - NEEDS_REASON == {S.DRAFT, S.PENDING, S.PUBLISHED}
